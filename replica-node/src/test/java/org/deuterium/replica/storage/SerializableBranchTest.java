package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tables a statement's branch has locked while it runs, and until when. */
class SerializableBranchTest {

    @TempDir
    Path directory;

    private TwoReplicas replicas;
    private int next = 100;

    @BeforeEach
    void open() {
        replicas = new TwoReplicas(directory);
        replicas.schema(
                "CREATE TABLE P(ID INT PRIMARY KEY, V INT)",
                "CREATE TABLE C(ID INT PRIMARY KEY, P INT REFERENCES P(ID) ON DELETE CASCADE, V INT)",
                "CREATE TABLE OTHER(ID INT PRIMARY KEY, UPDATED INT)",
                "CREATE VIEW W AS SELECT P.ID, C.V FROM P JOIN C ON C.P = P.ID");
        replicas.execute("INSERT INTO P VALUES (1, 1), (2, 2)");
        replicas.execute("INSERT INTO C VALUES (1, 1, 1)");
        replicas.execute("INSERT INTO OTHER VALUES (1, 1)");
    }

    @AfterEach
    void close() {
        replicas.close();
    }

    private Branch begin(Isolation isolation) {
        return replicas.leader.openBranch(new TransactionId(9, ++next), TwoReplicas.SESSION.with(isolation));
    }

    private static StatementResult run(Branch branch, String sql) {
        return branch.execute(TwoReplicas.statement(sql, TwoReplicas.parameters(1), 0, KeysWanted.NONE), 0);
    }

    private static void done(Branch branch, String sql) {
        StatementResult result = run(branch, sql);
        assertTrue(
                result.isAnswered() && !(result.answer() instanceof Failure),
                () -> sql + ": " + result.kind() + " " + result.answer());
    }

    /** True if a change by another transaction at READ COMMITTED has to wait. */
    private boolean changeWaits(String sql) {
        Branch writer = begin(Isolation.READ_COMMITTED);
        StatementResult result = run(writer, sql);
        writer.rollback();
        if (result.kind() == StatementResult.Kind.LOCKED) {
            assertTrue(result.lock().name().startsWith("table "), result.lock()::name);
            return true;
        }
        assertInstanceOf(UpdateCounts.class, result.answer(), sql);
        return false;
    }

    private boolean changeOfWaits(String table) {
        return changeWaits("UPDATE " + table + " SET ID = ID WHERE ID = 1");
    }

    private void assertReads(String sql, String... tables) {
        Branch reader = begin(Isolation.SERIALIZABLE);
        done(reader, sql);
        for (String table : List.of("P", "C", "OTHER")) {
            boolean wanted = List.of(tables).contains(table);
            assertEquals(wanted, changeOfWaits(table), sql + " and " + table);
        }
        reader.rollback();
        assertTrue(!changeOfWaits("P") && !changeOfWaits("C") && !changeOfWaits("OTHER"));
    }

    @Test
    void whatAQueryReadsIsLocked_throughViewsAndSubqueries() {
        assertReads("SELECT * FROM OTHER", "OTHER");
        assertReads("SELECT * FROM W", "P", "C");
        assertReads("SELECT (SELECT MAX(V) FROM C) FROM OTHER", "C", "OTHER");
        assertReads("SELECT 1 FROM OTHER WHERE EXISTS (SELECT 1 FROM P WHERE V = OTHER.ID)", "P", "OTHER");
        assertReads("WITH X AS (SELECT * FROM C) SELECT * FROM X", "C");
        assertReads("SELECT * FROM P UNION ALL SELECT ID, UPDATED FROM OTHER", "P", "OTHER");
        assertReads("SELECT 1");
    }

