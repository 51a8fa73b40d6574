package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deuterium.router.execute.Eventually;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.PrepareStatement;
import org.deuterium.wire.client.StatementPrepared;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Statements in SQL text, from a socket to the partitions and back. */
class SessionStatementsTest {

    private RouterHarness router;
    private TestClient client;

    @BeforeEach
    void open() throws SQLException, IOException {
        router = new RouterHarness();
        client = router.client();
    }

    @AfterEach
    void close() throws SQLException {
        client.close();
        router.close();
    }

    private void createTables() {
        client.update("CREATE TABLE PLAIN(ID INT PRIMARY KEY, V VARCHAR(20))");
        client.update("CREATE TABLE SPREAD(W INT, ID INT, V VARCHAR(20), PRIMARY KEY(W, ID))"
                + " PARTITION BY HASH(W) PARTITIONS 4");
    }

    /** The statement handle of a text. */
    private StatementPrepared prepare(String sql) {
        return assertInstanceOf(StatementPrepared.class, client.ask(new PrepareStatement(sql)));
    }

    private Message run(StatementPrepared prepared, boolean wantColumns, Object... values) {
        return client.ask(new ExecuteStatement(
                prepared.statement(),
                null,
                TestClient.parameters(1, values),
                true,
                0,
                0,
                0,
                KeysWanted.NONE,
                wantColumns));
    }

    @Test
    void plainTablesTakeAllOfH2() {
        createTables();
        assertEquals(3, client.update("INSERT INTO PLAIN VALUES(1, 'a'), (2, 'b'), (3, NULL)"));
        assertEquals(List.of("3|null", "2|b", "1|a"), client.query("SELECT * FROM PLAIN ORDER BY ID DESC"));
        assertEquals(2, client.update("UPDATE PLAIN SET V = V || '!' WHERE V IS NOT NULL"));
        assertEquals(List.of("b!"), client.query("SELECT V FROM PLAIN WHERE ID = ?", 2));
        assertEquals("23505", client.refused("INSERT INTO PLAIN VALUES(1, 'x')").sqlState());
        assertEquals(1, client.update("DELETE FROM PLAIN WHERE ID = 1"));
    }

    @Test
    void partitionedTablesAreWrittenByKeyAndReadWhole() {
        createTables();
        for (int w = 0; w < 20; w++) {
            assertEquals(1, client.update("INSERT INTO SPREAD VALUES(?, ?, ?)", w, w * w, "v" + w));
        }
        assertEquals(List.of("v7"), client.query("SELECT V FROM SPREAD WHERE W = ?", 7));
        assertEquals(List.of("20|190|361"), client.query("SELECT COUNT(*), SUM(W), MAX(ID) FROM SPREAD"));
        assertEquals(List.of("19", "18", "17"), client.query("SELECT W FROM SPREAD ORDER BY ID DESC LIMIT 3"));
        assertEquals(1, client.update("UPDATE SPREAD SET V = 'new' WHERE W = 3"));
        assertEquals(List.of("new"), client.query("SELECT V FROM SPREAD WHERE W = 3"));
    }

    @Test
    void changesOverSeveralPartitionsAreAllOrNothing() {
        createTables();
        assertEquals(4, client.update("INSERT INTO SPREAD VALUES(0, 0, ''), (1, 0, ''), (2, 0, ''), (3, 0, '')"));
        assertEquals(2, client.update("INSERT INTO SPREAD VALUES(5, 0, ''), (5, 1, '')"));
        assertEquals(6, client.update("UPDATE SPREAD SET V = 'all'"));
        Failure duplicate = client.refused("INSERT INTO SPREAD VALUES(7, 0, ''), (8, 0, ''), (9, 0, ''), (5, 1, '')");
        assertEquals("23505", duplicate.sqlState());
        assertEquals(List.of("6"), client.query("SELECT COUNT(*) FROM SPREAD"));
        assertEquals(2, client.update("DELETE FROM SPREAD LIMIT 2"));
        assertEquals(4, client.update("DELETE FROM SPREAD"));
    }

