package org.deuterium.coordinator.control;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.jspecify.annotations.Nullable;

/** Spreads leaders: of several equally good candidates, the one who leads the fewest partitions is preferred. */
final class LeaderBalance {

    private final ClusterView view;

    /** Named by this controller, perhaps not in the view yet. */
    private final Map<PartitionId, PartitionState> named = new HashMap<>();

    LeaderBalance(ClusterView view) {
        this.view = view;
    }

    void clear() {
        named.clear();
    }

    void named(PartitionState state) {
        named.put(state.partition(), state);
    }

    @Nullable
    NodeId preferred(PartitionId partition, Collection<NodeId> candidates) {
        Map<PartitionId, PartitionState> latest = new HashMap<>(named);
        for (PartitionState state : view.partitions()) {
            latest.merge(state.partition(), state, (mine, shown) -> mine.term().isBefore(shown.term()) ? shown : mine);
        }
        latest.remove(partition);
        Map<NodeId, Integer> leads = new HashMap<>();
        for (PartitionState state : latest.values()) {
            NodeId leader = state.leader();
            if (leader != null) {
                leads.merge(leader, 1, Integer::sum);
            }
        }
        NodeId best = null;
        for (NodeId candidate : candidates) {
            if (best == null || leads.getOrDefault(candidate, 0) < leads.getOrDefault(best, 0)) {
                best = candidate;
            }
        }
        return best;
    }
}
