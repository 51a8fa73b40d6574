package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States of the past that a leader's H2 goes on showing, while everything else goes on. */
class RetainedStatesTest {

    private static final String ALL = "SELECT COUNT(*), SUM(V), MIN(ID), MAX(ID) FROM T";
    private static final String UNTOUCHED = "3000,300000,1,3000";

    @TempDir
    Path directory;

    private H2Storage leader;
    private LogIndex last = LogIndex.NONE;
    private long version;
    private long next = 100;

    @BeforeEach
    void open() {
        // So small a cache that pages of the past are read from the file, and nothing that is free there stays as it
        // was.
        leader = H2Storage.open(directory.resolve("leader"), new StorageSettings(16, 1, 4 << 20, 1L << 30, 4 << 20, 0));
        schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT NOT NULL)");
        execute("INSERT INTO T SELECT X, 100 FROM SYSTEM_RANGE(1, 3000)");
    }

    @AfterEach
    void close() {
        leader.abandon();
    }

    private void schema(String sql) {
        last = last.next();
        assertEquals(null, leader.applySchemaChange(last, TwoReplicas.TERM, ++version, sql));
    }

    private Branch branch(Isolation isolation) {
        return leader.openBranch(new TransactionId(9, ++next), TwoReplicas.SESSION.with(isolation));
    }

    private Message run(Branch branch, ReadBound bound, String sql) {
        ExecuteInBranch plain = TwoReplicas.statement(sql, ParameterRows.NONE, 0, KeysWanted.NONE);
        ExecuteInBranch statement = new ExecuteInBranch(
                plain.partition(),
                version,
                branch.transaction(),
                true,
                false,
                false,
                plain.session(),
                sql,
                ParameterRows.NONE,
                0,
                0,
                0,
                KeysWanted.NONE,
                true,
                0,
                0,
                bound);
        return branch.execute(statement, 0).answer();
    }

    private void execute(String sql) {
        Branch branch = branch(Isolation.READ_COMMITTED);
        Message answer = run(branch, ReadBound.NONE, sql);
        assertTrue(!(answer instanceof Failure), () -> sql + ": " + answer);
        branch.capture();
        last = last.next();
        branch.commit(last, new Term(1));
    }

    private static String text(Message answer) {
        RowsPage page = assertInstanceOf(RowsPage.class, answer, () -> "" + answer);
        return TwoReplicas.text(page, page.columns().size());
    }

    private String now(String sql) {
        return TwoReplicas.query(leader, sql);
    }

    private String asOf(long moment, String sql) {
        Branch branch = branch(Isolation.SNAPSHOT);
        try {
            return text(run(branch, ReadBound.NONE.atRetained(new Timestamp(moment)), sql));
        } finally {
            branch.rollback();
        }
    }

    private void retain(long moment) {
        assertTrue(leader.retainState(new Timestamp(moment)));
    }

    @Test
    void everyStateIsShownUntilItIsForgotten() {
        for (int i = 1; i <= 5; i++) {
            retain(i);
            execute("UPDATE T SET V = V + 1 WHERE ID <= 10");
            execute("DELETE FROM T WHERE ID = 3001 - " + i);
            execute("INSERT INTO T VALUES (30000 + " + i + ", 0)");
        }
        for (int i = 1; i <= 5; i++) {
            int max = i == 1 ? 3_000 : 30_000 + i - 1;
            long sum = 300_000 + 10L * (i - 1) - 100L * (i - 1);
            assertEquals("3000," + sum + ",1," + max, asOf(i, ALL));
            assertEquals("" + (100 + i - 1), asOf(i, "SELECT V FROM T WHERE ID = 7"));
        }
        leader.forgetStatesBefore(new Timestamp(4));
        assertEquals(List.of(new Timestamp(4), new Timestamp(5)), leader.retainedStates());
        Branch late = branch(Isolation.SNAPSHOT);
        Failure failure = assertInstanceOf(Failure.class, run(late, ReadBound.NONE.atRetained(new Timestamp(3)), ALL));
        assertEquals(ErrorCode.STATE_NOT_RETAINED, failure.error());
        late.rollback();
    }

    /** Numbers of H2's transactions are given again: whoever has that of a writer of then must not see what that wrote. */
    @Test
    void whatWasNotCommittedThenIsNotSeenWhoeverLooks() {
        List<Branch> writers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Branch writer = branch(Isolation.READ_COMMITTED);
            run(writer, ReadBound.NONE, "UPDATE T SET V = 0 WHERE ID = " + (i + 1));
            run(writer, ReadBound.NONE, "DELETE FROM T WHERE ID = " + (i + 11));
            run(writer, ReadBound.NONE, "INSERT INTO T VALUES (50000 + " + i + ", 7)");
            writers.add(writer);
        }
        retain(1);
        writers.forEach(Branch::rollback);
        List<Branch> readers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Branch reader = branch(Isolation.SNAPSHOT);
            assertEquals(UNTOUCHED, text(run(reader, ReadBound.NONE.atRetained(new Timestamp(1)), ALL)), "reader " + i);
            readers.add(reader);
        }
        execute("UPDATE T SET V = V + 1");
        for (Branch reader : readers) {
            assertEquals(UNTOUCHED, text(run(reader, ReadBound.NONE, ALL)));
            assertEquals("100", text(run(reader, ReadBound.NONE, "SELECT V FROM T WHERE ID = 3")));
            reader.rollback();
        }
    }

    @Test
    void checkpointsWithCompactionAndSnapshotsLeaveItReadable() throws Exception {
        retain(1);
        for (int i = 0; i < 12; i++) {
            execute("UPDATE T SET V = V + 1 WHERE MOD(ID, 3) = " + i % 3);
            execute("DELETE FROM T WHERE ID BETWEEN " + (i * 10) + " AND " + (i * 10 + 9));
            leader.checkpoint();
            if (i == 5) {
                retain(2);
                leader.writeSnapshot(new ByteArrayOutputStream());
            }
        }
        assertEquals(UNTOUCHED, asOf(1, ALL));
        assertEquals("3000", asOf(1, "SELECT COUNT(*) FROM T WHERE V = 100"));
        String then = asOf(2, ALL);
        assertTrue(then.startsWith("2941,"), then);
        assertTrue(now(ALL).startsWith("2881,"), now(ALL));
    }

    @Test
    void spaceIsGivenBackWithTheLastReader() throws Exception {
        retain(1);
        Branch reader = branch(Isolation.SNAPSHOT);
        run(reader, ReadBound.NONE.atRetained(new Timestamp(1)), "SELECT 1");
        rewrite(8);
        long kept = size();
        leader.forgetStates();
        assertEquals(UNTOUCHED, text(run(reader, ReadBound.NONE, ALL)), "it is still being looked at");
        reader.rollback();
        rewrite(8);
        assertTrue(size() < kept * 3 / 2, () -> "with the state " + kept + ", without " + sizeNow());
    }

    private void rewrite(int times) {
        for (int i = 0; i < times; i++) {
            execute("UPDATE T SET V = V + 1");
            leader.checkpoint();
        }
    }

    private long size() throws Exception {
        return Files.size(directory.resolve("leader").resolve("replica.mv.db"));
    }

    private long sizeNow() {
        try {
            return size();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nothingIsChangedOrLockedThere() {
        retain(1);
        Branch branch = branch(Isolation.SNAPSHOT);
        run(branch, ReadBound.NONE.atRetained(new Timestamp(1)), "SELECT 1");
        for (String sql : List.of(
                "UPDATE T SET V = 1 WHERE ID = 1",
                "INSERT INTO T VALUES (-1, 1)",
                "DELETE FROM T WHERE ID = 1",
                "SELECT V FROM T WHERE ID = 1 FOR UPDATE",
                "SELECT ID FROM FINAL TABLE (INSERT INTO T VALUES (-2, 1))")) {
            Failure failure = assertInstanceOf(Failure.class, run(branch, ReadBound.NONE, sql), sql);
            assertEquals(ErrorCode.READ_ONLY_TRANSACTION, failure.error(), sql);
        }
        // A word that a change may have is no change.
        assertEquals("100", text(run(branch, ReadBound.NONE, "SELECT V AS LAST_UPDATE FROM T WHERE ID = 1")));
        branch.rollback();
    }

    @Test
    void noStateOutlivesAChangeOfTheSchema() {
        retain(1);
        schema("ALTER TABLE T ADD COLUMN W INT DEFAULT 5");
        assertEquals(List.of(), leader.retainedStates());
        retain(2);
        assertEquals("5", asOf(2, "SELECT W FROM T WHERE ID = 1"));
        schema("DROP TABLE T");
        assertEquals(List.of(), leader.retainedStates());
    }
}
