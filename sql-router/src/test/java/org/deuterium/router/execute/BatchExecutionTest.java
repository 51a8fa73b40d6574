package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;
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

    /** A transaction without anything open. */
    private static final class Nothing implements TransactionBranches {

        private @Nullable PartitionId written;
        private @Nullable NodeId leader;

        @Override
        public TransactionId id() {
            return new TransactionId(1, 1);
        }

        @Override
        public @Nullable NodeId leaderOfBranch(PartitionId partition) {
            return partition.equals(written) ? leader : null;
        }

        @Override
        public @Nullable PartitionId writtenPartition() {
            return written;
        }

        @Override
        public void branchOpened(PartitionId partition, NodeId opener) {
            leader = opener;
        }

        @Override
        public void branchWrote(PartitionId partition) {
            written = partition;
        }

        @Override
        public void lost() {
            throw new AssertionError("lost");
        }
    }

    @Test
    void inATransactionAllSetsMustGoToOnePartition() {
        Nothing transaction = new Nothing();
        ParameterRows two = ExecutorFixture.parameters(3, 0, 1, 1, 1, 4, 1);
        UpdateCounts refused = (UpdateCounts)
                router.run(insert, router.call(two, 0, transaction)).message();
        int failed = Statement.EXECUTE_FAILED;
        assertArrayEquals(new long[] {failed, failed, failed}, refused.counts());
        assertEquals(3, refused.failures().size());
        assertEquals("0A000", refused.failures().get(1).sqlState());
        assertTrue(router.partitions.seen.isEmpty());

        ParameterRows one = ExecutorFixture.parameters(3, 0, 1, 4, 1, 8, 1);
        UpdateCounts done = (UpdateCounts)
                router.run(insert, router.call(one, 0, transaction)).message();
        assertArrayEquals(new long[] {1, 1, 1}, done.counts());
        assertEquals(List.of(), all());
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
