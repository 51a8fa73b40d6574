package org.deuterium.simulation.invariant;

import java.util.List;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** Once every fault is repaired, one leader serves, everybody has applied everything, and every directory votes. */
public final class HealsAtTheEnd {

    /** One replica as it stands; {@code core} is null if its process is down. */
    public record Standing(NodeId node, @Nullable PartitionReplica core, SimulatedDisk disk) {}

    /**
     * What is still missing, in words; empty if the cluster is whole.
     *
     * @param replicas of the nodes that the group names
     */
    public String missing(List<Standing> replicas, ReplicaGroup group, long applied) {
        int serving = 0;
        for (Standing one : replicas) {
            PartitionReplica core = one.core();
            if (core == null) {
                return one.node() + " is down";
            }
            serving += core.isServing() ? 1 : 0;
            if (one.disk().applied().size() != applied || core.lastIndex().position() != applied) {
                return one.node() + " has applied " + one.disk().applied().size() + " of " + applied + " entries";
            }
            if (!group.counts(one.node(), one.disk().storage())) {
                return "the directory " + one.disk().storage() + " of " + one.node() + " was not added";
            }
        }
        if (serving != 1) {
            return serving + " replicas serve";
        }
        return group.inSync().size() == group.replicas().size() ? "" : "not everybody is in sync";
    }

    public void check(String missing, String standing) {
        if (!missing.isEmpty()) {
            throw new InvariantBroken(getClass(), missing + "; " + standing);
        }
    }
}
