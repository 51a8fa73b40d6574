package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.mvstore.db.MVTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is logged as text and how, what is refused or logged as rows, and that a difference is found. */
class StatementLogTest {

    @TempDir
    Path directory;

    private static LoggedReplicas accounts(Path directory, LogKind kind) {
        LoggedReplicas replicas = new LoggedReplicas(directory, kind);
        replicas.schema(
                "CREATE TABLE A(ID INT PRIMARY KEY, K VARCHAR(20) UNIQUE, V INT, FILL VARCHAR(1000), TS TIMESTAMP)",
                "CREATE TABLE B(X INT, Y INT, V INT, PRIMARY KEY(X, Y))");
        replicas.executeAll(
                "INSERT INTO A SELECT X, 'k' || X, X, REPEAT('f', 900), NULL FROM SYSTEM_RANGE(1, 9)",
                "INSERT INTO B SELECT X / 3, MOD(X, 3), X FROM SYSTEM_RANGE(0, 8)");
        replicas.kinds.clear();
        replicas.payloads.clear();
        replicas.refused = 0;
        return replicas;
    }

    private String text(LoggedReplicas replicas, String sql, Object... values) {
        replicas.execute(sql, values);
        int last = replicas.payloads.size() - 1;
        LoggedStatement logged = StatementsFormat.read(
                        replicas.payloads.get(last).payload())
                .statements()
                .get(0);
        return logged.sql() + " " + logged.parameters();
    }

    @Test
    void namesRowsByKeyAndKeepsExpressionsOverTheRow() {
        try (LoggedReplicas replicas = accounts(directory, LogKind.STATEMENT)) {
            assertEquals(
                    "UPDATE PUBLIC.A SET V=V + ? WHERE ID=? [5, 1]",
                    text(replicas, "update a set v = v + ? where id = ? and v < 100", 5, 1));
            assertEquals(
                    "UPDATE PUBLIC.A Z SET V=(Z.V * 2) - 1 WHERE K=? ['k2']",
                    text(replicas, "update a as z set v = z.v * 2 - 1 where 'k2' = z.k"));
            assertEquals(
                    "UPDATE PUBLIC.A SET FILL='x?''y', TS=? WHERE ID=? [TIMESTAMP '2026-01-01 00:00:00', 3]",
                    text(replicas, "update a set fill = 'x?''y', ts = date '2026-01-01' where id = 3"));
            assertEquals(
                    "DELETE FROM PUBLIC.B WHERE X=? AND Y=? [1, 1]",
                    text(replicas, "delete from b where x = 1 and y = cast(? as int)", "1"));
            replicas.assertEqual();
            assertEquals(0, replicas.refused);
        }
    }

    @Test
    void aListOfKeysThatAllExist() {
        try (LoggedReplicas replicas = accounts(directory, LogKind.STATEMENT)) {
            text(replicas, "update b set v = v + 1 where x = 2 and y in (0, ?, 2, 2)", 1);
            assertEquals("6,7; 7,8; 8,9", replicas.query("SELECT V - 1, V FROM B WHERE X = 2 ORDER BY V"));
            assertEquals(List.of(EntryKind.STATEMENT), replicas.kinds);
            replicas.assertEqual();
        }
    }

    @Test
    void statementRefusesWhatNeedNotBeTheSame() {
        try (LoggedReplicas replicas = accounts(directory, LogKind.STATEMENT)) {
            for (String sql : List.of(
                    "UPDATE A SET V = 0",
                    "UPDATE A SET V = 0 WHERE ID > 3",
                    "UPDATE A SET V = 0 WHERE V = 3",
                    "UPDATE A SET V = 0 WHERE ID = 3 OR ID = 4 OR V = 5",
                    "UPDATE B SET V = 0 WHERE X = 1",
                    "UPDATE A SET V = 0 WHERE ID IN (1, 99)",
                    "UPDATE A SET V = RAND() * 1000000 WHERE ID IN (1, 2, 3)",
                    "UPDATE A SET ID = 77 WHERE ID = 1",
                    "DELETE FROM A",
                    "DELETE FROM A WHERE ID BETWEEN 1 AND 2",
                    "INSERT INTO B VALUES (7, 7, 7)",
                    "INSERT INTO A SELECT 55, 'x', 1, 'x', NULL",
                    "MERGE INTO A KEY(ID) VALUES (1, 'z', 1, 'z', NULL)",
                    "SELECT * FROM OLD TABLE (DELETE FROM A WHERE ID = 1)")) {
                Branch branch = replicas.branch();
                assertEquals(
                        ErrorCode.NOT_REPEATABLE,
                        replicas.run(branch, sql) instanceof Failure failure ? failure.error() : null,
                        sql);
                assertTrue(branch.captureForLog().isEmpty(), sql + " left something behind");
                branch.rollback();
            }
        }
    }

