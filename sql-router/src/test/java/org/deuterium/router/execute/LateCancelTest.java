package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.CancelBranch;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.junit.jupiter.api.Test;

/** A cancel that comes when a statement has looked whether it is canceled, and is not yet where it will run. */
class LateCancelTest {

    private static final NodeId SELF = new NodeId("n1");
    private static final PartitionId P1 = new PartitionId(1);

    @Test
    void stopsTheStatementWhereItRuns() {
        AtomicReference<Runnable> whenLeaderIsLookedUp = new AtomicReference<>(() -> {});
        FakeBoard board = new FakeBoard(SELF);
        board.ensure(ExecutorFixture.SET, 2, 1);
        ClusterView view = (ClusterView) Proxy.newProxyInstance(
                ClusterView.class.getClassLoader(), new Class<?>[] {ClusterView.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("partition")) {
                        whenLeaderIsLookedUp.getAndSet(() -> {}).run();
                    }
                    try {
                        return method.invoke(board, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        List<Object> sent = new ArrayList<>();
        NodeCalls leader = (node, request, answer) -> sent.add(request);
        PartitionLeaders leaders = new PartitionLeaders(SELF, view, null, leader, Runnable::run);
        StatementCall call = new StatementCall(
                ParameterRows.NONE,
                new StatementCall.Wishes(0, 0, 0, KeysWanted.NONE, true),
                new SessionContext("PUBLIC", "UTC", 100),
                null,
                new TransactionNumbers(7),
                new SessionReads(50));
        StatementShape shape = new StatementShape(1, true, false, false, false, List.of(), List.of());
        BranchExecution execution = new BranchExecution(leaders, call, shape, P1, (asked, by, reply) -> {});
        whenLeaderIsLookedUp.set(() -> call.cancel(leaders));
        execution.start("SELECT 1", ParameterRows.NONE, 0, true);
        assertEquals(2, sent.size(), sent::toString);
        assertEquals(new CancelBranch(P1, call.ownTransaction()), sent.get(1));
    }
}
