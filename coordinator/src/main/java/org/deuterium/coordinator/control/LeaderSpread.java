package org.deuterium.coordinator.control;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves leaders by planned transfers until no living node leads more than ceil(P/N) + 1 of P partitions, as Kafka's
 * preferred replica election does: after a restart of the whole cluster, and when a node came back. Slowly: one move at a
 * time, and only while nothing else happens. Belongs to the controller's thread.
 */
final class LeaderSpread {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderSpread.class);

    /** A partition whose move came to nothing is left alone for so many periods. */
    private static final int PAUSE_PERIODS = 6;

    private final ClusterView view;
    private final PromiseCollector nodes;
    private final long periodNanos;
    private final Map<PartitionId, Long> notBefore = new HashMap<>();
    private Set<NodeId> seen = Set.of();
    private long quietSinceNanos;

    /** A leader that is to be moved. */
    record Move(PartitionState state, NodeId to) {}

    LeaderSpread(ClusterView view, PromiseCollector nodes, ControllerSettings settings) {
        this.view = view;
        this.nodes = nodes;
        this.periodNanos = TimeUnit.MILLISECONDS.toNanos(settings.spreadMillis());
        this.quietSinceNanos = System.nanoTime();
    }

    /** Another controller begins: it waits as after any other change. */
    void clear(long nowNanos) {
        notBefore.clear();
        quietSinceNanos = nowNanos;
    }

    void look(long nowNanos) {
        if (periodNanos == 0) {
            return;
        }
        Map<NodeId, ClusterNode> alive = view.nodes();
        boolean changed = !alive.keySet().equals(seen);
        if (changed || !allAreLed(alive)) {
            seen = Set.copyOf(alive.keySet());
            quietSinceNanos = nowNanos;
        }
        if (nowNanos - quietSinceNanos < periodNanos) {
            return;
        }
        notBefore.values().removeIf(until -> nowNanos >= until);
        Move move = due(view.partitions(), alive, notBefore.keySet());
        if (move != null) {
            PartitionId partition = move.state.partition();
            quietSinceNanos = nowNanos; // the next one a period later
            notBefore.put(partition, nowNanos + PAUSE_PERIODS * periodNanos);
            LOG.info("{}: {} leads more than its share, {} is to lead it", partition, move.state.leader(), move.to);
            nodes.askToHandOver(partition, move.to);
        }
    }

    private boolean allAreLed(Map<NodeId, ClusterNode> alive) {
        for (PartitionState state : view.partitions()) {
            if (state.livingLeader(alive) == null) {
                return false;
            }
        }
        return true;
    }

    /**
     * The move that helps most: from the node that leads most to the one that leads least, of a partition all of whose
     * replicas are alive and in sync; one that was placed to be led there first of all.
     *
     * @param leftAlone partitions that are not to be moved
     * @return null if nobody leads more than its share, or nothing can be moved
     */
    static @Nullable Move due(
            Collection<PartitionState> partitions, Map<NodeId, ClusterNode> alive, Set<PartitionId> leftAlone) {
        Map<NodeId, Integer> leads = new HashMap<>();
        int led = 0;
        for (PartitionState state : partitions) {
            NodeId leader = state.leader();
            if (leader != null && !state.term().equals(Term.NONE)) {
                leads.merge(leader, 1, Integer::sum);
                led++;
            }
        }
        int share = alive.isEmpty() ? led : (led + alive.size() - 1) / alive.size() + 1;
        Move best = null;
        int bestGain = 0;
        for (PartitionState state : partitions) {
            NodeId leader = state.leader();
            if (leader == null
                    || leads.getOrDefault(leader, 0) <= share
                    || leftAlone.contains(state.partition())
                    || !isWhole(state.group(), alive)) {
                continue;
            }
            for (ReplicaGroup.Voter voter : state.group().replicas()) {
                int gain = 2 * (leads.getOrDefault(leader, 0) - leads.getOrDefault(voter.node(), 0))
                        + (voter.equals(state.group().replicas().get(0)) ? 1 : 0);
                boolean helps = leads.getOrDefault(voter.node(), 0) + 1 < leads.getOrDefault(leader, 0);
                if (helps && gain > bestGain) {
                    best = new Move(state, voter.node());
                    bestGain = gain;
                }
            }
        }
        return best;
    }

    /**
     * While a replica is away or behind, another leader would only make things worse. One whose database is stuck is in sync,
     * as its log is; its leader knows, and refuses before it disturbs anybody.
     */
    private static boolean isWhole(ReplicaGroup group, Map<NodeId, ClusterNode> alive) {
        for (ReplicaGroup.Voter voter : group.replicas()) {
            if (!alive.containsKey(voter.node())
                    || !group.inSync().contains(voter.node())
                    || voter.storage().equals(StorageId.UNKNOWN)) {
                return false;
            }
        }
        return true;
    }
}
