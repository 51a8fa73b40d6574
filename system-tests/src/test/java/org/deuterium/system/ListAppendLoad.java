package org.deuterium.system;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.history.History;
import org.deuterium.history.HistoryRecorder;
import org.deuterium.history.Operation;
import org.deuterium.history.Outcome;

/**
 * Clients that append to lists and read them in transactions, each of which is written down for a checker (the list-append
 * workload of Elle, Kingsbury and Alvaro 2020). A list is a row, its elements are text behind commas.
 *
 * <p>A few lists are in use at any time, so that transactions get in each other's way; after so many appends others
 * follow, so that lists stay short.
 */
final class ListAppendLoad implements AutoCloseable {

    /** What a transaction consists of. */
    enum Shape {
        /** One to four reads and appends, each a statement; at SERIALIZABLE also only reads, on a read-only connection. */
        MIXED,
        /**
         * One to four appends, or one statement outside of any transaction that reads up to four lists, or a transaction AS OF
         * ({@link PastReads}).
         */
        STATEMENTS,
        /** One to four appends, or one statement outside of any transaction that reads all lists. */
        SWEEPS,
        /** One append, or one read of one list, each a statement outside of any transaction. */
        SINGLE
    }

    /** A load uses no more keys than that. */
    static final int KEYS = 1_000_000;

    private static final int LISTS_IN_USE = 8;
    private static final int APPENDS_OF_A_LIST = 40;
    private static final int LISTS_OF_THE_PAST = 24;
    private static final int LOCK_TIMEOUT_MILLIS = 400;
    private static final AtomicLong NEXT_ELEMENT = new AtomicLong(1);

    private final List<String> urls;
    private final int firstKey;
    private final Shape shape;
    private final TransactionLevel level;
    private final long seed;
    private final HistoryRecorder recorder = new HistoryRecorder();
    private final AtomicLong appended = new AtomicLong();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong pastReads = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, AtomicLong> failuresByState = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> surprises = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    /**
     * @param urls clients begin with different ones, and each takes the next one when its connection fails
     * @param firstKey no other load in this cluster may use it, or one of the {@link #KEYS} after it
     */
    ListAppendLoad(List<String> urls, int firstKey, Shape shape, TransactionLevel level, long seed) {
        this.urls = List.copyOf(urls);
        this.firstKey = firstKey;
        this.shape = shape;
        this.level = level;
        this.seed = seed;
    }