    @Test
    void setsOfABatchWhosePartitionHasAnotherSchemaAreRunAgain() {
        createTables();
        AtomicInteger refused = new AtomicInteger();
        router.partitions.callStale(request -> request instanceof ExecuteInBranch execute
                && execute.partition().number() == 2
                && refused.incrementAndGet() == 1);
        Object[] values = IntStream.range(0, 40)
                .boxed()
                .flatMap(w -> Stream.of(w, w, "v" + w))
                .toArray();
        UpdateCounts counts = assertInstanceOf(
                UpdateCounts.class,
                client.ask(client.statement(
                        "INSERT INTO SPREAD VALUES(?, ?, ?)", TestClient.parameters(40, values), KeysWanted.NONE)));
        assertArrayEquals(IntStream.range(0, 40).mapToLong(w -> 1).toArray(), counts.counts());
        assertEquals(2, refused.get());
        assertEquals(List.of("40|780"), client.query("SELECT COUNT(*), SUM(W) FROM SPREAD"));
    }

    @Test
    void badStatementsLeaveTheSessionUsable() {
        createTables();
        assertEquals("42001", client.refused("SELEC 1").sqlState());
        assertEquals("42S02", client.refused("SELECT * FROM NOWHERE").sqlState());
        assertEquals(
                "22012",
                client.refused("SELECT 1/0 FROM PLAIN UNION SELECT 1/0").sqlState());
        assertEquals("90012", client.refused("SELECT * FROM PLAIN WHERE ID = ?").sqlState());
        assertEquals(List.of("1"), client.query("SELECT 1"));
    }

    @Test
    void preparedStatementsFollowTheSchema() {
        createTables();
        client.update("INSERT INTO PLAIN VALUES(1, 'a')");
        StatementPrepared all = prepare("SELECT * FROM PLAIN WHERE ID = ?");
        assertEquals(2, all.columns().size());
        assertEquals(1, all.parameters().size());
        assertNull(assertInstanceOf(RowsPage.class, run(all, false, 1)).columns());
        client.update("ALTER TABLE PLAIN ADD COLUMN MORE INT DEFAULT 5");
        RowsPage wider = assertInstanceOf(RowsPage.class, run(all, false, 1));
        assertEquals(3, assertNotNullColumns(wider));
        client.tell(new CloseHandle(false, all.statement()));
        assertEquals(
                ErrorCode.NO_SUCH_HANDLE,
                assertInstanceOf(Failure.class, run(all, false, 1)).error());
    }

    private static int assertNotNullColumns(RowsPage page) {
        assertNotNull(page.columns());
        return page.columns().size();
    }

    @Test
    void transactionsOfTheDriver() {
        createTables();
        client.autoCommit = false;
        client.update("INSERT INTO SPREAD VALUES(1, 1, 'x')");
        try (TestClient other = router.client()) {
            assertEquals(List.of("0"), other.query("SELECT COUNT(*) FROM SPREAD"));
            assertEquals(List.of("1"), client.query("SELECT COUNT(*) FROM SPREAD"));
            assertInstanceOf(Done.class, client.ask(new EndTransaction(true)));
            assertEquals(List.of("1"), other.query("SELECT COUNT(*) FROM SPREAD"));
        }
        client.update("DELETE FROM SPREAD WHERE W = 1");
        assertInstanceOf(Done.class, client.ask(new EndTransaction(false)));
        assertEquals(List.of("1"), client.query("SELECT COUNT(*) FROM SPREAD"));
    }

    @Test
    void transactionsInText() {
        createTables();
        client.update("BEGIN");
        client.update("INSERT INTO PLAIN VALUES(1, 'x')");
        client.update("SAVEPOINT A");
        client.update("INSERT INTO PLAIN VALUES(2, 'x')");
        client.update("ROLLBACK TO SAVEPOINT A");
        assertEquals(90063, client.refused("ROLLBACK TO SAVEPOINT B").vendorCode());
        client.update("COMMIT");
        assertEquals(List.of("1"), client.query("SELECT ID FROM PLAIN"));
        client.update("SET AUTOCOMMIT FALSE");
        client.update("INSERT INTO PLAIN VALUES(3, 'x')");
        client.update("ROLLBACK");
        client.update("INSERT INTO PLAIN VALUES(4, 'x')");
        client.update("SET AUTOCOMMIT TRUE");
        assertEquals(List.of("1", "4"), client.query("SELECT ID FROM PLAIN ORDER BY ID"));
    }

