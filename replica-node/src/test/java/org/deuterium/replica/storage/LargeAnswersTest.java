package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes whose keys or rows fit into no message: they are undone before anybody commits them. */
class LargeAnswersTest {

    /** A statement writes a few bytes, and its default makes a megabyte of each row. */
    private static final String TABLE =
            "CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR(1000000) DEFAULT REPEAT('x', 1000000))";

    @TempDir
    Path directory;

    private TwoReplicas replicas;

    @BeforeEach
    void open() {
        replicas = new TwoReplicas(directory);
        replicas.schema(TABLE);
        replicas.execute("INSERT INTO T VALUES (1000, 'first')");
    }

    @AfterEach
    void close() {
        replicas.close();
    }

    private Message run(Branch branch, String sql, ParameterRows parameters) {
        KeysWanted keys = new KeysWanted(KeysWanted.Kind.NAMES, List.of("V"));
        return replicas.finish(branch, branch.execute(TwoReplicas.statement(sql, parameters, 0, keys), 10));
    }

    @Test
    void keysThatFitIntoNoAnswerUndoTheStatementOnly() {
        Branch branch = replicas.branch();
        replicas.run(branch, "INSERT INTO T VALUES (1, 'before')");
        Message answer = run(branch, "INSERT INTO T(ID) SELECT X FROM SYSTEM_RANGE(2, 66)", ParameterRows.NONE);
        Failure failure = assertInstanceOf(Failure.class, answer);
        assertEquals(ErrorCode.MESSAGE_TOO_LARGE, failure.error());
        assertTrue(failure.message().contains("change fewer rows at once"), failure.message());
        assertEquals(1, TwoReplicas.count(run(branch, "INSERT INTO T VALUES (2, 'behind')", ParameterRows.NONE)));
        replicas.commit(branch);
        assertEquals("1,before; 2,behind; 1000,first", replicas.query("SELECT * FROM T ORDER BY ID"));
        replicas.assertEqual();
    }

    @Test
    void aSetOfABatchWithOneKeyTooManyFailsAlone() {
        Branch branch = replicas.branch();
        String sql = "INSERT INTO T(ID) SELECT X FROM SYSTEM_RANGE(?, ?)";
        Message answer = run(branch, sql, TwoReplicas.parameters(4, 1, 20, 21, 60, 61, 70, 71, 71));
        UpdateCounts counts = assertInstanceOf(UpdateCounts.class, answer);
        assertArrayEquals(new long[] {20, -3, 10, 1}, counts.counts());
        assertEquals(ErrorCode.MESSAGE_TOO_LARGE, counts.failures().get(0).error());
        RowsPage keys = counts.generatedKeys();
        assertNotNull(keys);
        assertEquals(31, keys.rowCount());
        assertNull(counts.refusal());
        assertEquals("32", TwoReplicas.text((RowsPage) replicas.run(branch, "SELECT COUNT(*) FROM T"), 1));
        branch.rollback();
    }

    @Test
    void aRowThatFitsIntoNoAnswerIsNotChangedByTheQueryThatGivesIt() {
        Branch branch = replicas.branch();
        String wide = "V || V AS C0" + ", V || V".repeat(34);
        replicas.run(branch, "INSERT INTO T(ID) VALUES (1)");
        Message answer =
                replicas.run(branch, "SELECT " + wide + " FROM FINAL TABLE (UPDATE T SET ID = 2 WHERE ID = 1)");
        assertEquals(
                ErrorCode.MESSAGE_TOO_LARGE,
                assertInstanceOf(Failure.class, answer).error());
        assertEquals("1", TwoReplicas.text((RowsPage) replicas.run(branch, "SELECT ID FROM T WHERE ID < 9"), 1));
        branch.rollback();
    }

    @Test
    void manyLongFailuresOfABatchAreCut() {
        Object[] ids = new Object[9_000];
        java.util.Arrays.fill(ids, 1000);
        String sql = "INSERT INTO T VALUES (?, 'x') -- " + "y".repeat(9_000);
        Branch branch = replicas.branch();
        UpdateCounts counts =
                assertInstanceOf(UpdateCounts.class, run(branch, sql, TwoReplicas.parameters(ids.length, ids)));
        assertNull(counts.refusal());
        Failure last = counts.failures().get(ids.length - 1);
        assertEquals("23505", last.sqlState());
        assertTrue(last.message().length() < 300, last.message());
        branch.rollback();
    }
}
