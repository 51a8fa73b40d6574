package org.deuterium.system;

import java.sql.Connection;
import java.sql.DriverManager;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A bank: writers move money between accounts in several partitions, and some of them note the transfer in a REPLICATED
 * table, in the same transaction; readers add all accounts up. Writers and readers of every isolation level work side by side,
 * and at each of them the sum is promised to be right.
 */
final class BankLoad implements AutoCloseable {

    private static final int ACCOUNTS = 12;
    private static final long MONEY = 100;
    private static final long TOTAL = ACCOUNTS * MONEY;

    /** How a reader asks. */
    private enum Reader {
        /** One statement that commits by itself. */
        AUTOCOMMIT,
        /** Statement after statement of a transaction; each sees one state. */
        READ_COMMITTED,
        /** Two statements of a transaction that only reads; both see the same state. */
        REPEATABLE_READ,
        /** As before, and writers of the table wait; so it comes less often. */
        SERIALIZABLE
    }

    /** The level of each writer, one after another. */
    private static final List<TransactionLevel> LEVELS = List.of(
            TransactionLevel.READ_COMMITTED,
            TransactionLevel.READ_COMMITTED,
            TransactionLevel.REPEATABLE_READ,
            TransactionLevel.SERIALIZABLE);

    private static final long BETWEEN_SERIALIZABLE_MILLIS = 200;

    private final List<String> urls;
    private final int writers;
    private final long seed;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong nextId = new AtomicLong(1);
    private final AtomicInteger transfers = new AtomicInteger();
    private final AtomicInteger totals = new AtomicInteger();
    private final Set<Long> noted = ConcurrentHashMap.newKeySet();
    private final Set<Long> rolledBack = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
    private final ConcurrentHashMap<String, AtomicLong> failuresByState = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    BankLoad(List<String> urls, int writers, long seed) {
        this.urls = List.copyOf(urls);
        this.writers = writers;
        this.seed = seed;
    }

    void createTables(int partitions) throws SQLException {
        String clause = " PARTITION BY HASH (ID) PARTITIONS " + partitions;
        try (Connection connection = DriverManager.getConnection(urls.get(0));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE ACCOUNT (ID INT PRIMARY KEY, BALANCE BIGINT NOT NULL)" + clause);
            statement.execute("CREATE TABLE PLACE (ID INT PRIMARY KEY)" + clause);
            statement.execute("CREATE TABLE NOTED (ID BIGINT PRIMARY KEY, AMOUNT BIGINT) REPLICATED");
            for (int id = 0; id < ACCOUNTS; id++) {
                statement.execute("INSERT INTO ACCOUNT VALUES (" + id + ", " + MONEY + ")");
                statement.execute("INSERT INTO PLACE VALUES (" + id + ")");
            }
        }
    }

    void start() {
        for (int writer = 0; writer < writers; writer++) {
            int number = writer;
            start("bank-writer-" + number, (connection, random) -> transfer(connection, random, number), number);
        }
        int number = writers;
        for (Reader reader : Reader.values()) {
            start("bank-reader-" + reader, (connection, random) -> read(connection, reader), number++);
        }
    }

    private interface Work {
        void once(Connection connection, Random random) throws SQLException;
    }

    private void start(String name, Work work, int number) {
        Thread thread = new Thread(
                () -> {
                    Random random = new Random(seed * 31 + number);
                    for (int tries = number; !stopping; tries++) {
                        try (Connection connection = DriverManager.getConnection(urls.get(tries % urls.size()))) {
                            while (!stopping) {
                                work.once(connection, random);
                            }
                        } catch (SQLException e) {
                            count(name, e);
                        }
                    }
                },
                name);
        threads.add(thread);
        thread.start();
    }

