package org.deuterium.simulation.invariant;

import java.util.HashMap;
import java.util.Map;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.NodeId;
import org.jspecify.annotations.Nullable;

/** A term is led by one process at the most: not by two nodes, and not by one node before and after a restart. */
public final class OneLeaderATerm {

    private final Map<Long, PartitionReplica> leaders = new HashMap<>();
    private @Nullable PartitionReplica seenLast;
    private long termSeenLast;

    void check(NodeId node, PartitionReplica core) {
        if (!core.isLeader() || (core == seenLast && core.term().number() == termSeenLast)) {
            return;
        }
        seenLast = core;
        termSeenLast = core.term().number();
        PartitionReplica known = leaders.putIfAbsent(termSeenLast, core);
        if (known != null && known != core) {
            throw new InvariantBroken(getClass(), node + " leads " + core.term() + ", which was led before");
        }
    }
}
