package org.deuterium.system;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Counters that only grow, and readers that check each of them for linearizability (Herlihy and Wing 1990): a read shows
 * at least what was acknowledged, and what any other read had shown, before it began, and at most what somebody had
 * tried to write before it ended.
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
    private final AtomicLongArray attempted = new AtomicLongArray(REGISTERS);
    private final AtomicLongArray known = new AtomicLongArray(REGISTERS);
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
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
            for (int register = 0; register < REGISTERS; register++) {
                statement.execute("INSERT INTO REGISTERS VALUES(" + register + ", 0)");
            }
        }
    }

    /** Starts a writer for each register, and the readers of each node. */
    void start() {
        for (int register = 0; register < REGISTERS; register++) {
            int own = register;
            run("register-writer-" + own, () -> write(own));
        }
        for (int node = 0; node < nodeUrls.size(); node++) {
            for (int reader = 0; reader < READERS_OF_A_NODE; reader++) {
                String url = nodeUrls.get(node);
                Random random = new Random(seed * 97 + node * 31L + reader);
                int longestPauseMillis = 1 + reader * PAUSE_STEP_MILLIS;
                run("register-reader-" + node + "-" + reader, () -> read(url, random, longestPauseMillis));
            }
        }
    }

    private void run(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        threads.add(thread);
        thread.start();
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

    String summary() {
        return writes.get() + " writes and " + reads.get() + " reads of registers";
    }

    private void write(int register) {
        for (int node = register; !stopping; node++) {
            try (Connection connection = DriverManager.getConnection(nodeUrls.get(node % nodeUrls.size()));
                    PreparedStatement statement =
                            connection.prepareStatement("UPDATE REGISTERS SET V = ? WHERE K = ? AND V < ?")) {
                while (!stopping) {
                    writeNext(statement, register);
                    pause(5);
                }
            } catch (SQLException e) {
                pause(50);
            }
        }
    }

    private void writeNext(PreparedStatement statement, int register) throws SQLException {
        long value = attempted.incrementAndGet(register);
        statement.setLong(1, value);
        statement.setInt(2, register);
        statement.setLong(3, value);
        // An earlier write whose outcome is unknown may come late, but never over this one: the condition forbids it.
        if (statement.executeUpdate() != 1) {
            violations.add("register " + register + " already held more than the newest value " + value);
        }
        raise(register, value);
        writes.incrementAndGet();
    }

    private void read(String url, Random random, int longestPauseMillis) {
        while (!stopping) {
            try (Connection connection = DriverManager.getConnection(url);
                    PreparedStatement statement = connection.prepareStatement("SELECT V FROM REGISTERS WHERE K = ?")) {
                while (!stopping) {
                    readOne(statement, random.nextInt(REGISTERS), url);
                    pause(20 + random.nextInt(longestPauseMillis));
                }
            } catch (SQLException e) {
                pause(200);
            }
        }
    }

    private void readOne(PreparedStatement statement, int register, String url) throws SQLException {
        long atLeast = known.get(register);
        long begun = System.nanoTime();
        statement.setInt(1, register);
        long value;
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            value = row.getLong(1);
        }
        long atMost = attempted.get(register);
        if (value < atLeast || value > atMost) {
            violations.add("a read of register " + register + " through " + url + " that took "
                    + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) + " ms showed " + value
                    + ", outside of " + atLeast + " to " + atMost);
        }
        raise(register, value);
        reads.incrementAndGet();
    }

    private void raise(int register, long value) {
        known.accumulateAndGet(register, value, Math::max);
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

    /** What every register holds in the end must be the last write acknowledged, or a later attempt. */
    @Nullable
    String lost() throws SQLException {
        try (Connection connection = DriverManager.getConnection(nodeUrls.get(0));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT K, V FROM REGISTERS")) {
            while (rows.next()) {
                if (rows.getLong(2) < known.get(rows.getInt(1))) {
                    return "register " + rows.getInt(1) + " holds " + rows.getLong(2) + ", less than "
                            + known.get(rows.getInt(1));
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
