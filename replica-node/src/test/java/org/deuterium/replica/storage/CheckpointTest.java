package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replica's file holds: exactly the state of the last checkpoint, at a known index. */
class CheckpointTest {

    @TempDir
    Path directory;

    private H2Storage reopened(String replica) {
        return H2Storage.open(directory.resolve(replica), StorageSettings.DEFAULT);
    }

    @Test
    void nothingIsStoredBetweenCheckpoints() {
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            replicas.execute("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 5000)");
            LogIndex stored = replicas.leader.checkpoint();
            assertEquals(replicas.last, stored);
            assertEquals(stored, replicas.leader.checkpointedIndex());
            for (int i = 0; i < 10; i++) {
                replicas.execute("UPDATE T SET V=V+1");
            }
            assertTrue(replicas.leader.unstoredBytes() > 1 << 20, () -> "" + replicas.leader.unstoredBytes());
        }
        try (H2Storage storage = reopened("leader")) {
            assertEquals(new LogIndex(2), storage.appliedIndex());
            assertEquals(new Term(1), storage.appliedTerm());
            assertEquals(1, storage.schemaVersion());
            assertEquals("5000,0", TwoReplicas.query(storage, "SELECT COUNT(*), SUM(V) FROM T"));
        }
    }

    @Test
    void openTransactionsAreNotInTheFile() {
        List<TableDigest> expected;
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT UNIQUE)");
            replicas.execute("INSERT INTO T VALUES (1,1),(2,2)");
            expected = replicas.leader.digests();
            Branch open = replicas.branch();
            replicas.run(open, "UPDATE T SET V=V+10");
            replicas.run(open, "DELETE FROM T WHERE ID=2");
            replicas.run(open, "INSERT INTO T VALUES (3,3)");
            replicas.leader.checkpoint();
        }
        try (H2Storage storage = reopened("leader")) {
            assertEquals(expected, storage.digests());
        }
        try (H2Storage again = reopened("leader")) {
            assertEquals(expected, again.digests());
        }
    }

    @Test
    void theLogBringsBackWhatCameAfterTheCheckpoint() {
        List<TableDigest> expected;
        List<RowsEntry> log;
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT UNIQUE)", "CREATE TABLE W(V VARCHAR)");
            replicas.execute("INSERT INTO T SELECT X, X FROM SYSTEM_RANGE(1, 1000)", "INSERT INTO W VALUES ('x')");
            replicas.drain();
            replicas.follower.checkpoint();
            for (int i = 0; i < 20; i++) {
                replicas.execute(
                        "UPDATE T SET V=-V WHERE MOD(ID, " + (i + 1) + ")=0", "INSERT INTO W VALUES ('" + i + "')");
            }
            log = List.copyOf(replicas.notApplied);
            replicas.assertEqual();
            expected = replicas.leader.digests();
        }
        try (H2Storage storage = reopened("follower")) {
            assertEquals(log.get(0).index(), storage.appliedIndex().next());
            storage.applyRows(log.subList(0, 7));
            storage.applyRows(log.subList(7, log.size()));
            assertEquals(expected, storage.digests());
        }
    }

    @Test
    void sequencesStartEmptyAfterAReopenAndGoOnBehindTheirBlocks() {
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE SEQUENCE S", "CREATE TABLE T(ID INT GENERATED ALWAYS AS IDENTITY, V INT)");
            replicas.execute("INSERT INTO T(V) VALUES (NEXT VALUE FOR S)");
            replicas.leader.checkpoint();
        }
        try (H2Storage storage = reopened("leader")) {
            Branch branch = storage.openBranch(new org.deuterium.wire.TransactionId(9, 9), TwoReplicas.SESSION);
            StatementResult result = branch.execute(
                    TwoReplicas.statement(
                            "INSERT INTO T(V) VALUES (1)",
                            org.deuterium.wire.statement.ParameterRows.NONE,
                            0,
                            org.deuterium.wire.statement.KeysWanted.NONE),
                    0);
            assertEquals(StatementResult.Kind.NEEDS_SEQUENCE_BLOCK, result.kind());
            assertEquals("PUBLIC.T.ID", result.sequence());
            branch.rollback();
            LogIndex next = storage.appliedIndex().next();
            assertEquals(
                    "SequenceBlock[first=33, increment=1, count=10]",
                    storage.applySequenceReservation(next, new Term(1), "PUBLIC.T.ID", 10)
                            .toString());
        }
    }

    @Test
    void snapshotIsTheStateOfItsIndex() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<TableDigest> expected;
        SnapshotPosition position;
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)");
            replicas.execute("INSERT INTO T SELECT X, REPEAT('v', 100) FROM SYSTEM_RANGE(1, 5000)");
            expected = replicas.leader.digests();
            Branch open = replicas.branch();
            replicas.run(open, "UPDATE T SET V='open'");
            position = replicas.leader.writeSnapshot(out);
            assertEquals(new SnapshotPosition(replicas.last, TwoReplicas.TERM, 1), position);
            replicas.commit(open);
            replicas.leader.checkpoint();
        }
        byte[] bytes = out.toByteArray();
        Path target = directory.resolve("restored");
        Files.createDirectories(target);
        Files.writeString(target.resolve("replica.mv.db"), "something old");
        byte[] broken = Arrays.copyOf(bytes, bytes.length / 2);
        assertThrows(
                java.io.UncheckedIOException.class,
                () -> H2Storage.restoreSnapshot(new ByteArrayInputStream(broken), target));
        assertEquals(position, H2Storage.restoreSnapshot(new ByteArrayInputStream(bytes), target));
        try (H2Storage storage = reopened("restored")) {
            assertEquals(position.index(), storage.appliedIndex());
            assertEquals(position.term(), storage.appliedTerm());
            assertEquals(expected, storage.digests());
        }
    }

    /** H2 looks for its newest version from the file's header on; a header left behind hides stores. */
    @Test
    void everyStoreIsFoundInACopyOfTheFile() throws Exception {
        StorageSettings eager = new StorageSettings(8 << 10, 0, 4 << 20, 1_500L << 20, 4 << 20);
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)");
            replicas.execute("INSERT INTO T VALUES (1, '')");
            replicas.leader.close();
            try (H2Storage storage = H2Storage.open(directory.resolve("leader"), eager)) {
                LogIndex last = storage.appliedIndex();
                for (int i = 0; i < 40; i++) {
                    Branch branch = storage.openBranch(new org.deuterium.wire.TransactionId(9, i), TwoReplicas.SESSION);
                    replicas.run(branch, "UPDATE T SET V=?", "x".repeat(i % 7 * 1000));
                    branch.capture();
                    last = last.next();
                    branch.commit(last, TwoReplicas.TERM);
                    storage.checkpoint();
                    Path copy = Files.createDirectories(directory.resolve("copy" + i));
                    Files.copy(directory.resolve("leader").resolve("replica.mv.db"), copy.resolve("replica.mv.db"));
                    try (H2Storage opened = H2Storage.open(copy, StorageSettings.DEFAULT)) {
                        assertEquals(last, opened.appliedIndex(), "after checkpoint " + i);
                    }
                }
            }
        }
    }

    @Test
    void snapshotIsTheStateOfItsIndexWhileStoresGoOn() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<TableDigest> expected;
        SnapshotPosition position;
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)");
            replicas.execute("INSERT INTO T SELECT X, RANDOM_UUID() || RAND() FROM SYSTEM_RANGE(1, 20000)");
            for (int i = 0; i < 10; i++) { // leaves holes
                replicas.execute("UPDATE T SET V='' WHERE MOD(ID, 10)=" + i);
                replicas.leader.checkpoint();
                replicas.execute("UPDATE T SET V=RANDOM_UUID() || RAND() WHERE MOD(ID, 10)=" + i);
            }
            expected = replicas.leader.digests();
            long[] stores = {0};
            position = replicas.leader.writeSnapshot(new java.io.OutputStream() {
                @Override
                public void write(int b) {
                    out.write(b);
                }

                @Override
                public void write(byte[] bytes, int from, int length) {
                    out.write(bytes, from, length);
                    if (out.size() >> 16 > stores[0]) {
                        stores[0]++;
                        replicas.execute("UPDATE T SET V=V || 'x' WHERE MOD(ID, 7)=" + stores[0] % 7);
                        replicas.leader.checkpoint();
                    }
                }
            });
            assertTrue(stores[0] > 3, () -> "only " + stores[0] + " stores meanwhile");
        }
        Path target = directory.resolve("restored");
        H2Storage.restoreSnapshot(new ByteArrayInputStream(out.toByteArray()), target);
        try (H2Storage storage = reopened("restored")) {
            assertEquals(position.index(), storage.appliedIndex());
            assertEquals(expected, storage.digests());
        }
    }

    @Test
    void fileStaysSmallUnderManyCheckpoints() throws Exception {
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)");
            replicas.execute("INSERT INTO T SELECT X, REPEAT('v', 100) FROM SYSTEM_RANGE(1, 5000)");
            StorageSettings eager = new StorageSettings(8 << 10, 0, 4 << 20, 1_500L << 20, 4 << 20);
            replicas.leader.checkpoint();
            replicas.leader.abandon();
            Path file = directory.resolve("leader").resolve("replica.mv.db");
            long before = Files.size(file);
            try (H2Storage storage = H2Storage.open(directory.resolve("leader"), eager)) {
                LogIndex last = storage.appliedIndex();
                for (int i = 0; i < 30; i++) {
                    Branch branch = storage.openBranch(new org.deuterium.wire.TransactionId(9, i), TwoReplicas.SESSION);
                    replicas.run(branch, "UPDATE T SET V=V||'x' WHERE MOD(ID, 10)=?", i % 10);
                    branch.capture();
                    last = last.next();
                    branch.commit(last, TwoReplicas.TERM);
                    storage.checkpoint();
                }
                long after = Files.size(file);
                assertTrue(after < 12 * before, () -> before + " -> " + after);
            }
        }
    }
}
