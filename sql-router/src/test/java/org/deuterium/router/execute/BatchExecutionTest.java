package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deuterium.router.plan.BoundSql;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.DrawnKeys;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.RowLimit;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several sets of parameters for one statement. */
class BatchExecutionTest {

    private ExecutorFixture router;
    private DataPlan insert;

    @BeforeEach
    void open() throws SQLException {
        router = new ExecutorFixture(1 << 20);
        router.createTable("CREATE TABLE T(K INT PRIMARY KEY, V INT)");
        insert = router.plan("INSERT INTO T VALUES(?, ?)", true, 2, null);
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    private List<String> all() {
        Merge merge = new Merge.OrderedMerge(
                new BoundSql("SELECT K, V FROM T ORDER BY K", null),
                2,
                List.of(new Merge.SortKey(0, false, null)),
                RowLimit.NONE);
        return router.rows(router.run(router.plan("", false, 0, merge), ParameterRows.NONE));
    }

    @Test
    void goesToEachPartitionInOneMessage() {
        Object[] values = IntStream.range(0, 100)
                .boxed()
                .flatMap(k -> Stream.of(k, k * k))
                .toArray();
        UpdateCounts counts = (UpdateCounts)
                router.run(insert, ExecutorFixture.parameters(100, values)).message();
        assertArrayEquals(IntStream.range(0, 100).mapToLong(k -> 1).toArray(), counts.counts());
        assertEquals(4, router.partitions.seen.size());
        assertEquals(IntStream.range(0, 100).mapToObj(k -> k + "|" + k * k).toList(), all());
    }

    @Test
    void aFailingSetDoesNotStopTheOthers() {
        ParameterRows rows = ExecutorFixture.parameters(5, 0, 1, 4, 2, 0, 3, 1, 4, 1, 5);
        UpdateCounts counts = (UpdateCounts) router.run(insert, rows).message();
        int failed = Statement.EXECUTE_FAILED;
        assertArrayEquals(new long[] {1, 1, failed, 1, failed}, counts.counts());
        assertEquals(2, counts.failures().size());
        assertEquals("23505", counts.failures().get(0).sqlState());
        assertEquals(List.of("0|1", "1|4", "4|2"), all());
    }

    @Test
    void inATransactionTheSetsOfAllPartitionsAreCommittedTogether() {
        SessionTransaction transaction =
                new SessionTransaction(router.numbers.next(), router.leaders, new SessionProgress());
        ParameterRows rows = ExecutorFixture.parameters(4, 0, 1, 1, 1, 4, 1, 0, 2);
        UpdateCounts counts = (UpdateCounts)
                router.run(insert, router.call(rows, 0, transaction)).message();
        assertArrayEquals(new long[] {1, 1, 1, Statement.EXECUTE_FAILED}, counts.counts());
        assertEquals(List.of(), all());
        assertInstanceOf(Done.class, ExecutorFixture.<Message>await(transaction::commit));
        assertEquals(List.of("0|1", "1|1", "4|1"), all());
    }

    @Test
    void inATransactionThatWasLostTheWholeBatchFails() {
        SessionTransaction transaction =
                new SessionTransaction(router.numbers.next(), router.leaders, new SessionProgress());
        router.run(insert, router.call(ExecutorFixture.parameters(2, 0, 1, 1, 1), 0, transaction));
        router.partitions.refuse(request ->
                request instanceof ExecuteInBranch && request.partition().number() == 1);
        Failure failure =
                (Failure) router.run(insert, router.call(ExecutorFixture.parameters(2, 4, 1, 5, 1), 0, transaction))
                        .message();
        assertEquals("40001", failure.sqlState());
        assertTrue(transaction.isLost());
    }

    @Test
    void drawsKeysThatDecideThePartition() {
        DrawnKeys drawn = new DrawnKeys("PUBLIC.T.K", 1, new BoundSql("INSERT INTO T VALUES(?, ?)", new int[] {1, 0}));
        // The fixture routes by the first value, so the value of V decides here; what counts is that K is drawn.
        DataPlan plan = new DataPlan(
                router.plan("", true, 1, null).shape(), insert.sql(), insert.routing(), null, "refused", drawn);
        Object[] values = IntStream.range(0, 50).boxed().toArray();
        router.run(plan, ExecutorFixture.parameters(50, values));
        router.run(plan, ExecutorFixture.parameters(1, 50));
        assertEquals(IntStream.range(0, 51).mapToObj(v -> (v + 1) + "|" + v).toList(), all());
        long executions = router.partitions.seen.stream()
                .filter(ExecuteInBranch.class::isInstance)
                .count();
        assertEquals(4 + 1 + 4, executions);
    }
}
