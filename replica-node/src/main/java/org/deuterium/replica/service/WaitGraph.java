package org.deuterium.replica.service;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.TransactionStatuses.BranchStatus;
import org.deuterium.wire.partition.TransactionStatuses.LockWait;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for whom, as the leaders told it at about one time. A transaction may wait in several partitions at once, and
 * needs all of what it waits for: so any circle is a deadlock.
 */
final class WaitGraph {

    private final Map<TransactionId, List<Edge>> edges = new HashMap<>();

    /** One branch that waits for a row of another transaction. */
    record Edge(PartitionId partition, TransactionId waiter, LockWait lockWait) {

        /** True if it is the same wait, and has met the same holder once more since then. */
        boolean confirms(Edge earlier) {
            return partition.equals(earlier.partition)
                    && waiter.equals(earlier.waiter)
                    && lockWait.ticket() == earlier.lockWait.ticket()
                    && lockWait.holder().equals(earlier.lockWait.holder())
                    && lockWait.attempt() > earlier.lockWait.attempt();
        }
    }

    WaitGraph(List<BranchStatus> waits) {
        for (BranchStatus branch : waits) {
            LockWait wait = branch.lockWait();
            if (wait != null && !wait.holder().equals(TransactionId.NONE)) {
                add(new Edge(branch.partition(), branch.transaction(), wait));
            }
        }
    }

    private WaitGraph() {}

    private void add(Edge edge) {
        edges.computeIfAbsent(edge.waiter(), waiter -> new ArrayList<>(1)).add(edge);
    }

    /**
     * What stands in both graphs. A statement that was in the same wait before and after, and in the meantime met the same
     * holder, cannot have got on in between; if that is true all around a circle, nobody in it ever will.
     */
    WaitGraph confirming(WaitGraph earlier) {
        WaitGraph both = new WaitGraph();
        edges.forEach((waiter, own) -> {
            for (Edge edge : own) {
                for (Edge before : earlier.edges.getOrDefault(waiter, List.of())) {
                    if (edge.confirms(before)) {
                        both.add(edge);
                    }
                }
            }
        });
        return both;
    }

    /** The holders that wait for nobody themselves, as far as this graph knows. */
    Set<TransactionId> ends() {
        Set<TransactionId> ends = new HashSet<>();
        edges.values()
                .forEach(own -> own.forEach(edge -> ends.add(edge.lockWait().holder())));
        ends.removeAll(edges.keySet());
        return ends;
    }

    /** A circle through this transaction, beginning with its own wait; empty if there is none. */
    List<Edge> circle(TransactionId through) {
        Map<TransactionId, Edge> reachedBy = new HashMap<>();
        Deque<TransactionId> open = new ArrayDeque<>(List.of(through));
        while (!open.isEmpty()) {
            for (Edge edge : edges.getOrDefault(open.remove(), List.of())) {
                TransactionId holder = edge.lockWait().holder();
                if (holder.equals(through)) {
                    return pathTo(edge, reachedBy, through);
                }
                if (reachedBy.putIfAbsent(holder, edge) == null) {
                    open.add(holder);
                }
            }
        }
        return List.of();
    }

    private static List<Edge> pathTo(Edge last, Map<TransactionId, Edge> reachedBy, TransactionId from) {
        List<Edge> path = new ArrayList<>();
        @Nullable Edge edge = last;
        while (edge != null) {
            path.add(0, edge);
            edge = edge.waiter().equals(from) ? null : reachedBy.get(edge.waiter());
        }
        return path;
    }

    /** Who of a circle began last; whoever knows the same beginnings says the same. */
    static TransactionId youngest(List<Edge> circle, Map<TransactionId, Long> begun) {
        TransactionId youngest = circle.get(0).waiter();
        for (Edge edge : circle) {
            TransactionId one = edge.waiter();
            long difference = begun.getOrDefault(one, 0L) - begun.getOrDefault(youngest, 0L);
            if (difference > 0 || (difference == 0 && isAfter(one, youngest))) {
                youngest = one;
            }
        }
        return youngest;
    }

    private static boolean isAfter(TransactionId one, TransactionId other) {
        return one.sequence() != other.sequence() ? one.sequence() > other.sequence() : one.origin() > other.origin();
    }
}