    @Test
    void whatAQueryReadsIsLocked_howeverDeepItIs() {
        replicas.schema(
                "CREATE VIEW W2 AS SELECT * FROM W",
                "CREATE VIEW IN_C AS SELECT * FROM OTHER WHERE ID IN (SELECT V FROM C)",
                "CREATE VIEW OF_ARRAY AS SELECT * FROM UNNEST(ARRAY(SELECT ID FROM C))");
        assertReads("SELECT * FROM W2", "P", "C");
        assertReads("SELECT * FROM (SELECT * FROM W2) X", "P", "C");
        assertReads("WITH X AS (SELECT * FROM W) SELECT * FROM X", "P", "C");
        assertReads("SELECT * FROM IN_C", "C", "OTHER");
        assertReads("SELECT * FROM (SELECT * FROM OTHER WHERE ID IN (SELECT V FROM C)) X", "C", "OTHER");
        assertReads("SELECT * FROM (SELECT (SELECT MAX(V) FROM P) FROM OTHER) X", "P", "OTHER");
        assertReads("SELECT * FROM UNNEST(ARRAY(SELECT V FROM P))", "P");
        assertReads("SELECT * FROM OF_ARRAY", "C");
        assertReads("SELECT X FROM SYSTEM_RANGE(1, (SELECT MAX(V) FROM \"P\"))", "P");
        assertReads("SELECT 1 FROM other FETCH FIRST (SELECT MAX(V) FROM c) ROWS ONLY", "C", "OTHER");
        assertReads("VALUES ((SELECT MAX(V) FROM P))", "P");
        assertReads("CALL (SELECT MAX(V) FROM PUBLIC.P)", "P");
    }

    @Test
    void whatAChangeReadsIsLocked() {
        replicas.schema("CREATE TABLE K(ID INT PRIMARY KEY, V INT CHECK(V NOT IN (SELECT UPDATED + 5 FROM OTHER)))");
        replicas.execute("INSERT INTO K VALUES (1, 1), (2, 2)");
        assertReads(
                "MERGE INTO K USING (SELECT * FROM W) S ON K.ID = S.ID WHEN MATCHED THEN DELETE", "P", "C", "OTHER");
        assertReads("MERGE INTO K USING W S ON K.ID = S.ID WHEN MATCHED THEN UPDATE SET V = 5", "P", "C", "OTHER");
        assertReads("INSERT INTO K SELECT ID + 10, V FROM W", "P", "C", "OTHER");
        assertReads("UPDATE K SET V = (SELECT MAX(V) FROM (SELECT * FROM W) X)", "P", "C", "OTHER");
        assertReads("MERGE INTO K KEY(ID) VALUES (1, (SELECT MAX(V) FROM C))", "C", "OTHER");
        assertReads("INSERT INTO K VALUES (7, 1)", "OTHER");
        assertReads("DELETE FROM K WHERE ID IN (SELECT ID FROM UNNEST(ARRAY(SELECT V FROM P)) X(ID))", "P", "OTHER");
    }

    @Test
    void changesInsideAQueryAreKeptFromReaders_whereverTheyAre() {
        String insert = "(INSERT INTO OTHER VALUES (9, 9))";
        String[] all = {"P", "C", "OTHER"};
        assertChanges("SELECT (SELECT ID FROM FINAL TABLE " + insert + ")", all);
        assertChanges("WITH X AS (SELECT ID FROM FINAL TABLE " + insert + ") SELECT * FROM X", all);
        assertChanges("SELECT * FROM P WHERE ID IN (SELECT ID FROM NEW TABLE " + insert + ")", "OTHER");
        assertChanges("INSERT INTO P SELECT * FROM FINAL TABLE " + insert, all);
    }

    private static String readAtCut(Branch reader, String sql, Runnable meanwhile) {
        ReadBound cut = ReadBound.NONE.atCut(new Timestamp(7));
        StatementResult result = reader.execute(
                TwoReplicas.statement(sql, ParameterRows.NONE, 0, KeysWanted.NONE)
                        .at(cut),
                0);
        assertEquals(StatementResult.Kind.AWAITS_CUT, result.kind());
        reader.startAtCut();
        meanwhile.run();
        RowsPage page = assertInstanceOf(RowsPage.class, reader.resume(0).answer());
        reader.rollback();
        return TwoReplicas.text(page, page.columns().size());
    }

