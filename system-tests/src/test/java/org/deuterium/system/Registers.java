package org.deuterium.system;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.system.Register.Loss;
import org.deuterium.wire.PartitionId;

/**
 * Counters that only grow, and readers that check each of them for linearizability (Herlihy and Wing 1990): a read shows
 * at least what was acknowledged, and what any other read had shown, before it began, and at most what somebody had
 * tried to write before it ended. Half of the readers ask the tail of a chain, where there is one.
 *
 * <p>Each write replaces the value that its writer takes to be there, so that it finds every write of its own that was
 * acknowledged and is gone, also one that later writes would cover up.
 *
 * <p>Many readers sit at each node and read now and then, so that some ask a node that stands still (SIGSTOP) after
 * another one has taken over; their answers come when it wakes up, and must not be what it remembers.
 */
final class Registers implements AutoCloseable {

    private static final int REGISTERS = 6;
    private static final int READERS_OF_A_NODE = 8;

    /** The first reader of a node hardly pauses; the others ask more and more rarely. */
    private static final int PAUSE_STEP_MILLIS = 2_000;

    private final List<String> nodeUrls;
    private final long seed;
    private final Map<Integer, Register> registers = new TreeMap<>();

    /** One more register of each partition, for {@link #writeAlone}. */
    private Map<PartitionId, Integer> spares = Map.of();

    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Loss> losses = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean mayLose;
    private volatile boolean stopping;

    /** @param nodeUrls one for each node, which leads to that node alone */
    Registers(List<String> nodeUrls, long seed) {
        this.nodeUrls = List.copyOf(nodeUrls);
        this.seed = seed;
    }

    void createTable(String partitionClause) throws SQLException {
        try (Connection connection = DriverManager.getConnection(nodeUrls.get(0));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE REGISTERS(K INT PRIMARY KEY, V BIGINT NOT NULL)" + partitionClause);
            for (int key = 0; key < REGISTERS; key++) {
                registers.put(key, new Register(key));
            }
            spares = PartitionKeys.find(statement, "REGISTERS", REGISTERS);
            spares.values().forEach(key -> registers.put(key, new Register(key)));
            for (int key : registers.keySet()) {
                statement.execute("INSERT INTO REGISTERS VALUES(" + key + ", 0)");
            }
        }
    }

    /** From now on what is acknowledged may be lost (ASYNC), or may not be lost any more. */
    void mayLose(boolean mayLose) {
        this.mayLose = mayLose;
    }

    /** Starts a writer for each register, and the readers of each node. */
    void start() {
        for (int key = 0; key < REGISTERS; key++) {
            Register own = register(key);
            run("register-writer-" + key, () -> write(own));
        }
        for (int node = 0; node < nodeUrls.size(); node++) {
            for (int reader = 0; reader < READERS_OF_A_NODE; reader++) {
                String url = nodeUrls.get(node) + (reader % 2 == 0 ? "" : "&readPreference=tail");
                Random random = new Random(seed * 97 + node * 31L + reader);
                int longestPauseMillis = 1 + reader * PAUSE_STEP_MILLIS;
                run("register-reader-" + node + "-" + reader, () -> read(url, random, longestPauseMillis));
            }
        }
    }

    private Register register(int key) {
        Register register = registers.get(key);
        if (register == null) {
            throw new IllegalStateException("there is no register " + key);
        }
        return register;
    }

    private void run(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        threads.add(thread);
        thread.start();
    }

    /** Writes the spare register of a partition through one node, without a pause, until that node is gone. */
    Thread writeAlone(PartitionId partition, String url) {
        Register register = register(spares.get(partition));
        Thread thread = new Thread(
                () -> {
                    try (Connection connection = DriverManager.getConnection(url)) {
                        writeAll(connection, register, 0);
                    } catch (SQLException e) { // as was meant; what was acknowledged before is known
                        register.held = Register.UNKNOWN;
                    }
                },
                "register-writer-alone");
        thread.start();
        return thread;
    }