    @Test
    void theRestOfTheTransactionGoesOnAfterARefusal() {
        try (LoggedReplicas replicas = accounts(directory, LogKind.STATEMENT)) {
            Branch branch = replicas.branch();
            replicas.run(branch, "UPDATE A SET V = V + 1 WHERE ID = 1");
            Failure refused = (Failure) replicas.run(branch, "UPDATE A SET V = V + 1 WHERE ID IN (1, 98)");
            assertTrue(refused.message().contains("names 2 keys and met 1 rows"), refused.message());
            replicas.commit(branch);
            assertEquals("2", replicas.query("SELECT V FROM A WHERE ID = 1"));
            replicas.assertEqual();
        }
    }

    @Test
    void statementRefusesNothingOfTheRoutersOwn() {
        try (LoggedReplicas replicas = accounts(directory, LogKind.STATEMENT)) {
            Branch branch = replicas.branch();
            StatementResult deleted = branch.execute(
                    TwoReplicas.statement("DELETE FROM B", ParameterRows.NONE, 0, KeysWanted.NONE)
                            .loggedAsRows(),
                    0);
            assertInstanceOf(UpdateCounts.class, deleted.answer());
            replicas.commit(branch);
            assertEquals(List.of(EntryKind.ROWS), replicas.kinds);
            replicas.assertEqual();
        }
    }

    @Test
    void theRowsOfAShortTextAreNotHeldAsBytes() {
        try (LoggedReplicas replicas = accounts(directory, LogKind.MIXED)) {
            replicas.execute("UPDATE A SET V = V + 1 WHERE ID IN (1, 2, 3)");
            Branch branch = replicas.branch();
            replicas.run(branch, "UPDATE A SET V = V + 1 WHERE ID IN (1, 2, 3, 4)");
            PooledSession session = (PooledSession) PrivateFields.read(branch, "pooled");
            assertNotNull(session);
            Map<MVTable, TableChanges> changes = WriteSetCapture.changes(session.session());
            WriteSetChecksum whole = new WriteSetChecksum();
            WriteSetChecksum part = new WriteSetChecksum();
            byte[] all = WriteSetFormat.writeUpTo(Integer.MAX_VALUE, changes, whole);
            assertNotNull(all);
            assertNull(WriteSetFormat.writeUpTo(all.length - 1, changes, part));
            assertEquals(whole.sum() + " " + whole.rows(), part.sum() + " " + part.rows());
            branch.rollback();
        }
    }

    @Test
    void mixedLogsTheSmaller() {
        try (LoggedReplicas replicas = accounts(directory, LogKind.MIXED)) {
            replicas.execute("UPDATE A SET V = V + 1 WHERE ID = 1");
            replicas.execute("UPDATE B SET V = V + 1 WHERE X = 1 AND Y = 1");
            replicas.execute("UPDATE A SET V = V + 1 WHERE V > 5");
            replicas.execute("DELETE FROM A WHERE ID = 2");
            replicas.execute("INSERT INTO A(ID) VALUES (50)");
            assertEquals(
                    List.of(EntryKind.STATEMENT, EntryKind.ROWS, EntryKind.ROWS, EntryKind.STATEMENT, EntryKind.ROWS),
                    replicas.kinds);
            Branch branch = replicas.branch();
            replicas.run(branch, "UPDATE A SET V = V + 1 WHERE ID = 3");
            replicas.run(branch, "UPDATE A SET V = V + 1 WHERE V > 7");
            replicas.commit(branch);
            assertEquals(EntryKind.ROWS, replicas.kinds.get(5), "one unsafe statement is enough");
            replicas.assertEqual();
        }
    }

    @Test
    void whatChangedNothingIsNotLogged() {
        try (LoggedReplicas replicas = accounts(directory, LogKind.STATEMENT)) {
            replicas.execute("UPDATE A SET V = 1 WHERE ID = 98");
            replicas.execute("UPDATE A SET V = V WHERE ID = 1");
            assertEquals(List.of(), replicas.kinds);
        }
    }

    @Test
    void aReplicaWithAnotherRowStopsInsteadOfGoingOn() {
        try (LoggedReplicas replicas = accounts(directory.resolve("one"), LogKind.STATEMENT);
                LoggedReplicas parted = accounts(directory.resolve("parted"), LogKind.STATEMENT)) {
            replicas.execute("UPDATE A SET V = V + 1 WHERE ID = 1");
            parted.execute("UPDATE A SET V = V + 2 WHERE ID = 1");
            replicas.execute("UPDATE A SET V = V + 1 WHERE ID = 1");
            H2Storage storage = parted.follower();
            LogIndex before = storage.appliedIndex();
            StorageFailedException stopped = assertThrows(
                    StorageFailedException.class, () -> LoggedReplicas.entry(before.next(), replicas.payloads.get(1))
                            .accept(storage));
            assertTrue(stopped.getMessage().contains("changed 1 rows here"), stopped.getMessage());
            assertEquals(before, storage.appliedIndex());
            assertEquals("3", parted.query("SELECT V FROM A WHERE ID = 1"), "the wrong statement left nothing");
        }
    }
}