    private void transfer(Connection connection, Random random, int writer) throws SQLException {
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        long amount = random.nextInt(5);
        long id = nextId.getAndIncrement();
        LEVELS.get(writer % LEVELS.size()).set(connection);
        boolean notes = writer == 0 || random.nextInt(4) == 0;
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE ACCOUNT SET BALANCE = BALANCE - " + amount + " WHERE ID = " + from);
            statement.executeUpdate("UPDATE ACCOUNT SET BALANCE = BALANCE + " + amount + " WHERE ID = " + to);
            if (notes) {
                statement.executeUpdate("INSERT INTO NOTED VALUES (" + id + ", " + amount + ")");
            }
        } catch (SQLException e) {
            rolledBack.add(id);
            connection.rollback();
            goOnAfter(e);
            return;
        }
        try {
            connection.commit();
        } catch (SQLException e) {
            if ("40001".equals(e.getSQLState())) {
                rolledBack.add(id);
            }
            goOnAfter(e);
            return;
        }
        transfers.incrementAndGet();
        if (notes) {
            noted.add(id);
        }
    }

    /** Losing against another transaction is no reason to connect anew. */
    private void goOnAfter(SQLException e) throws SQLException {
        if (!"40001".equals(e.getSQLState()) && !"HYT00".equals(e.getSQLState())) {
            throw e;
        }
        count("a writer", e);
    }

    private void read(Connection connection, Reader reader) throws SQLException {
        if (reader == Reader.REPEATABLE_READ) {
            connection.setReadOnly(true);
            TransactionLevel.REPEATABLE_READ.set(connection);
        } else if (reader == Reader.SERIALIZABLE) {
            TransactionLevel.SERIALIZABLE.set(connection);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BETWEEN_SERIALIZABLE_MILLIS));
        }
        connection.setAutoCommit(reader == Reader.AUTOCOMMIT);
        String first = "";
        for (int i = 0; i < 2; i++) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT ID, BALANCE FROM ACCOUNT ORDER BY ID")) {
                long sum = 0;
                StringBuilder all = new StringBuilder();
                while (rows.next()) {
                    sum += rows.getLong(2);
                    all.append(rows.getInt(1))
                            .append('=')
                            .append(rows.getLong(2))
                            .append(' ');
                }
                if (sum != TOTAL) {
                    violations.add(reader + " read " + sum + " instead of " + TOTAL + ": " + all);
                }
                if (reader.compareTo(Reader.REPEATABLE_READ) >= 0 && i == 1 && !first.contentEquals(all)) {
                    violations.add("one transaction read " + first + " and then " + all);
                }
                first = all.toString();
                totals.incrementAndGet();
            }
        }
        if (reader != Reader.AUTOCOMMIT) {
            connection.commit();
        }
    }

    private void count(String who, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        failuresByState.computeIfAbsent(state, s -> new AtomicLong()).incrementAndGet();
        if (!Patience.isTransient(e)) {
            violations.add(who + " got " + state + ": " + e.getMessage());
        }
    }

    /** Waits until so many more transfers, and as many more totals, were done; false after the time is up. */
    boolean awaitMore(int more, long timeoutMillis) throws InterruptedException {
        int transfersBefore = transfers.get();
        int totalsBefore = totals.get();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (transfers.get() < transfersBefore + more || totals.get() < totalsBefore + more) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(5); // between two looks
        }
        return true;
    }

    String summary() {
        return transfers + " transfers, " + noted.size() + " of them noted in every partition, " + totals
                + " totals, failures " + new TreeMap<>(failuresByState);
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

    /**
     * What was wrong in any read, and what is wrong now, when all has come to rest. Copies are given the time to become equal:
     * what a router that died left undecided is decided by the leaders, by one a little before the other.
     */
    List<String> findViolations() throws SQLException, InterruptedException {
        List<String> found = new ArrayList<>(violations);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        int copies = Patience.until(() -> look(found));
        while (copies > 1 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(100); // between two looks
            copies = Patience.until(() -> look(found));
        }
        if (copies > 1) {
            found.add(copies + " different copies of NOTED");
        }
        return found.stream().distinct().toList();
    }

    /** How many different copies there are. */
    private int look(List<String> found) throws SQLException {
        try (Connection connection = DriverManager.getConnection(urls.get(0));
                Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT SUM(BALANCE), COUNT(*) FROM ACCOUNT")) {
                rows.next();
                if (rows.getLong(1) != TOTAL || rows.getInt(2) != ACCOUNTS) {
                    found.add("the bank holds " + rows.getLong(1) + " in " + rows.getInt(2) + " accounts");
                }
            }
            // Each place is joined with the copy of its own partition.
            Set<Set<Long>> copies = new HashSet<>();
            for (int place = 0; place < ACCOUNTS; place++) {
                Set<Long> copy = new HashSet<>();
                try (ResultSet rows = statement.executeQuery(
                        "SELECT N.ID FROM PLACE P JOIN NOTED N ON N.ID > 0 WHERE P.ID = " + place)) {
                    while (rows.next()) {
                        copy.add(rows.getLong(1));
                    }
                }
                copies.add(copy);
                noted.stream()
                        .filter(id -> !copy.contains(id))
                        .forEach(id -> found.add("acknowledged " + id + " is lost"));
                copy.stream()
                        .filter(rolledBack::contains)
                        .forEach(id -> found.add(id + " was rolled back, and is there"));
            }
            return copies.size();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
