package org.deuterium.coordinator.control;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Nodes that are gone for so long that they are taken to be lost: their replicas are given to living nodes that hold none
 * of the partition. The leader makes the change, and the new replica has no vote before it has caught up. The time starts
 * anew with each controller. Belongs to the controller's thread.
 */
final class LostNodes {

    private static final Logger LOG = LoggerFactory.getLogger(LostNodes.class);
    private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ClusterView view;
    private final PromiseCollector nodes;
    private final long patienceNanos;
    private final Map<NodeId, Long> goneSince = new HashMap<>();
    private final Set<NodeId> given = new HashSet<>();
    private final Map<PartitionId, Long> askedAt = new HashMap<>();
    private final Set<PartitionId> withoutPlace = new HashSet<>();

    LostNodes(ClusterView view, PromiseCollector nodes, ControllerSettings settings) {
        this.view = view;
        this.nodes = nodes;
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(settings.replaceAfterMillis());
    }

    void clear() {
        goneSince.clear();
        askedAt.clear();
        given.clear();
        withoutPlace.clear();
    }

    /** Takes a node to be lost without waiting, until it is seen again. */
    void give(NodeId node) {
        given.add(node);
    }

    void look(long nowNanos) {
        Map<NodeId, ClusterNode> alive = view.nodes();
        goneSince.keySet().removeAll(alive.keySet());
        given.removeAll(alive.keySet());
        boolean someAreLost = false;
        for (NodeId node : view.knownNodes()) {
            if (!alive.containsKey(node)) {
                goneSince.putIfAbsent(node, nowNanos);
                someAreLost |= isLost(node, nowNanos);
            }
        }
        if (someAreLost) {
            PartitionPlacement placement = new PartitionPlacement(view.partitions());
            for (PartitionState state : view.partitions()) {
                replaceIn(state, placement, alive, nowNanos);
            }
        }
    }

    private boolean isLost(NodeId node, long nowNanos) {
        Long since = goneSince.get(node);
        return since != null && (given.contains(node) || (patienceNanos > 0 && nowNanos - since >= patienceNanos));
    }

    /** One replica at a time: the rest of the group has to carry the partition meanwhile. */
    private void replaceIn(
            PartitionState state, PartitionPlacement placement, Map<NodeId, ClusterNode> alive, long nowNanos) {
        ClusterNode leader = state.livingLeader(alive);
        NodeId lost = lostOf(state.group(), nowNanos);
        Long asked = askedAt.get(state.partition());
        if (leader == null || lost == null || (asked != null && nowNanos - asked < ASK_AGAIN_NANOS)) {
            return;
        }
        NodeId fresh = placement.another(state.group(), alive.keySet());
        if (fresh == null) {
            if (withoutPlace.add(state.partition())) {
                LOG.warn(
                        "{}: {} is lost, but every living node has a replica already; start another node",
                        state.partition(),
                        lost);
            }
            return;
        }
        withoutPlace.remove(state.partition());
        if (asked == null) {
            LOG.info("{}: {} is lost, {} is to have its replica", state.partition(), lost, fresh);
        }
        askedAt.put(state.partition(), nowNanos);
        nodes.askToReplace(leader, state.partition(), lost, fresh);
    }

    private @Nullable NodeId lostOf(ReplicaGroup group, long nowNanos) {
        for (ReplicaGroup.Voter voter : group.replicas()) {
            if (isLost(voter.node(), nowNanos)) {
                return voter.node();
            }
        }
        return null;
    }
}
