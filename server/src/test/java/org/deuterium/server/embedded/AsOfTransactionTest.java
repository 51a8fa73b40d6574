package org.deuterium.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions AS OF show one state of the past of all partitions, while others write, and only read. */
@Timeout(400)
class AsOfTransactionTest {

    private static final int ROWS = 16;
    private static final int VALUE = 100;
    private static final long WINDOW_MILLIS = 15_000;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final String SUM = "SELECT SUM(v) FROM t";

    /** The SQLState of STATE_NOT_RETAINED. */
    private static final String NOT_RETAINED = "72000";

    private static EmbeddedCluster cluster;
    private static long marks;

    /** How often a moment was refused where something was tried again. */
    private static final AtomicInteger refused = new AtomicInteger();

    private interface Read {
        boolean isDone() throws SQLException;
    }

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3, WINDOW_MILLIS);
        try (Connection connection = open("");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL) PARTITION BY HASH (id) PARTITIONS 4");
            statement.execute("CREATE TABLE plain (id INT PRIMARY KEY, last_update INT)");
            statement.execute("INSERT INTO plain VALUES (1, 10)");
            statement.execute("CREATE SEQUENCE s");
            statement.execute("CREATE TABLE mark (id INT PRIMARY KEY, n BIGINT)");
            statement.execute("INSERT INTO mark VALUES (1, 0)");
            StringBuilder rows = new StringBuilder("INSERT INTO t VALUES (0, 0)");
            for (int id = 1; id < ROWS; id++) {
                rows.append(", (").append(id).append(", 0)");
            }
            statement.executeUpdate(rows.toString());
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void fill() throws Exception {
        // from now on a state of the recent past has them, and whatever was done before
        long now = ++marks;
        try (Connection connection = open("");
                Statement statement = connection.createStatement()) {
            LockFixture.persist(statement, "UPDATE t SET v = " + VALUE);
            LockFixture.persist(statement, "UPDATE mark SET n = " + now);
        }
        until(() -> numberAsOf("-1ms", "SELECT n FROM mark") == now && numberAsOf("-1ms", SUM) == ROWS * VALUE);
    }

    private static Connection open(String properties) throws SQLException {
        return DriverManager.getConnection(cluster.jdbcUrl() + properties, "sa", "");
    }

    private static void run(String sql) throws SQLException {
        try (Connection connection = open("");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Tries until it is so; leaders may change, and need a second until they have a state to show. */
    private static void until(Read read) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        SQLException last = null;
        while (System.nanoTime() < deadline) {
            try {
                if (read.isDone()) {
                    return;
                }
            } catch (SQLException e) {
                if (NOT_RETAINED.equals(e.getSQLState())) {
                    refused.incrementAndGet();
                } else if (!LockFixture.isTransient(e)) {
                    throw e;
                }
                last = e;
            }
            Thread.sleep(20);
        }
        throw new AssertionError("not in time", last);
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertTrue(row.next());
            return row.getLong(1);
        }
    }

    private static int rowsTwoByTwo(Connection connection) throws SQLException {
        int rows = 0;
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(2);
            try (ResultSet row = statement.executeQuery("SELECT v FROM t")) {
                while (row.next()) {
                    assertEquals(VALUE, row.getInt(1));
                    rows++;
                }
            }
        }
        return rows;
    }

    private static Connection past(String asOf) throws SQLException {
        return past(asOf, "");
    }

    private static Connection past(String asOf, String properties) throws SQLException {
        Connection connection = open(properties);
        connection.setAutoCommit(false);
        setPast(connection, asOf);
        return connection;
    }

    private static void setPast(Connection connection, String asOf) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION AS OF " + (asOf.startsWith("TIMESTAMP") ? asOf : "'" + asOf + "'"));
        }
    }

    private static long numberAsOf(String asOf, String sql) throws SQLException {
        try (Connection connection = past(asOf)) {
            long number = number(connection, sql);
            connection.commit();
            return number;
        }
    }

    private static void assertState(String sqlState, Connection connection, String sql) {
        SQLException refused = assertThrows(
                SQLException.class,
                () -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute(sql);
                    }
                },
                sql);
        assertEquals(sqlState, refused.getSQLState(), () -> sql + ": " + refused.getMessage());
    }

    private static void transfer(AtomicBoolean over, int seed) throws SQLException {
        Random random = new Random(seed);
        while (!over.get()) {
            try (Connection connection = open("");
                    PreparedStatement move = connection.prepareStatement("UPDATE t SET v = v + ? WHERE id = ?")) {
                connection.setAutoCommit(false);
                while (!over.get()) {
                    int one = random.nextInt(ROWS);
                    int other = random.nextInt(ROWS);
                    move.setInt(1, 1);
                    move.setInt(2, Math.min(one, other));
                    move.executeUpdate();
                    move.setInt(1, -1);
                    move.setInt(2, Math.max(one, other));
                    move.executeUpdate();
                    if (random.nextInt(8) == 0) {
                        connection.rollback();
                    } else {
                        connection.commit();
                    }
                }
            } catch (SQLException e) {
                if (!LockFixture.isTransient(e)) {
                    throw e;
                }
            }
        }
    }

    /** One transaction two seconds ago: the sum, the rows one by one, and the sum again. */
    private static boolean isOneState(String properties) throws SQLException {
        try (Connection connection = past("-2s", properties)) {
            assertEquals(ROWS * VALUE, number(connection, SUM));
            long sum = 0;
            for (int id = 0; id < ROWS; id++) {
                sum += number(connection, "SELECT v FROM t WHERE id = " + id);
            }
            assertEquals(ROWS * VALUE, sum);
            assertEquals(ROWS, number(connection, "SELECT COUNT(*) FROM t"));
            assertEquals(ROWS * VALUE, number(connection, SUM));
            connection.commit();
            return true;
        }
    }

    @Test
    void totalsOfThePastAreRightWhileMoneyMovesAndALeaderIsLost() throws Exception {
        run("UPDATE plain SET last_update = 77");
        until(() -> numberAsOf("-2s", "SELECT last_update FROM plain") == 77);
        run("UPDATE plain SET last_update = 10");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger right = new AtomicInteger();
        ExecutorService clients = Executors.newCachedThreadPool();
        List<Future<?>> running = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                int seed = i;
                running.add(clients.submit(() -> {
                    transfer(over, seed);
                    return null;
                }));
            }
            Read four = () -> isOneState(right.get() % 2 == 0 ? "" : "?readPreference=follower&preferLeader=false")
                    && right.incrementAndGet() % 4 == 0;
            until(four);
            refused.set(0);
            cluster.stopNode(1);
            until(four);
            cluster.startNode(1);
            until(four);
        } finally {
            over.set(true);
            clients.shutdown();
            assertTrue(clients.awaitTermination(60, TimeUnit.SECONDS));
        }
        for (Future<?> client : running) {
            client.get();
        }
        assertEquals(12, right.get());
        assertEquals(0, refused.get(), "what was kept before a leader was lost is shown afterwards");
        cluster.awaitReady();
        assertEquals(ROWS * VALUE, numberOf(SUM));
    }

    private static long numberOf(String sql) throws SQLException {
        try (Connection connection = open("")) {
            return number(connection, sql);
        }
    }

    /** Anew if the machine was so slow that the moment went out of the window meanwhile. */
    @Test
    void theMomentDecidesWhatIsSeen() throws Exception {
        int attempts = 0;
        boolean done = false;
        while (!done) {
            Instant begun = Instant.now();
            try {
                seenAtItsMoment();
                done = true;
            } catch (SQLException | AssertionError e) {
                if (++attempts == 5 || Instant.now().isBefore(begun.plusMillis(WINDOW_MILLIS * 2 / 3))) {
                    throw e;
                }
            } finally {
                run("DELETE FROM t WHERE id = 1000");
                run("UPDATE plain SET last_update = 10");
                fill();
            }
        }
    }

    private static void seenAtItsMoment() throws Exception {
        Instant before = Instant.now();
        until(() -> numberAsOf("TIMESTAMP '" + Instant.now() + "'", "SELECT COUNT(*) FROM t") == ROWS
                && Instant.now().isAfter(before.plusMillis(1_500)));
        Instant middle = Instant.now();
        try (Connection longAgo = past("-1ms")) {
            assertEquals(ROWS * VALUE, number(longAgo, SUM));
            run("UPDATE t SET v = v + 1");
            run("INSERT INTO t VALUES (1000, 5)");
            run("UPDATE plain SET last_update = last_update + 1");
            until(() -> numberAsOf("-1ms", SUM) == ROWS * (VALUE + 1) + 5);
            assertEquals(ROWS * VALUE, numberAsOf("TIMESTAMP WITH TIME ZONE '" + middle + "'", SUM));
            assertEquals(ROWS, numberAsOf("TIMESTAMP '" + middle + "'", "SELECT COUNT(*) FROM t"));
            assertEquals(10, numberAsOf("TIMESTAMP '" + middle + "'", "SELECT last_update FROM plain"));
            assertEquals(ROWS * VALUE, number(longAgo, SUM), "as long as the transaction is open");
        }
        try (Connection each = open("?asOf=" + middle)) {
            assertEquals(ROWS * VALUE, number(each, SUM));
            assertEquals(ROWS, number(each, "SELECT COUNT(*) FROM t"));
            assertEquals(ROWS, rowsTwoByTwo(each), "what is fetched when the statement's transaction is over");
            assertState("25006", each, "UPDATE t SET v = 0");
            assertState("25006", each, "CREATE TABLE other (id INT PRIMARY KEY)");
            try (Statement statement = each.createStatement()) {
                statement.execute("SET AS_OF NONE");
            }
            assertEquals(ROWS + 1, number(each, "SELECT COUNT(*) FROM t"));
        }
    }

    @Test
    void itOnlyReads() throws Exception {
        try (Connection connection = past("-1ms")) {
            for (String sql : List.of(
                    "UPDATE t SET v = 0 WHERE id = 1",
                    "UPDATE t SET v = 0",
                    "INSERT INTO plain VALUES (2, 2)",
                    "DELETE FROM plain",
                    "SELECT v FROM t WHERE id = 1 FOR UPDATE",
                    "SELECT NEXT VALUE FOR s",
                    "ALTER TABLE plain ADD COLUMN w INT")) {
                assertState("25006", connection, sql);
            }
            assertEquals(10, number(connection, "SELECT last_update FROM plain"));
            assertState("25001", connection, "SET TRANSACTION AS OF '-2s'");
            try (Statement statement = connection.createStatement();
                    ResultSet shown = statement.executeQuery("SHOW TRANSACTIONS")) {
                boolean told = false;
                while (shown.next()) {
                    told |= shown.getString("ISOLATION").startsWith("AS OF 20");
                }
                assertTrue(told);
            }
            connection.rollback();
            // the next transaction is of the present again
            run("UPDATE plain SET last_update = 11");
            assertEquals(11, number(connection, "SELECT last_update FROM plain"));
            connection.rollback();
            run("UPDATE plain SET last_update = 10");
        }
    }

    @Test
    void aMomentThatIsNotKeptIsRefused() throws Exception {
        try (Connection connection = past("-1h")) {
            assertState(NOT_RETAINED, connection, SUM);
            connection.rollback();
            setPast(connection, "TIMESTAMP '" + Instant.now().plusSeconds(60) + "'");
            assertState(NOT_RETAINED, connection, SUM);
            connection.rollback();
            assertState("90008", connection, "SET TRANSACTION AS OF 'yesterday'");
            connection.setAutoCommit(true);
            assertState("0A000", connection, "SET TRANSACTION AS OF '-1s'");
        }
        assertEquals(
                "90008",
                assertThrows(SQLException.class, () -> open("?asOf=soon")).getSQLState());
    }

    /** H2 shows no table as it was before a change of its columns: better none than a wrong one. */
    @Test
    void aStateOfBeforeASchemaChangeIsRefused() throws Exception {
        Instant before = Instant.now();
        run("CREATE TABLE young (id INT PRIMARY KEY)");
        try (Connection connection = past("TIMESTAMP '" + before + "'")) {
            assertState(NOT_RETAINED, connection, SUM);
        }
        run("INSERT INTO young VALUES (1)");
        until(() -> numberAsOf("-1ms", "SELECT COUNT(*) FROM young") == 1);
        run("DROP TABLE young");
    }

    /** Whoever only reads holds up no writer, which waits here for nobody. */
    @Test
    void readersHoldUpNobody() throws Exception {
        List<Connection> readers = new ArrayList<>();
        for (int level : new int[] {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ}) {
            Connection reader = open("");
            reader.setAutoCommit(false);
            reader.setReadOnly(true);
            reader.setTransactionIsolation(level);
            readers.add(reader);
        }
        Connection reader = past("-1ms");
        reader.setReadOnly(true);
        readers.add(reader);
        for (Connection each : readers) {
            assertEquals(ROWS * VALUE, number(each, SUM));
        }
        try (Connection writer = open("?lockTimeout=0");
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            assertEquals(ROWS, statement.executeUpdate("UPDATE t SET v = v + 1"));
            assertEquals(1, statement.executeUpdate("UPDATE plain SET last_update = 10"));
            writer.commit();
        }
        assertEquals(ROWS * (VALUE + 1), number(readers.get(0), SUM), "READ COMMITTED");
        assertEquals(ROWS * VALUE, number(readers.get(1), SUM), "REPEATABLE READ");
        assertEquals(ROWS * VALUE, number(readers.get(2), SUM), "AS OF");
        for (Connection each : readers) {
            each.close();
        }
    }
}
