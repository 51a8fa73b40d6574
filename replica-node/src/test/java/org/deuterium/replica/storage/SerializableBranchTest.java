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
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
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
