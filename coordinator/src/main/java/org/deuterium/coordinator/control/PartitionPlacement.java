package org.deuterium.coordinator.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** Chooses the nodes of new partitions: living ones first, then those that hold the fewest replicas. */
final class PartitionPlacement {

    private final Map<NodeId, Integer> replicasOf = new HashMap<>();

    PartitionPlacement(Collection<PartitionState> present) {
        for (PartitionState state : present) {
            for (ReplicaGroup.Voter voter : state.group().replicas()) {
                replicasOf.merge(voter.node(), 1, Integer::sum);
            }
        }
    }

    /** The living node without a replica of this group that holds the fewest, counted in; null if there is none. */
    @Nullable
    NodeId another(ReplicaGroup group, Set<NodeId> alive) {
        NodeId chosen = alive.stream()
                .filter(node -> !group.hasReplica(node))
                .min(Comparator.comparing((NodeId node) -> replicasOf.getOrDefault(node, 0))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse(null);
        if (chosen != null) {
            replicasOf.merge(chosen, 1, Integer::sum);
        }
        return chosen;
    }

    /**
     * The nodes of one partition, the one that is best to lead it first; counted in for the next call.
     *
     * @return fewer than {@code replicas} if there are not so many nodes
     */
    List<NodeId> choose(PartitionId partition, int replicas, Set<NodeId> alive, Collection<NodeId> known) {
        List<NodeId> candidates = new ArrayList<>(known);
        for (NodeId node : alive) {
            if (!candidates.contains(node)) {
                candidates.add(node);
            }
        }
        candidates.sort(Comparator.comparing((NodeId node) -> !alive.contains(node))
                .thenComparing(node -> replicasOf.getOrDefault(node, 0))
                .thenComparing(Comparator.naturalOrder()));
        List<NodeId> chosen = new ArrayList<>(candidates.subList(0, Math.min(replicas, candidates.size())));
        chosen.sort(Comparator.naturalOrder());
        for (NodeId node : chosen) {
            replicasOf.merge(node, 1, Integer::sum);
        }
        // with as many replicas as nodes every partition has the same nodes: rotate who comes first
        java.util.Collections.rotate(chosen, chosen.isEmpty() ? 0 : -(partition.number() % chosen.size()));
        return chosen;
    }
}
