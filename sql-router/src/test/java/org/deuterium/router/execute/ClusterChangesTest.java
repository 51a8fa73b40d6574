package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ALTER ... SET and TRANSFER LEADER, from the text to the board. */
class ClusterChangesTest {

    private ExecutorFixture fixture;

    @BeforeEach
    void open() throws Exception {
        fixture = new ExecutorFixture(1 << 20);
        fixture.createTable("create table t (k int primary key) partition by hash (k) partitions 4");
        fixture.createTable("create table plain (k int primary key)");
        fixture.catalogFollows();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    private Message run(String sql) throws Exception {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        fixture.executor.execute(
                fixture.planner.plan(sql, "PUBLIC"),
                fixture.call(ParameterRows.NONE, 10, null),
                (message, rows) -> answer.complete(message));
        return answer.get(60, TimeUnit.SECONDS);
    }

    private Failure refused(String sql) throws Exception {
        return assertInstanceOf(Failure.class, run(sql));
    }

    private AckRule ruleOf(PartitionId partition) {
        return fixture.board.partition(partition).group().ackRule();
    }

    @Test
    void theLogKindOfASetIsOnTheBoard() throws Exception {
        assertInstanceOf(UpdateCounts.class, run("alter table t set log statement"));
        assertEquals(
                LogKind.STATEMENT,
                fixture.board.partitionMap().set(ExecutorFixture.SET).logKind());
        assertEquals(
                LogKind.MIXED,
                fixture.board.partitionMap().set(PartitionSet.HOME).logKind());
        assertInstanceOf(UpdateCounts.class, run("alter table plain set log row"));
        assertEquals(
                LogKind.ROW, fixture.board.partitionMap().set(PartitionSet.HOME).logKind());
    }

    @Test
    void theAckRuleIsChangedByEveryLeader() throws Exception {
        assertInstanceOf(UpdateCounts.class, run("alter table t set ack async"));
        PartitionSet set = fixture.board.partitionMap().set(ExecutorFixture.SET);
        assertEquals(AckRule.ASYNC, set.ackRule());
        for (PartitionId partition : set.partitions()) {
            assertEquals(AckRule.ASYNC, ruleOf(partition));
        }
        assertEquals(AckRule.QUORUM, ruleOf(PartitionId.HOME));
    }

    @Test
    void aRuleThatTheReplicasCannotMeetIsRefusedBeforeAnythingIsDone() throws Exception {
        Failure failure = refused("alter table t set ack semi_sync 1");
        assertEquals(ErrorCode.NOT_SUPPORTED, failure.error());
        assertTrue(failure.message().contains("needs 1 followers"), failure.message());
        assertTrue(fixture.partitions.seen.stream().noneMatch(request -> request instanceof ChangeAckRule));
    }

    @Test
    void aChangeThatOneLeaderRefusesSaysHowFarItCame() throws Exception {
        PartitionSet set = fixture.board.partitionMap().set(ExecutorFixture.SET);
        PartitionId third = set.partitions().get(2);
        fixture.partitions.callStale(request ->
                request instanceof ChangeAckRule && request.partition().equals(third));
        Failure failure = refused("alter table t set ack async");
        assertTrue(failure.message().contains("not yet in [" + third + "]"), failure.message());
        assertEquals(
                AckRule.QUORUM,
                fixture.board.partitionMap().set(ExecutorFixture.SET).ackRule());
        fixture.partitions.callStale(request -> false);
        assertInstanceOf(UpdateCounts.class, run("alter table t set ack async"));
        assertEquals(
                List.of(AckRule.ASYNC),
                set.partitions().stream().map(this::ruleOf).distinct().toList());
    }

    @Test
    void onlyANodeThatIsGoneIsRemoved() throws Exception {
        Failure alive = refused("ALTER NODE " + ExecutorFixture.SELF + " REMOVE");
        assertTrue(alive.message().contains("is alive; stop it first"), alive.message());
        Failure unknown = refused("ALTER NODE 'n77' REMOVE");
        assertTrue(unknown.message().contains("no node n77"), unknown.message());
        StatementRefusedException refused = assertThrows(
                StatementRefusedException.class, () -> fixture.planner.plan("ALTER NODE n1 DROP", "PUBLIC"));
        assertTrue(
                refused.failure().message().contains("ALTER NODE node REMOVE"),
                refused.failure().message());
    }

    @Test
    void leadersGoOnlyToNodesThatHoldTheReplica() throws Exception {
        assertInstanceOf(UpdateCounts.class, run("alter partition 0 transfer leader to " + ExecutorFixture.SELF));
        Failure nobody = refused("alter partition 0 transfer leader to n9");
        assertTrue(nobody.message().contains("its replicas are on n1"), nobody.message());
        Failure nowhere = refused("alter partition 99 transfer leader to n1");
        assertTrue(nowhere.message().contains("no partition 99"), nowhere.message());
    }
}
