package org.deuterium.system;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Writers whose every outcome is written down, so that after any failure it can be said of each transaction whether it
 * had to be there, could be there, or must not be there.
 *
 * <p>A transaction moves money between two of a region's few accounts (so that writers wait for each other's rows),
 * counts itself in its writer's progress row and inserts a ledger row with an id of its own. Acknowledged: the ledger
 * row must be there. Rolled back: it must not. Unknown (08007): either. Applied twice or by half: progress and ledger
 * disagree, or the sum of balances changes.
 */
final class LedgerLoad implements AutoCloseable {

    private static final int REGIONS = 6;
    private static final int ACCOUNTS = 3;
    private static final long MONEY = 1_000;

    /** What is waited before a connection is tried again. */
    private static final int PAUSE_MILLIS = 20;

    /** What a writer waits between two transactions; more than 0 where several of these loads share a machine. */
    private static final int THINK_MILLIS = Integer.getInteger("deuterium.ledger.think", 0);

    private final List<String> urls;
    private final int writers;
    private final long seed;
    private final List<Thread> threads = new ArrayList<>();
    private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<Long> unknown = ConcurrentHashMap.newKeySet();
    private final Set<Long> rolledBack = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> surprises = new ConcurrentLinkedQueue<>();
    private final ConcurrentHashMap<String, AtomicLong> failuresByState = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(1);
    private final AtomicLongArray acknowledgedOfRegion = new AtomicLongArray(REGIONS);

    /** Acknowledged while the ack rule allowed that they are lost. */
    private final Set<Long> losable = ConcurrentHashMap.newKeySet();

    private volatile boolean mayLose;
    private volatile boolean stopping;

    LedgerLoad(String url, int writers, long seed) {
        this(List.of(url), writers, seed);
    }

    /** @param urls writers begin with different ones, and each takes the next one when its connection fails */
    LedgerLoad(List<String> urls, int writers, long seed) {
        this.urls = List.copyOf(urls);
        this.writers = writers;
        this.seed = seed;
    }

