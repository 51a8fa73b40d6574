package org.deuterium.replica.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.TransactionStatuses.BranchStatus;
import org.deuterium.wire.partition.TransactionStatuses.LockWait;
import org.junit.jupiter.api.Test;

/** A circle is found, whoever looks; and only one that surely stands. */
class WaitGraphTest {

    /** The younger a transaction, the later it began. */
    private static final Map<TransactionId, Long> BEGUN = Map.of(id(4), 40L, id(6), 60L, id(9), 90L);

    private final List<BranchStatus> waits = new ArrayList<>();

    private static TransactionId id(int number) {
        return new TransactionId(7, number);
    }

    private WaitGraphTest waits(int partition, int waiter, int holder, long ticket, long attempt) {
        waits.add(new BranchStatus(
                new PartitionId(partition),
                id(waiter),
                "WAITING",
                waiter * 100L,
                "",
                new LockWait(ticket, attempt, 500, id(holder))));
        return this;
    }

    private WaitGraph graph() {
        WaitGraph graph = new WaitGraph(waits);
        waits.clear();
        return graph;
    }

    @Test
    void aCircleThroughThreePartitionsHasOneYoungestWhoeverLooks() {
        WaitGraph graph = waits(1, 4, 9, 1, 1)
                .waits(2, 9, 6, 1, 1)
                .waits(3, 6, 4, 1, 1)
                .waits(1, 8, 9, 2, 1)
                .graph();
        for (int member : new int[] {4, 6, 9}) {
            List<WaitGraph.Edge> circle = graph.circle(id(member));
            assertEquals(3, circle.size());
            assertEquals(id(member), circle.get(0).waiter());
            assertEquals(id(9), WaitGraph.youngest(circle, BEGUN));
        }
        assertTrue(graph.circle(id(8)).isEmpty(), "8 waits for the circle, but is not in it");
        assertEquals(Set.of(), graph.ends());
    }

    @Test
    void aChainIsNoCircle() {
        WaitGraph graph =
                waits(1, 4, 5, 1, 1).waits(2, 5, 6, 1, 1).waits(3, 4, 6, 1, 1).graph();
        assertTrue(graph.circle(id(4)).isEmpty());
        assertEquals(Set.of(id(6)), graph.ends());
    }

    @Test
    void onlyAWaitThatMetTheSameHolderAgainStands() {
        WaitGraph before = waits(1, 4, 5, 1, 7).waits(2, 5, 4, 1, 7).graph();
        assertEquals(
                2,
                waits(1, 4, 5, 1, 8)
                        .waits(2, 5, 4, 1, 9)
                        .graph()
                        .confirming(before)
                        .circle(id(4))
                        .size());
        assertTrue(
                waits(1, 4, 5, 1, 8)
                        .waits(2, 5, 4, 1, 7)
                        .graph()
                        .confirming(before)
                        .circle(id(4))
                        .isEmpty(),
                "no attempt since");
        assertTrue(
                waits(1, 4, 5, 2, 8)
                        .waits(2, 5, 4, 1, 8)
                        .graph()
                        .confirming(before)
                        .circle(id(4))
                        .isEmpty(),
                "another statement");
        assertTrue(
                waits(1, 4, 6, 1, 8)
                        .waits(2, 5, 4, 1, 8)
                        .graph()
                        .confirming(before)
                        .circle(id(4))
                        .isEmpty(),
                "another holder");
    }

    @Test
    void ofTwoOfOneAgeTheLaterNumberIsYoungest() {
        waits.add(new BranchStatus(PartitionId.HOME, id(1), "WAITING", 50, "", new LockWait(1, 1, 500, id(2))));
        waits.add(new BranchStatus(new PartitionId(1), id(2), "WAITING", 50, "", new LockWait(1, 1, 500, id(1))));
        WaitGraph graph = graph();
        assertEquals(id(2), WaitGraph.youngest(graph.circle(id(1)), Map.of(id(1), 50L, id(2), 50L)));
        assertEquals(id(2), WaitGraph.youngest(graph.circle(id(2)), Map.of(id(1), 50L, id(2), 50L)));
    }
}
