package org.deuterium.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.AckRule;
import org.junit.jupiter.api.Test;

/** Leaders that wish again and again while ZooKeeper is away leave one question each, not one a second. */
class GroupReadsTest {

    private static final PartitionId P = PartitionId.HOME;
    private final List<CompletableFuture<PartitionState>> asked = new ArrayList<>();
    private final List<PartitionState> told = new ArrayList<>();
    private final GroupReads reads = new GroupReads(
            partition -> {
                CompletableFuture<PartitionState> answer = new CompletableFuture<>();
                asked.add(answer);
                return answer;
            },
            told::add);

    private static PartitionState state() {
        return PartitionState.unformed(P, List.of(new NodeId("n1")), AckRule.QUORUM);
    }

    @Test
    void wishesWhileTheBoardIsAwayWaitForOneRead() {
        for (int i = 0; i < 100; i++) {
            reads.read(P);
        }
        assertEquals(1, asked.size());
        asked.get(0).complete(state());
        assertEquals(2, asked.size(), "what was wished since the first question may be written by now");
        asked.get(1).complete(state());
        assertEquals(2, asked.size());
        assertEquals(2, told.size());
        reads.read(P);
        assertEquals(3, asked.size());
    }

    @Test
    void aReadThatFailsIsNotTheLast() {
        reads.read(P);
        reads.read(new PartitionId(7));
        asked.get(0).completeExceptionally(new CoordinatorException("there is no partition"));
        reads.read(P);
        assertEquals(3, asked.size());
        assertEquals(List.of(), told);
    }

    @Test
    void aBoardThatCannotBeAskedIsAskedAgain() {
        int[] calls = new int[1];
        GroupReads closed = new GroupReads(
                partition -> {
                    calls[0]++;
                    throw new IllegalStateException("not started yet");
                },
                told::add);
        closed.read(P);
        closed.read(P);
        assertEquals(2, calls[0]);
    }

    @Test
    void aReaderThatFailsIsToldTheNextState() {
        GroupReads failing = new GroupReads(
                partition -> {
                    CompletableFuture<PartitionState> answer = new CompletableFuture<>();
                    asked.add(answer);
                    return answer;
                },
                state -> {
                    throw new IllegalStateException("the node is stopping");
                });
        failing.read(P);
        failing.read(P);
        asked.get(0).complete(state());
        assertEquals(2, asked.size());
    }
}
