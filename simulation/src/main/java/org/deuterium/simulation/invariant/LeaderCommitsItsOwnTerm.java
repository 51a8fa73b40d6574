package org.deuterium.simulation.invariant;

import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * A leader moves its commit index only to an entry of its own term: one of an older term, on however many disks, may
 * still be overwritten by a leader between the two (Ongaro 2014, 3.6.2 and figure 3.7).
 */
public final class LeaderCommitsItsOwnTerm {

    void check(NodeId leader, PartitionReplica core, @Nullable LogEntry last) {
        if (core.isLeader() && last != null && !last.term().equals(core.term())) {
            throw new InvariantBroken(getClass(), leader + " leads " + core.term() + " and commits up to " + last);
        }
    }
}