    static void createTable(String url, String partitionClause) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE LISTS(K INT PRIMARY KEY, V VARCHAR(100000) NOT NULL)" + partitionClause);
        }
    }

    void start(int clients) {
        for (int client = 0; client < clients; client++) {
            int number = client;
            Thread thread = new Thread(() -> run(number), "list-client-" + number);
            threads.add(thread);
            thread.start();
        }
    }

    long committed() {
        return committed.get();
    }

    /** How many transactions AS OF were committed. */
    long pastReads() {
        return pastReads.get();
    }

    List<String> surprises() {
        return List.copyOf(surprises);
    }

    String summary() {
        return recorder.size() + " transactions, " + committed + " committed, " + pastReads + " AS OF, failures "
                + new TreeMap<>(failuresByState);
    }

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

    /** Reads every list once more at its leader, and returns everything that was done. */
    History history() throws SQLException {
        HistoryRecorder.Client client = recorder.client();
        try (Connection connection = openAnywhere()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET READ_PREFERENCE LEADER");
            }
            for (int key = firstKey; key < base() + LISTS_IN_USE; key++) {
                int list = key;
                Patience.until(() -> readOnceMore(connection, client, list));
            }
        }
        return recorder.history();
    }

    private static Outcome readOnceMore(Connection connection, HistoryRecorder.Client client, int key)
            throws SQLException {
        client.begin();
        try {
            client.did(read(connection, key));
            connection.commit();
            client.ended(Outcome.OK);
            return Outcome.OK;
        } catch (SQLException e) {
            client.ended(Outcome.FAILED);
            connection.rollback();
            throw e;
        }
    }

    private int base() {
        return firstKey + (int) (appended.get() / APPENDS_OF_A_LIST);
    }

    private Connection open(int number) throws SQLException {
        Connection connection = DriverManager.getConnection(urls.get(number % urls.size()));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCK_TIMEOUT " + LOCK_TIMEOUT_MILLIS);
            level.set(connection);
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Nodes that were killed a moment ago are still starting. */
    private Connection openAnywhere() throws SQLException {
        for (int tries = 0; ; tries++) {
            try {
                return open(tries);
            } catch (SQLException e) {
                if (tries == 1_000) {
                    throw e;
                }
                pause();
            }
        }
    }

    private void run(int number) {
        Random random = new Random(seed * 31 + number);
        for (int tries = number; !stopping; tries++) {
            HistoryRecorder.Client client = recorder.client();
            try (Connection connection = open(tries)) {
                while (!stopping) {
                    if (shape == Shape.STATEMENTS && random.nextInt(4) == 0) {
                        readPast(connection, client, random);
                    } else {
                        transact(connection, client, random);
                    }
                }
            } catch (SQLException e) {
                count(e);
                pause();
            }
        }
    }

    private void transact(Connection connection, HistoryRecorder.Client client, Random random) throws SQLException {
        boolean asked = false;
        boolean reads = (shape == Shape.STATEMENTS || shape == Shape.SWEEPS) && random.nextBoolean();
        boolean only = readsOnly(random);
        boolean single = shape == Shape.SINGLE || reads || (only && random.nextInt(3) == 0);
        client.begin();
        try {
            connection.setAutoCommit(single);
            connection.setReadOnly(only);
            if (single) {
                asked = true;
                runStatement(connection, client, random);
            } else {
                for (int left = 1 + random.nextInt(4); left > 0; left--) {
                    if (only || (shape == Shape.MIXED && random.nextBoolean())) {
                        client.did(read(connection, chooseKey(random)));
                    } else {
                        append(connection, client, random);
                    }
                }
                if (random.nextInt(20) == 0) {
                    connection.rollback();
                    client.ended(Outcome.FAILED);
                    return;
                }
                asked = true;
                connection.commit();
            }
            client.ended(Outcome.OK);
            committed.incrementAndGet();
        } catch (SQLException e) {
            client.ended(!asked || isSurelyRolledBack(e) ? Outcome.FAILED : Outcome.UNKNOWN);
            count(e);
            if (String.valueOf(e.getSQLState()).startsWith("08")) {
                throw e;
            }
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
        }
    }

    /** At SERIALIZABLE read-only connections take another way than others, in transactions and outside of them. */
    private boolean readsOnly(Random random) {
        return shape == Shape.MIXED && level == TransactionLevel.SERIALIZABLE && random.nextInt(4) == 0;
    }

    private void readPast(Connection connection, HistoryRecorder.Client client, Random random) throws SQLException {
        client.begin();
        try {
            connection.setAutoCommit(false);
            PastReads.run(
                    connection, client, random, Math.max(firstKey, base() - LISTS_OF_THE_PAST), base() + LISTS_IN_USE);
            pastReads.incrementAndGet();
        } catch (SQLException e) {
            client.ended(Outcome.FAILED);
            count(e);
            if (String.valueOf(e.getSQLState()).startsWith("08")) {
                throw e;
            }
            connection.rollback();
        }
    }

    private void runStatement(Connection connection, HistoryRecorder.Client client, Random random) throws SQLException {
        if (shape == Shape.STATEMENTS || shape == Shape.MIXED) {
            readMany(connection, client, random);
        } else if (shape == Shape.SWEEPS) {
            readAll(connection, client);
        } else if (random.nextBoolean()) {
            client.did(read(connection, chooseKey(random)));
        } else {
            append(connection, client, random);
        }
    }

    /** A statement of its own that was refused has changed nothing; so has a commit that was told to try again. */
    private static boolean isSurelyRolledBack(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals("40001") || state.equals("HYT00") || state.startsWith("23");
    }

    private int chooseKey(Random random) {
        return base() + random.nextInt(LISTS_IN_USE);
    }

    private void append(Connection connection, HistoryRecorder.Client client, Random random) throws SQLException {
        int key = chooseKey(random);
        long element = NEXT_ELEMENT.getAndIncrement();
        client.did(Operation.append(name(key), element));
        appended.incrementAndGet();
        int changed;
        try (PreparedStatement update = connection.prepareStatement("UPDATE LISTS SET V = V || ? WHERE K = ?")) {
            update.setString(1, "," + element);
            update.setInt(2, key);
            changed = update.executeUpdate();
        }
        if (changed == 0) {
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO LISTS(K, V) VALUES (?, ?)")) {
                insert.setInt(1, key);
                insert.setString(2, "," + element);
                insert.executeUpdate();
            }
        }
    }

    private static Operation read(Connection connection, int key) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT V FROM LISTS WHERE K = ?")) {
            select.setInt(1, key);
            try (ResultSet row = select.executeQuery()) {
                return Operation.read(name(key), row.next() ? elements(row.getString(1)) : new long[0]);
            }
        }
    }

    private void readMany(Connection connection, HistoryRecorder.Client client, Random random) throws SQLException {
        TreeSet<Integer> keys = new TreeSet<>();
        for (int i = 0; i < 4; i++) {
            keys.add(chooseKey(random));
        }
        List<Integer> asked = new ArrayList<>(keys);
        while (asked.size() < 4) {
            asked.add(asked.get(0));
        }
        TreeMap<Integer, long[]> found = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT K, V FROM LISTS WHERE K IN (?, ?, ?, ?)")) {
            for (int i = 0; i < 4; i++) {
                select.setInt(i + 1, asked.get(i));
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getInt(1), elements(rows.getString(2)));
                }
            }
        }
        for (int key : keys) {
            client.did(Operation.read(name(key), found.getOrDefault(key, new long[0])));
        }
    }

    /** Of every partition, whatever the keys. */
    private void readAll(Connection connection, HistoryRecorder.Client client) throws SQLException {
        int first = base();
        TreeMap<Integer, long[]> found = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT K, V FROM LISTS WHERE K >= ? AND K < ?")) {
            select.setInt(1, first);
            select.setInt(2, first + LISTS_IN_USE);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getInt(1), elements(rows.getString(2)));
                }
            }
        }
        for (int key = first; key < first + LISTS_IN_USE; key++) {
            client.did(Operation.read(name(key), found.getOrDefault(key, new long[0])));
        }
    }

    static String name(int key) {
        return "k" + key;
    }

    static long[] elements(String text) {
        String[] parts = text.split(",", -1);
        long[] elements = new long[parts.length - 1]; // nothing stands before the first comma
        for (int i = 1; i < parts.length; i++) {
            elements[i - 1] = Long.parseLong(parts[i]);
        }
        return elements;
    }

    private void count(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        failuresByState.computeIfAbsent(state, any -> new AtomicLong()).incrementAndGet();
        if (!Patience.isTransient(e) && !state.equals(PastReads.NOT_RETAINED) && !state.startsWith("23")) {
            surprises.add("a client got " + state + ": " + e.getMessage());
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