    @Test
    void aQueryAtACutShowsAllItsTablesAsTheyWereThen() {
        replicas.schema("CREATE VIEW W2 AS SELECT V FROM W");
        for (String sql : List.of(
                "SELECT V FROM C",
                "SELECT * FROM W2",
                "SELECT * FROM (SELECT ID FROM OTHER WHERE ID IN (SELECT V FROM C)) X",
                "SELECT * FROM UNNEST(ARRAY(SELECT V FROM C))")) {
            replicas.execute("UPDATE C SET V = 1 WHERE ID = 1");
            String seen = readAtCut(
                    begin(Isolation.READ_COMMITTED), sql, () -> replicas.execute("UPDATE C SET V = 77 WHERE ID = 1"));
            assertEquals("1", seen, sql);
        }
    }

    private static boolean readWaits(Branch reader, String table) {
        return run(reader, "SELECT * FROM " + table).kind() == StatementResult.Kind.LOCKED;
    }

    private void assertChanges(String sql, String... tables) {
        Branch writer = begin(Isolation.READ_COMMITTED);
        done(writer, sql);
        for (String table : List.of("P", "C", "OTHER")) {
            Branch reader = begin(Isolation.SERIALIZABLE);
            assertEquals(List.of(tables).contains(table), readWaits(reader, table), sql + " and " + table);
            reader.rollback();
        }
        assertTrue(writer.holdsLocks());
        writer.rollback();
    }

    @Test
    void whatAChangeAtReadCommittedChangesIsKeptFromReaders_cascadesToo() {
        assertChanges("UPDATE OTHER SET UPDATED = 2 WHERE ID = 1", "OTHER");
        assertChanges("UPDATE OTHER SET UPDATED = 2 WHERE ID = 77", "OTHER");
        assertChanges("INSERT INTO C VALUES (7, 1, 1)", "C");
        assertChanges("DELETE FROM P WHERE ID = 1", "P", "C");
        assertChanges("UPDATE P SET V = 5 WHERE ID = 1", "P");
        assertChanges("MERGE INTO OTHER KEY(ID) VALUES (1, 5)", "OTHER");
        assertChanges("MERGE INTO P USING (SELECT 2 AS I) S ON P.ID = S.I WHEN MATCHED THEN DELETE", "P", "C");
        assertChanges("SELECT ID FROM FINAL TABLE (INSERT INTO OTHER VALUES (9, 9))", "OTHER");
        assertChanges("SELECT ID FROM OLD TABLE (DELETE FROM P WHERE ID = 2)", "P", "C");
    }

    @Test
    void aQueryAtReadCommittedHoldsNothing_alsoIfAColumnIsCalledUpdated() {
        Branch reader = begin(Isolation.READ_COMMITTED);
        done(reader, "SELECT UPDATED FROM OTHER");
        Branch serializable = begin(Isolation.SERIALIZABLE);
        assertTrue(!readWaits(serializable, "OTHER"));
        done(reader, "SELECT UPDATED FROM OTHER");
        serializable.rollback();
        reader.rollback();
    }

    /** A row that is looked up in a parent, or found missing in a child, is read like any other. */
    @Test
    void foreignKeysReadTheOtherTable() {
        Branch child = begin(Isolation.SERIALIZABLE);
        done(child, "INSERT INTO C VALUES (8, 2, 2)");
        assertTrue(changeWaits("DELETE FROM P WHERE ID = 1"));
        child.rollback();
        Branch parent = begin(Isolation.SERIALIZABLE);
        done(parent, "DELETE FROM P WHERE ID = 2");
        assertTrue(changeWaits("INSERT INTO C VALUES (8, 1, 2)"));
        parent.rollback();
    }

