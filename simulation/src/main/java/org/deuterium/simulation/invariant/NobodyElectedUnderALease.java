package org.deuterium.simulation.invariant;

import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ReplicaGroup;

/** While a leader's lease lasts on its own clock, no leader of a later term is named, nor was one before. */
public final class NobodyElectedUnderALease {

    void check(NodeId holder, PartitionReplica core, long clockMillis, ReplicaGroup written) {
        if (written.leader() != null
                && core.isLeader()
                && core.term().isBefore(written.term())
                && clockMillis < core.leaseUntilMillis()) {
            throw new InvariantBroken(
                    getClass(),
                    written.leader() + " is named leader of " + written.term() + " while the lease of " + holder
                            + " for " + core.term() + " lasts " + (core.leaseUntilMillis() - clockMillis) + " ms more");
        }
    }
}