    @Test
    void aSchemaChangeCommitsFirst() {
        createTables();
        client.autoCommit = false;
        client.update("INSERT INTO PLAIN VALUES(1, 'x')");
        client.update("CREATE INDEX I ON PLAIN(V)");
        client.ask(new EndTransaction(false));
        assertEquals(List.of("1"), client.query("SELECT ID FROM PLAIN"));
    }

    @Test
    void aClientThatDisappearsLeavesNoLocks() throws SQLException {
        createTables();
        client.update("INSERT INTO PLAIN VALUES(1, 'x')");
        TestClient lost = router.client();
        lost.autoCommit = false;
        lost.update("UPDATE PLAIN SET V = 'lost' WHERE ID = 1");
        assertEquals(
                "HYT00", client.refused("UPDATE PLAIN SET V = 'y' WHERE ID = 1").sqlState());
        lost.close();
        Eventually.until(() -> router.partitions.openBranches() == 0);
        assertEquals(1, client.update("UPDATE PLAIN SET V = 'z' WHERE ID = 1"));
    }

    @Test
    void aClientThatDisappearsStopsWhatItRuns() {
        createTables();
        TestClient lost = router.client();
        lost.send(lost.statement(
                "SELECT COUNT(*) FROM PLAIN P RIGHT JOIN SYSTEM_RANGE(1, 100000000000) R ON P.ID = R.X",
                org.deuterium.wire.statement.ParameterRows.NONE,
                KeysWanted.NONE));
        Eventually.until(() -> router.partitions.openBranches() == 1);
        lost.close();
        Eventually.until(() -> router.partitions.openBranches() == 0);
    }

    @Test
    void batchesGiveACountForEachSet() {
        createTables();
        Message answer = client.ask(client.statement(
                "INSERT INTO SPREAD VALUES(?, ?, ?)",
                TestClient.parameters(4, 1, 1, "a", 2, 1, "b", 1, 1, "c", 3, 1, "d"),
                KeysWanted.NONE));
        UpdateCounts counts = assertInstanceOf(UpdateCounts.class, answer);
        assertArrayEquals(new long[] {1, 1, -3, 1}, counts.counts());
        assertEquals("23505", counts.failures().get(0).sqlState());
        assertEquals(List.of("1", "2", "3"), client.query("SELECT W FROM SPREAD ORDER BY W"));
    }

    @Test
    void identityColumnsThatDecideThePartitionAreDrawn() {
        client.update("CREATE TABLE DRAWN(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V INT)"
                + " PARTITION BY HASH(ID) PARTITIONS 4");
        for (int i = 0; i < 40; i++) {
            Message answer = client.ask(
                    client.statement("INSERT INTO DRAWN(V) VALUES(?)", TestClient.parameters(1, i), KeysWanted.ALL));
            assertNotNull(assertInstanceOf(UpdateCounts.class, answer, answer::toString)
                    .generatedKeys());
        }
        assertEquals(
                List.of("40|40|1|40"),
                client.query("SELECT COUNT(*), COUNT(DISTINCT ID), MIN(ID), MAX(ID) FROM DRAWN"));
    }

