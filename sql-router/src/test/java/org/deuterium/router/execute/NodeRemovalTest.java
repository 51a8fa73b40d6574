package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.GiveUpNode;
import org.deuterium.wire.replication.AckRule;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ALTER NODE ... REMOVE of a node that was a leader when it went. */
class NodeRemovalTest {

    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeId LOST = new NodeId("n3");
    private static final NodeId N4 = new NodeId("n4");
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final FakeBoard board = new FakeBoard(N1);
    private final AtomicInteger told = new AtomicInteger();
    private PartitionLeaders leaders;

    @BeforeEach
    void loseALeader() {
        for (NodeId node : List.of(N2, LOST, N4)) {
            board.addNode(node, new NodeAddress("127.0.0.1", 1));
        }
        board.place(PartitionId.HOME, AckRule.QUORUM, List.of(LOST, N1, N2));
        board.removeNode(LOST);
        board.lead(PartitionId.HOME, null);
        leaders = new PartitionLeaders(new NodeId("router"), board, null, this::control, Runnable::run);
    }

    /** The controller: gives the place of the lost node to another. */
    private void control(NodeId node, Message request, Consumer<Message> answer) {
        if (request instanceof GiveUpNode lost && lost.node().equals(LOST)) {
            told.incrementAndGet();
            board.place(PartitionId.HOME, AckRule.QUORUM, List.of(N1, N2, N4));
        }
    }

    @Test
    void theLeaderThatIsBeingElectedIsWaitedFor() throws Exception {
        CompletableFuture<Void> removed = new CompletableFuture<>();
        Thread operator = new Thread(
                () -> {
                    try {
                        new NodeRemoval(leaders, TimeUnit.MINUTES.toNanos(1)).run("N3");
                        removed.complete(null);
                    } catch (StatementFailedException e) {
                        removed.completeExceptionally(e);
                    }
                },
                "operator");
        operator.start();
        Eventually.until(() -> operator.getState() == Thread.State.TIMED_WAITING || removed.isDone());
        assertEquals(0, told.get());
        board.lead(PartitionId.HOME, N2);
        removed.get(60, TimeUnit.SECONDS);
        assertEquals(1, told.get());
    }

    @Test
    void withoutALeaderNothingIsDone() {
        StatementFailedException failed =
                assertThrows(StatementFailedException.class, () -> new NodeRemoval(leaders, SHORT_NANOS).run("n3"));
        assertEquals(ErrorCode.NO_LEADER, failed.failure().error());
        assertTrue(
                failed.failure().message().contains("nothing was done"),
                failed.failure().message());
        assertEquals(0, told.get());
    }

    @Test
    void aMajorityThatHangsOnTheLostNodeIsNotWaitedFor() {
        board.removeNode(N2);
        StatementFailedException failed = assertThrows(
                StatementFailedException.class, () -> new NodeRemoval(leaders, TimeUnit.DAYS.toNanos(1)).run("n3"));
        assertEquals(ErrorCode.NOT_READY, failed.failure().error());
        assertTrue(
                failed.failure().message().contains("1 living voters beside n3"),
                failed.failure().message());
        assertEquals(0, told.get());
    }
}