    void stop() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            if (thread.isAlive()) {
                violations.add(thread.getName() + " did not stop within 60 s: " + List.of(thread.getStackTrace()));
            }
        }
        threads.clear();
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    /** Every write that was acknowledged and then was not there. */
    List<Loss> losses() {
        return List.copyOf(losses);
    }

    String summary() {
        return writes.get() + " writes and " + reads.get() + " reads of registers";
    }

    private void write(Register register) {
        for (int node = register.key; !stopping; node++) {
            try (Connection connection = DriverManager.getConnection(nodeUrls.get(node % nodeUrls.size()))) {
                writeAll(connection, register, 5);
            } catch (SQLException e) {
                register.held = Register.UNKNOWN;
                pause(50);
            }
        }
    }

    private void writeAll(Connection connection, Register register, int pauseMillis) throws SQLException {
        try (PreparedStatement update =
                        connection.prepareStatement("UPDATE REGISTERS SET V = ? WHERE K = ? AND V = ?");
                PreparedStatement query = connection.prepareStatement("SELECT V FROM REGISTERS WHERE K = ?")) {
            while (!stopping) {
                writeNext(update, query, register);
                pause(pauseMillis);
            }
        }
    }

    private void writeNext(PreparedStatement update, PreparedStatement query, Register register) throws SQLException {
        if (register.held == Register.UNKNOWN) {
            look(query, register);
        }
        long before = register.held;
        long value = register.attempted.incrementAndGet();
        boolean couldLose = mayLose;
        register.held = Register.UNKNOWN;
        update.setLong(1, value);
        update.setInt(2, register.key);
        update.setLong(3, before);
        if (update.executeUpdate() == 1) {
            register.acknowledged(value, couldLose || mayLose);
            writes.incrementAndGet();
            return;
        }
        // An earlier write whose outcome was unknown has come late, or something was lost.
        look(query, register);
        if (register.held == value || register.held == before && !mayLose) {
            violations.add("no row changed when register " + register.key + " was to be " + value + " instead of "
                    + before + ", and it holds " + register.held);
        }
    }

    private void look(PreparedStatement query, Register register) throws SQLException {
        losses.addAll(register.holds(valueOf(query, register.key)));
    }

    private long valueOf(PreparedStatement query, int key) throws SQLException {
        query.setInt(1, key);
        try (ResultSet row = query.executeQuery()) {
            if (!row.next()) {
                violations.add("the row of register " + key + " is gone");
                return 0;
            }
            return row.getLong(1);
        }
    }

    private void read(String url, Random random, int longestPauseMillis) {
        while (!stopping) {
            try (Connection connection = DriverManager.getConnection(url);
                    PreparedStatement statement = connection.prepareStatement("SELECT V FROM REGISTERS WHERE K = ?")) {
                while (!stopping) {
                    readOne(statement, register(random.nextInt(REGISTERS)), url);
                    pause(20 + random.nextInt(longestPauseMillis));
                }
            } catch (SQLException e) {
                pause(200);
            }
        }
    }

    private void readOne(PreparedStatement statement, Register register, String url) throws SQLException {
        long atLeast = register.known.get();
        long begun = System.nanoTime();
        long value = valueOf(statement, register.key);
        long atMost = register.attempted.get();
        if (value < atLeast && !mayLose || value > atMost) {
            violations.add("a read of register " + register.key + " through " + url + " that took "
                    + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) + " ms showed " + value
                    + ", outside of " + atLeast + " to " + atMost);
        }
        register.known.accumulateAndGet(value, Math::max);
        reads.incrementAndGet();
    }

    private void pause(int millis) {
        for (int slept = 0; slept < millis && !stopping; slept += 100) {
            try {
                TimeUnit.MILLISECONDS.sleep(Math.min(100, millis - slept));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Looks at every register once more, after {@link #stop}: what is missing is then among the losses. */
    void lookAtTheEnd() throws SQLException {
        lookAt(registers.keySet());
    }

    /** Looks at what {@link #writeAlone} has written, after its thread has ended. */
    void lookAtSpares() throws SQLException {
        lookAt(spares.values());
    }

    private void lookAt(Collection<Integer> keys) throws SQLException {
        for (int key : keys) {
            Register register = register(key);
            Patience.until(() -> lookAt(register));
            if (register.held > register.attempted.get()) {
                violations.add("register " + register.key + " holds " + register.held + ", which nobody wrote");
            }
        }
    }

    private long lookAt(Register register) throws SQLException {
        try (Connection connection = DriverManager.getConnection(nodeUrls.get(0));
                PreparedStatement query = connection.prepareStatement("SELECT V FROM REGISTERS WHERE K = ?")) {
            look(query, register);
            return register.held;
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