    @Test
    void drawingFromASequenceIsNoWrite() {
        createTables();
        client.update("CREATE SEQUENCE NUMBERS");
        client.autoCommit = false;
        assertEquals(List.of("1"), client.query("SELECT NEXT VALUE FOR NUMBERS"));
        client.update("INSERT INTO SPREAD VALUES(1, 1, 'x')");
        assertEquals(List.of("2"), client.query("SELECT NEXT VALUE FOR NUMBERS"));
        assertInstanceOf(Done.class, client.ask(new EndTransaction(true)));
        client.update("INSERT INTO SPREAD VALUES(1, 2, 'x')");
        assertEquals(List.of("9|x"), client.query("SELECT * FROM FINAL TABLE (INSERT INTO PLAIN VALUES(9, 'x'))"));
        assertInstanceOf(Done.class, client.ask(new EndTransaction(true)));
        assertEquals(List.of("2"), client.query("SELECT COUNT(*) FROM SPREAD"));
    }

    @Test
    void showsTheCluster() {
        createTables();
        client.fetchSize = 0;
        assertEquals(5, client.query("SHOW PARTITIONS").size());
        assertEquals(4, client.query("SHOW PARTITIONS FROM SPREAD").size());
        List<String> replicas = client.query("SHOW REPLICAS");
        assertEquals(5, replicas.size());
        assertTrue(replicas.get(0).contains("LEADER"), replicas.get(0));
        List<String> nodes = client.query("SHOW NODES");
        assertEquals(1, nodes.size());
        assertTrue(nodes.get(0).contains("127.0.0.1:1"), nodes.get(0));
        assertTrue(client.query("EXPLAIN SELECT * FROM SPREAD WHERE W = 1").size() > 0);
    }

    @Test
    void waitsForAPartitionWithoutALeader() {
        createTables();
        router.board.lead(PartitionId.HOME, null);
        CompletableFuture<Message> answer = client.send(client.statement(
                "INSERT INTO PLAIN VALUES(1, 'x')", org.deuterium.wire.statement.ParameterRows.NONE, KeysWanted.NONE));
        router.board.lead(PartitionId.HOME, RouterHarness.SELF);
        assertInstanceOf(UpdateCounts.class, TestClient.get(answer));
    }

    @Test
    void schemaChangesOfTwoRoutersFollowOneAnother() throws SQLException, IOException {
        createTables();
        try (RouterHarness second = new RouterHarness(RouterSettings.defaults().withDefaultReplicas(1), router);
                TestClient there = second.client()) {
            for (int i = 0; i < 5; i++) {
                CompletableFuture<Message> here = client.send(client.statement(
                        "CREATE TABLE A" + i + "(ID INT)",
                        org.deuterium.wire.statement.ParameterRows.NONE,
                        KeysWanted.NONE));
                CompletableFuture<Message> other = there.send(there.statement(
                        "CREATE TABLE B" + i + "(ID INT)",
                        org.deuterium.wire.statement.ParameterRows.NONE,
                        KeysWanted.NONE));
                assertInstanceOf(UpdateCounts.class, TestClient.get(here));
                assertInstanceOf(UpdateCounts.class, TestClient.get(other));
            }
            for (int i = 0; i < 5; i++) {
                assertEquals(1, there.update("INSERT INTO A" + i + " VALUES(1)"));
                assertEquals(1, client.update("INSERT INTO B" + i + " VALUES(1)"));
            }
        }
        assertEquals(12, router.board.version());
    }

    /** The driver asks for a lost commit by its transaction's number, so it must know which statements have ended one. */
    @Test
    void aSchemaChangeThatFailsSaysWhetherItHasCommittedWhatWasOpen() throws Exception {
        createTables();
        try (TestClient other = router.client()) {
            client.autoCommit = false;
            int row = 0;
            for (String change : List.of(
                    "CREATE TABLE",
                    "CREATE TABLE PLAIN(ID INT)",
                    "ALTER TABLE NOTHING ADD C INT",
                    "DROP TABLE NOTHING")) {
                client.update("INSERT INTO PLAIN VALUES(" + ++row + ", 'x')");
                Failure failure = assertInstanceOf(Failure.class, client.execute(change));
                RowsPage seen =
                        assertInstanceOf(RowsPage.class, other.execute("SELECT ID FROM PLAIN WHERE ID = " + row));
                assertEquals(seen.rowCount() == 1, failure.transactionEnded(), change + ": " + failure.message());
                client.ask(new EndTransaction(false));
            }
        }
    }
}
