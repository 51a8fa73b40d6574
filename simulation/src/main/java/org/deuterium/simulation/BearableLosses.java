package org.deuterium.simulation;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.simulation.cluster.Cluster;
import org.deuterium.simulation.cluster.SimulatedNode;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/**
 * Which disks may be lost without a promise being broken: under every group that is written, or may soon be, as many voters'
 * disks must remain as an election needs to meet every commit.
 */
final class BearableLosses {

    private record Replacement(NodeId lost, NodeId fresh) {}

    private final Cluster cluster;
    private @Nullable AckRule askedRule;
    private final List<Replacement> askedReplacements = new ArrayList<>();

    BearableLosses(Cluster cluster) {
        this.cluster = cluster;
    }

    /** True if the rule may be asked for now; then it may be in force at any time. */
    boolean mayAskFor(AckRule rule) {
        AckRule before = askedRule;
        askedRule = rule;
        if (isBearable(null)) {
            return true;
        }
        askedRule = before;
        return false;
    }

    /** True if the replica of one node may be asked to be given to another; then that may happen at any time. */
    boolean mayAskFor(NodeId lost, NodeId fresh) {
        Replacement asked = new Replacement(lost, fresh);
        if (askedReplacements.contains(asked)) {
            return isBearable(null);
        }
        askedReplacements.add(asked);
        if (isBearable(null)) {
            return true;
        }
        askedReplacements.remove(asked);
        return false;
    }

    boolean mayLoseDiskOf(SimulatedNode node) {
        return isBearable(node);
    }

    private boolean isBearable(@Nullable SimulatedNode lost) {
        if (!isBearable(cluster.coordinator().group(), lost)) {
            return false;
        }
        for (ReplicaGroup maybeSoon : cluster.coordinator().onTheirWay()) {
            if (!isBearable(maybeSoon, lost)) {
                return false;
            }
        }
        return true;
    }

    /** Of this group, and of those that may follow on it. */
    private boolean isBearable(ReplicaGroup group, @Nullable SimulatedNode lost) {
        if (!isBearableInAnyRule(group, lost)) {
            return false;
        }
        for (Replacement asked : askedReplacements) {
            boolean isPossible = group.hasReplica(asked.lost()) && !group.hasReplica(asked.fresh());
            if (isPossible && !isBearableInAnyRule(group.withReplacement(asked.lost(), asked.fresh()), lost)) {
                return false;
            }
        }
        return true;
    }

    private boolean isBearableInAnyRule(ReplicaGroup group, @Nullable SimulatedNode lost) {
        return survives(group, lost) && (askedRule == null || survives(group.withAckRule(askedRule), lost));
    }

    private boolean survives(ReplicaGroup group, @Nullable SimulatedNode lost) {
        int whole = 0;
        for (SimulatedNode each : cluster.nodes()) {
            boolean votes = group.votes(each.id(), each.disk().storage())
                    && !each.disk().isDamaged();
            whole += votes && each != lost ? 1 : 0;
        }
        return whole >= group.promisesToElect();
    }
}
