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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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

/** SERIALIZABLE on a read-only connection: strictly serializable as the others, without a lock and without a wait. */
@Timeout(300)
class ReadOnlySerializableTest {

    private static final int ROWS = 12;
    private static final int BALANCE = 100;
    private static final int TOTAL = ROWS * BALANCE;
    private static final String SUM = "SELECT SUM(n) FROM t";

    private static EmbeddedCluster cluster;

    private final List<Connection> open = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = LockFixture.open(cluster.jdbcUrl())) {
            run(connection, "CREATE TABLE t (id INT PRIMARY KEY, n INT) PARTITION BY HASH (id) PARTITIONS 3");
            run(connection, "CREATE TABLE plain (id INT PRIMARY KEY, n INT)");
            run(connection, "CREATE TABLE copied (id INT PRIMARY KEY, n INT) REPLICATED");
            run(
                    connection,
                    "CREATE VIEW both_tables AS SELECT t.id, t.n + copied.n AS n FROM t JOIN copied USING (id)");
            run(connection, "CREATE SEQUENCE s");
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
        run(connection, "UPDATE t SET n = " + BALANCE);
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
        return connection;
    }

    private Connection reader() throws SQLException {
        Connection connection = at(Connection.TRANSACTION_SERIALIZABLE);
        connection.setReadOnly(true);
        assertTrue(connection.isReadOnly());
        return connection;
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertTrue(row.next());
            return row.getInt(1);
        }
    }

    private static SQLException refused(Connection connection, String sql) {
        SQLException refusal = assertThrows(SQLException.class, () -> run(connection, sql), sql);
        assertEquals("25006", refusal.getSQLState(), () -> sql + ": " + refusal.getMessage());
        return refusal;
    }

    /** Nobody here would wait for a lock at all. */
    @Test
    void aLongReportHoldsUpNoWriter_norDoesItWaitForOne() throws Exception {
        Connection busy = at(Connection.TRANSACTION_SERIALIZABLE);
        run(busy, "UPDATE t SET n = n - 1");
        run(busy, "UPDATE plain SET n = n + 1");
        Connection report = reader();
        run(report, "SET LOCK_TIMEOUT 0");
        assertEquals(TOTAL, number(report, SUM), "while somebody changes all of it");
        busy.rollback();
        int changes = 0;
        for (int level : new int[] {Connection.TRANSACTION_SERIALIZABLE, Connection.TRANSACTION_READ_COMMITTED}) {
            Connection writer = at(level);
            run(writer, "SET LOCK_TIMEOUT 0");
            for (int id = 0; id + 1 < ROWS; id++) {
                run(writer, "UPDATE t SET n = n - 1 WHERE id = " + id);
                run(writer, "UPDATE t SET n = n + 1 WHERE id = " + (id + 1));
                run(writer, "UPDATE plain SET n = n + 1");
                run(writer, "UPDATE copied SET n = n + 1 WHERE id = " + id);
                writer.commit();
                changes++;
                assertEquals(BALANCE, number(report, "SELECT n FROM t WHERE id = " + id), "as at its beginning");
            }
            run(writer, "INSERT INTO plain VALUES (" + (ROWS + level) + ", 0)");
            writer.commit();
            assertEquals(TOTAL, number(report, SUM));
            assertEquals(0, number(report, "SELECT SUM(n) FROM plain"));
            assertEquals(ROWS, number(report, "SELECT COUNT(*) FROM plain"), "nor a phantom");
            assertEquals(TOTAL, number(report, "SELECT SUM(n) FROM both_tables"));
        }
        assertEquals("SERIALIZABLE READ ONLY", own(report).get("ISOLATION"));
        report.commit();
        assertEquals(changes * ROWS, number(report, "SELECT SUM(n) FROM plain WHERE id < " + ROWS), "the next one");
        report.commit();
    }

    /** What was acknowledged before its first statement is seen, whoever committed it where. */
    @Test
    void nothingAcknowledgedIsMissing() throws SQLException {
        List<Connection> writers = List.of(
                at(Connection.TRANSACTION_READ_COMMITTED),
                at(Connection.TRANSACTION_SERIALIZABLE),
                at(Connection.TRANSACTION_REPEATABLE_READ));
        Connection report = reader();
        Connection alone = reader();
        alone.setAutoCommit(true);
        Random random = new Random(7);
        for (int round = 1; round <= 40; round++) {
            Connection writer = writers.get(random.nextInt(writers.size()));
            int id = random.nextInt(ROWS);
            run(writer, "UPDATE t SET n = n + 1 WHERE id = " + id);
            if (round % 2 == 0) {
                run(writer, "UPDATE t SET n = n + 1 WHERE id = " + (id + 1) % ROWS);
                run(writer, "UPDATE t SET n = n - 1 WHERE id = " + (id + 1) % ROWS);
            }
            writer.commit();
            assertEquals(TOTAL + round, number(report, SUM));
            report.commit();
            assertEquals(TOTAL + round, number(alone, SUM));
            int newest = number(report, "SELECT n FROM t WHERE id = " + id);
            report.commit();
            assertEquals(newest, number(alone, "SELECT n FROM t WHERE id = " + id));
        }
    }

    /** Money moves between partitions; no report sees it on the way, and no writer is told to wait for one. */
    @Test
    void everyTotalIsRightWhileMoneyMoves() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger moves = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Connection client =
                    at(i == 0 ? Connection.TRANSACTION_SERIALIZABLE : Connection.TRANSACTION_READ_COMMITTED);
            Random random = new Random(i);
            clients.add(CompletableFuture.runAsync(
                    () -> {
                        while (!over.get()) {
                            move(client, random, moves);
                        }
                    },
                    LockFixture.CLIENTS));
        }
        Connection report = reader();
        int totals = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while ((totals < 25 || moves.get() < 40) && System.nanoTime() < deadline) {
            int sum = 0;
            for (int id = 0; id < ROWS; id += 1 + totals % 2) {
                sum += number(report, "SELECT SUM(n) FROM t WHERE id = " + id);
            }
            assertEquals(TOTAL, number(report, SUM));
            if (totals % 2 == 0) {
                assertEquals(TOTAL, sum, "row by row");
            }
            report.commit();
            totals++;
        }
        over.set(true);
        for (CompletableFuture<Void> client : clients) {
            client.get(60, TimeUnit.SECONDS);
        }
        assertTrue(totals >= 25 && moves.get() >= 40, totals + " totals, " + moves + " moves");
    }

    private static void move(Connection client, Random random, AtomicInteger done) {
        int from = random.nextInt(ROWS);
        int to = random.nextInt(ROWS);
        try {
            run(client, "UPDATE t SET n = n - 3 WHERE id = " + Math.min(from, to));
            run(client, "UPDATE t SET n = n + 3 WHERE id = " + Math.max(from, to));
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

    /**
     * The batches of Fekete, O'Neil and O'Neil, "A Read-Only Transaction Anomaly Under Snapshot Isolation" (2004): a receipt is
     * for the batch that is open, the batch is closed, and a report lists the receipts of the closed one. Snapshot isolation lets
     * a receipt appear in a batch that was reported without it.
     */
    @Test
    void aReportOfAClosedBatchIsFinal() throws Exception {
        assertEquals(0, receiptsOfReport(Connection.TRANSACTION_REPEATABLE_READ), "write skew shown to a third party");
        run(open.get(0), "UPDATE plain SET n = 0");
        run(open.get(0), "DELETE FROM t WHERE id >= 100");
        open.get(0).commit();
        assertEquals(1, receiptsOfReport(Connection.TRANSACTION_SERIALIZABLE));
    }

    /** The first report that says that the batch is closed: how many receipts does it list? One is committed. */
    private int receiptsOfReport(int level) throws Exception {
        Connection cashier = at(level);
        Connection closer = at(level);
        run(closer, "SET LOCK_TIMEOUT 30000");
        Connection report = at(level);
        report.setReadOnly(true);
        int batch = number(cashier, "SELECT n FROM plain WHERE id = 1");
        String close = "UPDATE plain SET n = n + 1 WHERE id = 1";
        CompletableFuture<Void> closed = CompletableFuture.runAsync(
                () -> {
                    try {
                        run(closer, close);
                        closer.commit();
                    } catch (SQLException e) {
                        throw new AssertionError(e);
                    }
                },
                LockFixture.CLIENTS);
        boolean waits = level == Connection.TRANSACTION_SERIALIZABLE;
        Connection observer = open.get(0);
        String cashiers = own(cashier).get("TRANSACTION_ID");
        await("the batch is closed, or waits for the cashier", () -> {
            boolean blocked = rows(observer, "SHOW TRANSACTIONS").stream()
                    .anyMatch(row -> row.get("STATEMENT").equals(close)
                            && row.get("BLOCKED_BY").contains(cashiers));
            return waits ? blocked : closed.isDone();
        });
        Integer receipts = reported(report, batch);
        assertEquals(waits ? null : (Integer) 0, receipts);
        run(cashier, "INSERT INTO t VALUES (" + (100 + batch) + ", 1)");
        cashier.commit();
        closed.get(60, TimeUnit.SECONDS);
        return receipts == null ? reported(report, batch) : receipts;
    }

    private static Integer reported(Connection report, int batch) throws SQLException {
        int now = number(report, "SELECT n FROM plain WHERE id = 1");
        int receipts = number(report, "SELECT COUNT(*) FROM t WHERE id = " + (100 + batch));
        report.commit();
        return now == batch ? null : (Integer) receipts;
    }

    @Test
    void itOnlyReads_andTheRefusalSaysTheCure() throws SQLException {
        Connection reader = reader();
        assertEquals(TOTAL, number(reader, SUM));
        for (boolean autoCommit : new boolean[] {false, true}) {
            reader.setAutoCommit(autoCommit);
            for (String sql : List.of(
                    "UPDATE t SET n = 0 WHERE id = 1",
                    "UPDATE t SET n = 0",
                    "INSERT INTO plain VALUES (100, 2)",
                    "DELETE FROM copied",
                    "MERGE INTO plain KEY (id) VALUES (1, 1)",
                    "SELECT n FROM t WHERE id = 1 FOR UPDATE",
                    "SELECT n FROM plain FOR UPDATE",
                    "SELECT * FROM FINAL TABLE (INSERT INTO plain VALUES (101, 1))",
                    "SELECT NEXT VALUE FOR s",
                    "CREATE TABLE other (id INT PRIMARY KEY)",
                    "TRUNCATE TABLE plain")) {
                String message = refused(reader, sql).getMessage();
                assertTrue(message.contains("setReadOnly(false)"), message);
            }
            try (PreparedStatement batch = reader.prepareStatement("INSERT INTO t VALUES (?, 0)")) {
                for (int id = 200; id < 204; id++) {
                    batch.setInt(1, id);
                    batch.addBatch();
                }
                SQLException refusal = assertThrows(SQLException.class, batch::executeBatch);
                assertEquals("25006", refusal.getSQLState(), refusal::getMessage);
            }
            assertEquals(TOTAL, number(reader, SUM), "and goes on");
        }
        reader.setReadOnly(false);
        reader.setAutoCommit(false);
        assertEquals(1, run(reader, "UPDATE t SET n = n + 1 WHERE id = 1"));
        reader.rollback();
        Connection hint = at(Connection.TRANSACTION_READ_COMMITTED);
        hint.setReadOnly(true);
        assertEquals(1, run(hint, "UPDATE plain SET n = n + 1 WHERE id = 1"), "at other levels a hint, as in H2");
        hint.rollback();
    }

    /** JDBC leaves it open what a change in the middle of a transaction does: it counts from the next one on. */
    @Test
    void whatIsSetCountsFromTheNextTransactionOn_inSqlToo() throws SQLException {
        Connection connection = at(Connection.TRANSACTION_SERIALIZABLE);
        run(connection, "UPDATE plain SET n = n + 1 WHERE id = 1");
        connection.setReadOnly(true);
        assertTrue(connection.isReadOnly());
        run(connection, "UPDATE plain SET n = n + 1 WHERE id = 1");
        connection.commit();
        assertEquals(2, number(connection, "SELECT n FROM plain WHERE id = 1"));
        connection.setReadOnly(false);
        refused(connection, "UPDATE plain SET n = n + 1 WHERE id = 1");
        connection.commit();
        run(connection, "SET TRANSACTION READ ONLY");
        assertFalse(connection.isReadOnly());
        refused(connection, "UPDATE plain SET n = n + 1 WHERE id = 1");
        SQLException late = assertThrows(SQLException.class, () -> run(connection, "SET TRANSACTION READ WRITE"));
        assertEquals("25001", late.getSQLState(), late::getMessage);
        connection.commit();
        run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
        assertTrue(connection.isReadOnly());
        refused(connection, "UPDATE plain SET n = n + 1 WHERE id = 1");
        connection.commit();
        run(connection, "SET TRANSACTION READ WRITE");
        run(connection, "UPDATE plain SET n = n + 1 WHERE id = 1");
        connection.commit();
        run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE");
        assertFalse(connection.isReadOnly());
        assertEquals(3, number(connection, "SELECT n FROM plain WHERE id = 1"));
        connection.setAutoCommit(true);
        SQLException none = assertThrows(SQLException.class, () -> run(connection, "SET TRANSACTION READ ONLY"));
        assertEquals("0A000", none.getSQLState(), none::getMessage);
    }
}