    @Test
    void aReaderWaitsUntilTheWriterHasEndedInH2_andThenSeesIt() {
        Branch writer = begin(Isolation.READ_COMMITTED);
        done(writer, "UPDATE P SET V = 9 WHERE ID = 1");
        Branch reader = begin(Isolation.SERIALIZABLE);
        StatementResult waits = run(reader, "SELECT V FROM P WHERE ID = 1");
        assertEquals(StatementResult.Kind.LOCKED, waits.kind());
        assertEquals(writer.transaction(), waits.lock().holder());
        writer.capture();
        assertEquals(StatementResult.Kind.LOCKED, reader.resume(0).kind());
        replicas.last = replicas.last.next();
        writer.commit(replicas.last, TwoReplicas.TERM);
        assertInstanceOf(RowsPage.class, reader.resume(0).answer());
        reader.rollback();
    }

    @Test
    void ofTwoThatReadAndThenWriteTheYoungerIsTold40001() {
        Branch older = begin(Isolation.SERIALIZABLE);
        Branch younger = begin(Isolation.SERIALIZABLE);
        done(older, "SELECT * FROM P");
        done(younger, "SELECT * FROM P");
        assertEquals(
                StatementResult.Kind.LOCKED,
                run(older, "UPDATE P SET V = 1 WHERE ID = 1").kind());
        StatementResult victim = run(younger, "UPDATE P SET V = 1 WHERE ID = 2");
        Failure failure = assertInstanceOf(Failure.class, victim.answer());
        assertEquals("40001", failure.sqlState());
        assertTrue(failure.transactionEnded());
        younger.rollback();
        assertInstanceOf(UpdateCounts.class, older.resume(0).answer());
        older.rollback();
    }

    @Test
    void noWaitDoesNotWaitForATableEither() {
        Branch writer = begin(Isolation.READ_COMMITTED);
        done(writer, "UPDATE P SET V = 9 WHERE ID = 1");
        Branch reader = begin(Isolation.SERIALIZABLE);
        Failure failure = assertInstanceOf(
                Failure.class,
                run(reader, "SELECT * FROM P WHERE ID = 2 FOR UPDATE NOWAIT").answer());
        assertEquals("HYT00", failure.sqlState());
        reader.rollback();
        writer.rollback();
    }

    @Test
    void goingBackToTheBeginningUndoesChanges_andKeepsTheLocks() {
        Branch branch = begin(Isolation.SERIALIZABLE);
        done(branch, "SELECT * FROM P");
        done(branch, "INSERT INTO OTHER VALUES (5, 5)");
        branch.rollbackTo(BranchSavepoint.BEGINNING);
        assertTrue(!branch.hasChanges());
        assertTrue(changeOfWaits("P"));
        done(branch, "INSERT INTO OTHER VALUES (6, 6)");
        assertEquals(1, replicas.commit(branch).length > 0 ? 1 : 0);
        assertEquals("2", replicas.query("SELECT COUNT(*) FROM OTHER"));
        replicas.assertEqual();
    }

    @Test
    void aPreparedTransactionKeepsReadersOutUnderTheNextLeaderToo() {
        Branch branch = begin(Isolation.READ_COMMITTED);
        done(branch, "UPDATE P SET V = 50 WHERE ID = 1");
        byte[] writeSet = branch.capture();
        PreparedTransaction prepared = new PreparedTransaction(
                        branch.transaction(), List.of(PartitionId.HOME, new PartitionId(1)), writeSet)
                .at(new Timestamp(7));
        branch.rollback();
        Branch reopened = replicas.leader.reopen(prepared);
        Branch reader = begin(Isolation.SERIALIZABLE);
        assertTrue(readWaits(reader, "P"));
        assertTrue(!readWaits(reader, "OTHER"));
        reopened.rollback();
        assertInstanceOf(RowsPage.class, run(reader, "SELECT * FROM P").answer());
        reader.rollback();
    }
}
