package org.deuterium.simulation;

import java.util.HashMap;
import java.util.Map;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.Term;

/** A term is led by one process at the most: not by two nodes, and not by one node before and after a restart. */
final class OneLeaderATerm {

    private final Map<Term, PartitionReplica> leaders = new HashMap<>();

    void check(Iterable<SimulatedNode> nodes) {
        for (SimulatedNode node : nodes) {
            PartitionReplica core = node.core();
            if (core != null && core.isLeader()) {
                PartitionReplica known = leaders.putIfAbsent(core.term(), core);
                if (known != null && known != core) {
                    throw new InvariantBroken(getClass(), node.id + " leads " + core.term() + ", which was led before");
                }
            }
        }
    }
}
