package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.router.execute.ExecutorFixture.Answered;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.ReadRules;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a statement does when leaders change, are gone, or fall silent. */
class LeaderFailuresTest {

    private static final PartitionId P1 = new PartitionId(1);
    private static final ParameterRows ROW = ExecutorFixture.parameters(1, 0, 7);

    private ExecutorFixture router;
    private DataPlan insert;
    private DataPlan select;

    @BeforeEach
    void open() throws SQLException {
        router = new ExecutorFixture(1 << 20);
        router.createTable("CREATE TABLE T(K INT, V INT)");
        insert = router.plan("INSERT INTO T VALUES(?, ?)", true, 2, null);
        select = router.plan("SELECT V FROM T WHERE K = ?", false, 1, null);
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    private List<String> selected() {
        return router.rows(router.run(select, ExecutorFixture.parameters(1, 0)));
    }

    @Test
    void waitsForALeader() {
        router.board.lead(P1, null);
        CompletableFuture<Answered> answer = new CompletableFuture<>();
        router.executor.execute(
                insert, router.call(ROW, 0, null), (message, more) -> answer.complete(new Answered(message, more)));
        assertTrue(router.partitions.seen.isEmpty());
        router.board.lead(P1, ExecutorFixture.SELF);
        assertEquals(1, ((UpdateCounts) ExecutorFixture.get(answer).message()).counts()[0]);
        assertEquals(List.of("7"), selected());
    }

    @Test
    void asksAgainANodeThatDoesNotKnowYetThatItLeads() {
        AtomicInteger refusals = new AtomicInteger(3);
        router.partitions.refuse(request -> refusals.getAndDecrement() > 0);
        assertEquals(1, ((UpdateCounts) router.run(insert, ROW).message()).counts()[0]);
        assertEquals(List.of("7"), selected());
    }

    @Test
    void followsTheLeaderToTheNodeThatCanBeReached() {
        router.board.lead(P1, new NodeId("gone"));
        CompletableFuture<Answered> answer = new CompletableFuture<>();
        router.executor.execute(
                insert, router.call(ROW, 0, null), (message, more) -> answer.complete(new Answered(message, more)));
        router.board.lead(P1, ExecutorFixture.SELF);
        assertEquals(1, ((UpdateCounts) ExecutorFixture.get(answer).message()).counts()[0]);
    }

    @Test
    void asksForAWriteWhoseAnswerIsLostAndDoesNotRepeatIt() {
        router.partitions.loseAnswers(ExecuteInBranch.class::isInstance);
        StatementCall call = router.call(ROW, 0, null);
        Answered answer = router.run(insert, call);
        assertEquals(1, ((UpdateCounts) answer.message()).counts()[0]);
        router.partitions.loseAnswers(request -> false);
        assertEquals(List.of("7"), selected());
        assertEquals(
                FakePartitions.OUTCOMES_STAND_AT,
                call.reads().atFollower(P1).least(),
                "the session sees at a follower what it was told to have done");
    }

    /** JDBC has a count for "done, and nobody knows how many rows"; for "done or failed" it has none. */
    @Test
    void doesNotTellAFailedSetOfABatchAsDoneWhenTheAnswerIsLost() {
        router.createTable("CREATE UNIQUE INDEX ONLY_ONE ON T(V)");
        DataPlan plan = router.plan("INSERT INTO T VALUES(?, ?)", true, 2, null);
        router.partitions.loseAnswers(ExecuteInBranch.class::isInstance);
        UpdateCounts done = (UpdateCounts)
                router.run(plan, ExecutorFixture.parameters(2, 0, 7, 0, 8)).message();
        assertArrayEquals(new long[] {Statement.SUCCESS_NO_INFO, Statement.SUCCESS_NO_INFO}, done.counts());
        Answered partly = router.run(plan, ExecutorFixture.parameters(3, 0, 9, 0, 8, 0, 10));
        assertEquals(ErrorCode.ANSWER_LOST, partly.failure().error());
        router.partitions.loseAnswers(request -> false);
        select = router.plan("SELECT V FROM T WHERE K = ? ORDER BY V", false, 1, null);
        assertEquals(List.of("7", "8", "9", "10"), selected());
    }

    @Test
    void repeatsAReadWhoseAnswerIsLost() {
        router.run(insert, ROW);
        AtomicInteger losses = new AtomicInteger(2);
        router.partitions.loseAnswers(request -> losses.getAndDecrement() > 0);
        assertEquals(List.of("7"), selected());
    }

    /** Stopped, or cut off from here only: ZooKeeper and its leader still hear it. */
    @Test
    void aFollowerThatIsSilentHoldsUpOneReadForAMoment() throws Exception {
        router.run(insert, ROW);
        NodeId stopped = new NodeId("stopped");
        router.board.addNode(stopped, new NodeAddress("127.0.0.1", 1));
        router.board.place(P1, AckRule.QUORUM, List.of(ExecutorFixture.SELF, stopped));
        router.silent.add(stopped);
        StatementShape shape = select.shape();
        StatementShape brief = new StatementShape(
                shape.schemaVersion(), true, false, false, true, shape.parameters(), shape.columns());
        DataPlan byKey = new DataPlan(brief, "SELECT V FROM T WHERE K = ?", select.routing(), null, "refused", null);
        for (int i = 0; i < 10; i++) {
            StatementCall call = router.call(ExecutorFixture.parameters(1, 0), 0, null);
            call.reads().rules(ReadRules.DEFAULT.withPreference("follower"));
            assertEquals(List.of("7"), router.rows(router.run(byKey, call)));
        }
        assertEquals(List.of(stopped), router.asked);
    }

    @Test
    void refusesAnotherSchemaBeforeAnythingIsDone() {
        router.createTable("CREATE TABLE LATER(K INT)");
        assertEquals(ErrorCode.STALE_SCHEMA, router.run(insert, ROW).failure().error());
    }
}