    /** Makes the tables; {@code partitionClause} is appended where rows are spread by region ("" on one H2). */
    void createTables(String partitionClause) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE ACCOUNTS(REGION INT, ID INT, BALANCE BIGINT NOT NULL,"
                    + " PRIMARY KEY(REGION, ID))" + partitionClause);
            statement.execute("CREATE TABLE PROGRESS(REGION INT, WRITER INT, DONE BIGINT NOT NULL,"
                    + " PRIMARY KEY(REGION, WRITER))" + partitionClause);
            statement.execute("CREATE TABLE LEDGER(REGION INT, ID BIGINT, WRITER INT, AMOUNT BIGINT,"
                    + " PRIMARY KEY(REGION, ID))" + partitionClause);
            statement.execute("CREATE INDEX LEDGER_WRITER ON LEDGER(WRITER)");
            for (int region = 0; region < REGIONS; region++) {
                for (int account = 0; account < ACCOUNTS; account++) {
                    statement.execute("INSERT INTO ACCOUNTS VALUES(" + region + "," + account + "," + MONEY + ")");
                }
                for (int writer = 0; writer < writers; writer++) {
                    statement.execute("INSERT INTO PROGRESS VALUES(" + region + "," + writer + ",0)");
                }
            }
        }
    }

    /** Starts the writers; they go on through failures until {@link #stop}. */
    void start() {
        stopping = false;
        for (int writer = 0; writer < writers; writer++) {
            int number = writer;
            Thread thread = new Thread(() -> write(number), "ledger-writer-" + number);
            threads.add(thread);
            thread.start();
        }
    }

    /** Stops the writers and waits for what they are doing. */
    void stop() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            if (thread.isAlive()) {
                surprises.add(thread.getName() + " did not stop within 60 s: " + List.of(thread.getStackTrace()));
            }
        }
        threads.clear();
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    /** Waits until so many more transactions were acknowledged than {@code before}; false after the time is up. */
    boolean awaitAcknowledged(int before, int more, long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (acknowledged.size() < before + more) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return true;
    }

    /**
     * Waits until so many more transactions of every region were acknowledged, so that no partition stands still; false
     * after the time is up.
     */
    boolean awaitEachRegion(int more, long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        long[] enough = new long[REGIONS];
        for (int region = 0; region < REGIONS; region++) {
            enough[region] = acknowledgedOfRegion.get(region) + more;
        }
        for (int region = 0; region < REGIONS; region++) {
            while (acknowledgedOfRegion.get(region) < enough[region]) {
                if (System.nanoTime() > deadline) {
                    return false;
                }
                TimeUnit.MILLISECONDS.sleep(5); // between two looks
            }
        }
        return true;
    }

    /** From now on what is acknowledged may be lost (ASYNC), or may not be lost any more. */
    void mayLose(boolean mayLose) {
        this.mayLose = mayLose;
    }

    /** True if this transaction was acknowledged while that did not mean that it stays. */
    boolean mayBeLost(long id) {
        return losable.contains(id);
    }

    /** What was done, in one line. */
    String summary() {
        return acknowledged.size() + " acknowledged (by region " + acknowledgedOfRegion + "), " + unknown.size()
                + " unknown, " + rolledBack.size() + " rolled back, failures " + new TreeMap<>(failuresByState);
    }

    /** Everything that is wrong with what the database now holds; empty if all is as promised. */
    List<String> findViolations() throws SQLException {
        List<String> violations = findViolationsButLosses();
        for (Long id : findLost()) {
            violations.add("acknowledged transaction " + id + " is lost");
        }
        return violations;
    }

    /** The transactions that were acknowledged and are not there. */
    List<Long> findLost() throws SQLException {
        return Patience.until(this::lost);
    }

    private List<Long> lost() throws SQLException {
        Set<Long> found = new HashSet<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID FROM LEDGER")) {
            while (rows.next()) {
                found.add(rows.getLong(1));
            }
        }
        return acknowledged.stream().filter(id -> !found.contains(id)).sorted().toList();
    }

    private Connection connect() throws SQLException {
        for (int tries = 0; ; tries++) {
            try {
                return DriverManager.getConnection(urls.get(tries % urls.size()));
            } catch (SQLException e) {
                if (tries == 10 * urls.size()) {
                    throw e;
                }
                pause(PAUSE_MILLIS);
            }
        }
    }

    /** What is wrong even if acknowledged transactions may be lost as a whole. */
    List<String> findViolationsButLosses() throws SQLException {
        return Patience.until(this::violationsButLosses);
    }

    private List<String> violationsButLosses() throws SQLException {
        List<String> violations = new ArrayList<>(surprises);
        Set<Long> found = new HashSet<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (int region = 0; region < REGIONS; region++) {
                checkRegion(statement, region, found, violations);
            }
        }
        for (Long id : rolledBack) {
            if (found.contains(id)) {
                violations.add("rolled back transaction " + id + " is there");
            }
        }
        for (Long id : found) {
            if (!acknowledged.contains(id) && !unknown.contains(id)) {
                violations.add("transaction " + id + " is there, but nobody committed it");
            }
        }
        return violations;
    }

    private void checkRegion(Statement statement, int region, Set<Long> found, List<String> violations)
            throws SQLException {
        try (ResultSet rows =
                statement.executeQuery("SELECT SUM(BALANCE), COUNT(*) FROM ACCOUNTS WHERE REGION = " + region)) {
            rows.next();
            if (rows.getLong(1) != MONEY * ACCOUNTS || rows.getInt(2) != ACCOUNTS) {
                violations.add(
                        "region " + region + " holds " + rows.getLong(1) + " in " + rows.getInt(2) + " accounts");
            }
        }
        long[] ledgerRows = new long[writers];
        try (ResultSet rows = statement.executeQuery("SELECT ID, WRITER FROM LEDGER WHERE REGION = " + region)) {
            while (rows.next()) {
                if (!found.add(rows.getLong(1))) {
                    violations.add("transaction " + rows.getLong(1) + " is there twice");
                }
                ledgerRows[rows.getInt(2)]++;
            }
        }
        try (ResultSet rows = statement.executeQuery("SELECT WRITER, DONE FROM PROGRESS WHERE REGION = " + region)) {
            while (rows.next()) {
                int writer = rows.getInt(1);
                if (rows.getLong(2) != ledgerRows[writer]) {
                    violations.add("region " + region + " writer " + writer + " counted " + rows.getLong(2)
                            + " but has " + ledgerRows[writer] + " ledger rows");
                }
            }
        }
        for (int writer = 0; writer < writers; writer++) {
            try (ResultSet rows = statement.executeQuery(
                    "SELECT COUNT(*) FROM LEDGER WHERE REGION = " + region + " AND WRITER = " + writer)) {
                rows.next();
                if (rows.getLong(1) != ledgerRows[writer]) {
                    violations.add("index and rows disagree in region " + region + " for writer " + writer);
                }
            }
        }
    }

    private void write(int writer) {
        Random random = new Random(seed * 31 + writer);
        for (int tries = writer; !stopping; tries++) {
            try (Connection connection = DriverManager.getConnection(urls.get(tries % urls.size()))) {
                connection.setAutoCommit(false);
                while (!stopping) {
                    transfer(connection, writer, random);
                    pause(THINK_MILLIS);
                }
            } catch (SQLException e) {
                count(e);
                pause(PAUSE_MILLIS);
            }
        }
    }

    private void transfer(Connection connection, int writer, Random random) throws SQLException {
        int region = random.nextInt(REGIONS);
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        long amount = 1 + random.nextInt(9);
        long id = nextId.getAndIncrement();
        try {
            update(
                    connection,
                    "UPDATE ACCOUNTS SET BALANCE = BALANCE - ? WHERE REGION = ? AND ID = ?",
                    amount,
                    region,
                    from);
            update(
                    connection,
                    "UPDATE PROGRESS SET DONE = DONE + ? WHERE REGION = ? AND WRITER = ?",
                    1,
                    region,
                    writer);
            update(
                    connection,
                    "INSERT INTO LEDGER(AMOUNT, REGION, ID, WRITER) VALUES(?, ?, ?, ?)",
                    amount,
                    region,
                    id,
                    writer);
            update(
                    connection,
                    "UPDATE ACCOUNTS SET BALANCE = BALANCE + ? WHERE REGION = ? AND ID = ?",
                    amount,
                    region,
                    to);
        } catch (SQLException e) {
            rolledBack.add(id);
            connection.rollback();
            count(e);
            if (isFatal(e)) {
                throw e;
            }
            return;
        }
        commit(connection, region, id);
    }

    private void commit(Connection connection, int region, long id) throws SQLException {
        boolean couldLose = mayLose;
        try {
            connection.commit();
            if (couldLose || mayLose) {
                losable.add(id);
            }
            acknowledgedOfRegion.incrementAndGet(region);
            acknowledged.add(id);
        } catch (SQLException e) {
            if ("40001".equals(e.getSQLState())) {
                rolledBack.add(id);
            } else {
                unknown.add(id);
            }
            throw e;
        }
    }

    private void update(Connection connection, String sql, long... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setLong(i + 1, values[i]);
            }
            int changed = statement.executeUpdate();
            if (changed != 1) {
                surprises.add(changed + " rows changed by " + sql);
            }
        }
    }

    private static boolean isFatal(SQLException e) {
        return e.getSQLState() != null && e.getSQLState().startsWith("08");
    }

    private void count(SQLException e) {
        failuresByState
                .computeIfAbsent(String.valueOf(e.getSQLState()), state -> new AtomicLong())
                .incrementAndGet();
        if (!Patience.isTransient(e)) {
            surprises.add("a writer got " + e.getSQLState() + ": " + e.getMessage());
        }
    }

    private static void pause(int millis) {
        if (millis == 0) {
            return;
        }
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
