package org.deuterium.server.embedded;

import static org.deuterium.server.embedded.LockFixture.await;
import static org.deuterium.server.embedded.LockFixture.own;
import static org.deuterium.server.embedded.LockFixture.rows;
import static org.deuterium.server.embedded.LockFixture.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SERIALIZABLE over one and several partitions: what is read stays as it was, until the transaction's end and no longer. */
@Timeout(300)
class SerializableTest {

    private static final int ROWS = 8;

    private static EmbeddedCluster cluster;

    private final List<Connection> open = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = LockFixture.open(cluster.jdbcUrl())) {
            run(connection, "CREATE TABLE t (id INT PRIMARY KEY, n INT) PARTITION BY HASH (id) PARTITIONS 3");
            run(connection, "CREATE TABLE plain (id INT PRIMARY KEY, n INT)");
            run(connection, "CREATE TABLE copied (id INT PRIMARY KEY, n INT) REPLICATED");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        Connection connection = at(Connection.TRANSACTION_READ_COMMITTED);
        for (String table : List.of("t", "plain", "copied")) {
            run(connection, "DELETE FROM " + table);
            LockFixture.fill(connection, table, ROWS);
        }
        connection.commit();
    }

    @AfterEach
    void close() throws SQLException {
        for (Connection connection : open) {
            connection.close();
        }
    }

    private Connection at(int level) throws SQLException {
        Connection connection = LockFixture.open(cluster.jdbcUrl(1 + open.size() % 3));
        open.add(connection);
        connection.setTransactionIsolation(level);
        assertEquals(level, connection.getTransactionIsolation());
        return connection;
    }

    private Connection serializable() throws SQLException {
        return at(Connection.TRANSACTION_SERIALIZABLE);
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertTrue(row.next());
            return row.getInt(1);
        }
    }

    private static CompletableFuture<Integer> start(Connection client, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        int count = run(client, sql);
                        client.commit();
                        return count;
                    } catch (SQLException e) {
                        throw new AssertionError(sql, e);
                    }
                },
                LockFixture.CLIENTS);
    }

    private static void awaitBlocked(Connection observer, String sql, String by) throws Exception {
        await(sql + " waits for " + by, () -> rows(observer, "SHOW TRANSACTIONS").stream()
                .anyMatch(row -> row.get("STATEMENT").equals(sql)
                        && row.get("BLOCKED_BY").contains(by)));
    }

    /** A predicate read stays as it is, whatever rows would meet it later (Eswaran et al. 1976). */
    @Test
    void noPhantomsAppear_inOnePartitionNorInSeveral() throws Exception {
        for (String table : List.of("plain", "t", "copied")) {
            String count = "SELECT COUNT(*) FROM " + table;
            String insert = "INSERT INTO " + table + " VALUES (100, 0)";
            Connection weak = at(Connection.TRANSACTION_READ_COMMITTED);
            assertEquals(ROWS, number(weak, count));
            Connection reader = serializable();
            assertEquals(ROWS, number(reader, count));
            Connection writer = at(Connection.TRANSACTION_READ_COMMITTED);
            run(writer, "SET LOCK_TIMEOUT 30000");
            CompletableFuture<Integer> inserted = start(writer, insert);
            awaitBlocked(weak, insert, own(reader).get("TRANSACTION_ID"));
            assertEquals(ROWS, number(reader, count), table);
            assertFalse(inserted.isDone(), table);
            reader.commit();
            assertEquals(1, inserted.get(60, TimeUnit.SECONDS));
            assertEquals(ROWS + 1, number(weak, count), "READ COMMITTED allows them");
            assertEquals(ROWS + 1, number(reader, count));
            reader.commit();
            weak.commit();
        }
    }

    @Test
    void aWriterThatWaitsTooLongGetsHYT00_andNothingElseIsLost() throws SQLException {
        Connection reader = serializable();
        assertEquals(ROWS, number(reader, "SELECT COUNT(*) FROM t"));
        Connection writer = at(Connection.TRANSACTION_READ_COMMITTED);
        run(writer, "SET LOCK_TIMEOUT 200");
        run(writer, "INSERT INTO plain VALUES (50, 0)");
        SQLException timeout = assertThrows(SQLException.class, () -> run(writer, "DELETE FROM t WHERE id = 1"));
        assertEquals("HYT00", timeout.getSQLState(), timeout::getMessage);
        writer.commit();
        reader.commit();
        assertEquals(ROWS + 1, number(reader, "SELECT COUNT(*) FROM plain"));
    }

    @Test
    void goingBackToASavepointKeepsWhatWasReadAfterIt() throws SQLException {
        Connection reader = serializable();
        assertEquals(ROWS, number(reader, "SELECT COUNT(*) FROM plain"));
        Savepoint savepoint = reader.setSavepoint("S");
        assertEquals(ROWS, number(reader, "SELECT COUNT(*) FROM t"));
        run(reader, "UPDATE t SET n = 5");
        reader.rollback(savepoint);
        Connection writer = at(Connection.TRANSACTION_READ_COMMITTED);
        run(writer, "SET LOCK_TIMEOUT 200");
        assertThrows(SQLException.class, () -> run(writer, "DELETE FROM t WHERE id = 1"));
        assertEquals(0, number(reader, "SELECT SUM(n) FROM t"));
        run(reader, "UPDATE t SET n = 1 WHERE id = 1");
        reader.commit();
        assertEquals(1, number(writer, "SELECT SUM(n) FROM t"));
    }

    /** Each reads what the other one writes; one of the two is told 40001, soon. */
    @Test
    void twoThatReadEachOthersTableAndWriteTheirOwn_inTwoPartitions() throws Exception {
        Connection first = serializable();
        Connection second = serializable();
        for (Connection each : List.of(first, second)) {
            run(each, "SET LOCK_TIMEOUT 30000");
            number(each, "SELECT SUM(n) FROM t");
            number(each, "SELECT SUM(n) FROM plain");
        }
        AtomicInteger refused = new AtomicInteger();
        List<CompletableFuture<Void>> both = new ArrayList<>();
        for (Connection each : List.of(first, second)) {
            String sql = each == first ? "UPDATE t SET n = n + 1" : "UPDATE plain SET n = n + 1";
            both.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            run(each, sql);
                            each.commit();
                        } catch (SQLException e) {
                            assertEquals("40001", e.getSQLState(), e::getMessage);
                            refused.incrementAndGet();
                        }
                    },
                    LockFixture.CLIENTS));
        }
        for (CompletableFuture<Void> one : both) {
            one.get(60, TimeUnit.SECONDS);
        }
        assertEquals(1, refused.get());
    }

    /** Two accounts of a client may be overdrawn one at a time only: a rule over both, which write skew breaks. */
    @Test
    void theBankKeepsARuleOverTwoRows_andEveryTotalIsRight() throws Exception {
        Connection setup = at(Connection.TRANSACTION_READ_COMMITTED);
        run(setup, "UPDATE t SET n = 100");
        setup.commit();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Connection client = serializable();
            Random random = new Random(i);
            clients.add(CompletableFuture.runAsync(
                    () -> {
                        while (!over.get()) {
                            withdrawOrMove(client, random, done);
                        }
                    },
                    LockFixture.CLIENTS));
        }
        Connection reader = serializable();
        int totals = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while ((totals < 10 || done.get() < 20) && System.nanoTime() < deadline) {
            try {
                int sum = 0;
                for (int id = 0; id < ROWS; id++) {
                    sum += number(reader, "SELECT n FROM t WHERE id = " + id);
                }
                assertEquals(number(reader, "SELECT SUM(n) FROM t"), sum);
                reader.commit();
                totals++;
            } catch (SQLException e) {
                assertTrue(List.of("40001", "HYT00").contains(e.getSQLState()), e::getMessage);
                reader.rollback();
            }
        }
        over.set(true);
        for (CompletableFuture<Void> client : clients) {
            client.get(60, TimeUnit.SECONDS);
        }
        assertTrue(totals >= 10 && done.get() >= 20, totals + " totals, " + done + " transactions");
        for (int id = 0; id < ROWS; id += 2) {
            int pair = number(reader, "SELECT SUM(n) FROM t WHERE id IN (" + id + ", " + (id + 1) + ")");
            assertTrue(pair >= 0, "accounts " + id + " and " + (id + 1) + ": " + pair);
        }
    }

    /** Takes from one account as much as the pair has; that is the rule. */
    private static void withdrawOrMove(Connection client, Random random, AtomicInteger done) {
        int id = random.nextInt(ROWS / 2) * 2;
        try {
            int pair = number(client, "SELECT n FROM t WHERE id = " + id)
                    + number(client, "SELECT n FROM t WHERE id = " + (id + 1));
            int from = id + random.nextInt(2);
            run(client, "UPDATE t SET n = n - " + Math.min(pair, 60) + " WHERE id = " + from);
            client.commit();
            done.incrementAndGet();
        } catch (SQLException e) {
            assertTrue(List.of("40001", "HYT00").contains(e.getSQLState()), e::getMessage);
            try {
                client.rollback();
            } catch (SQLException lost) {
                throw new AssertionError(lost);
            }
        }
    }

    /** Outside of a transaction a statement gives its locks back with its answer. */
    @Test
    void aStatementOfItsOwnHoldsNothingAfterwards() throws SQLException {
        Connection alone = serializable();
        alone.setAutoCommit(true);
        assertEquals(ROWS, number(alone, "SELECT COUNT(*) FROM t"));
        assertEquals(0, number(alone, "SELECT n FROM t WHERE id = 1"));
        assertEquals(ROWS, number(alone, "SELECT COUNT(*) FROM plain"));
        assertEquals(ROWS, run(alone, "UPDATE t SET n = n + 1"));
        assertEquals(1, run(alone, "UPDATE copied SET n = n + 1 WHERE id = 1"));
        Connection writer = at(Connection.TRANSACTION_READ_COMMITTED);
        run(writer, "SET LOCK_TIMEOUT 0");
        assertEquals(ROWS, run(writer, "UPDATE t SET n = n + 1"));
        assertEquals(ROWS, run(writer, "UPDATE plain SET n = n + 1"));
        writer.commit();
    }

    @Test
    void theLevelIsAnnouncedAndShown() throws Exception {
        Connection connection = at(Connection.TRANSACTION_READ_COMMITTED);
        assertTrue(connection.getMetaData().supportsTransactionIsolationLevel(Connection.TRANSACTION_SERIALIZABLE));
        run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE");
        connection.commit();
        assertEquals("SERIALIZABLE", own(connection).get("ISOLATION"));
    }
}
