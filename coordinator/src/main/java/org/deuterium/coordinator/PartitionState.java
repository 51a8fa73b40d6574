package org.deuterium.coordinator;

import java.util.List;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/**
 * What the board says about one partition. Only the controller raises the term and names a leader; only the leader
 * changes replicas, the in-sync set and the ack rule. Every change is a compare-and-set on {@code configVersion}.
 *
 * @param term the fencing number; at most one leader is ever named in a term
 * @param leader who leads in this term, or null while an election is under way
 * @param leaderInstance the process that was named; when its node has another one, the leadership is over
 * @param inSync the replicas that follow closely, in order
 * @param configVersion the version the board gave this state; rises with every change
 */
public record PartitionState(
        PartitionId partition,
        Term term,
        @Nullable NodeId leader,
        String leaderInstance,
        AckRule ackRule,
        List<PlacedReplica> replicas,
        List<NodeId> inSync,
        long configVersion) {

    public PartitionState {
        replicas = List.copyOf(replicas);
        inSync = List.copyOf(inSync);
    }

    /** A partition nobody has led yet, on directories that do not exist yet. */
    public static PartitionState unformed(PartitionId partition, List<NodeId> nodes) {
        List<PlacedReplica> replicas = nodes.stream()
                .map(node -> new PlacedReplica(node, StorageId.UNKNOWN))
                .toList();
        return new PartitionState(partition, Term.NONE, null, "", AckRule.QUORUM, replicas, List.of(), 0);
    }

    public @Nullable PlacedReplica replica(NodeId node) {
        for (PlacedReplica replica : replicas) {
            if (replica.node().equals(node)) {
                return replica;
            }
        }
        return null;
    }

    /** How many voters' answers an election needs, and how many fsynced acknowledgements a commit needs. */
    public int majority() {
        return replicas.size() / 2 + 1;
    }

    /** The same partition in its next term, without a leader. */
    public PartitionState withNextTerm() {
        return new PartitionState(partition, term.next(), null, "", ackRule, replicas, inSync, configVersion);
    }

    public PartitionState withLeader(NodeId node, String instance) {
        return new PartitionState(partition, term, node, instance, ackRule, replicas, inSync, configVersion);
    }

    public PartitionState withReplicas(List<PlacedReplica> changed) {
        return new PartitionState(partition, term, leader, leaderInstance, ackRule, changed, inSync, configVersion);
    }

    public PartitionState withInSync(List<NodeId> changed) {
        return new PartitionState(partition, term, leader, leaderInstance, ackRule, replicas, changed, configVersion);
    }

    public PartitionState withConfigVersion(long version) {
        return new PartitionState(partition, term, leader, leaderInstance, ackRule, replicas, inSync, version);
    }
}
