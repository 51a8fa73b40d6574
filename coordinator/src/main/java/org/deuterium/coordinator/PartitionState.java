package org.deuterium.coordinator;

import java.util.List;
import java.util.Map;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/**
 * What the board says about one partition: its group, and which process of the leader's node was named. A node that came
 * back as another process leads no more, although the group still names it.
 *
 * @param leaderInstance {@link ClusterNode#instance()} of the leader when it was named; empty without a leader
 */
public record PartitionState(ReplicaGroup group, String leaderInstance) {

    /** {@link #unformed(PartitionId, List, AckRule)} with QUORUM. */
    public static PartitionState unformed(PartitionId partition, List<NodeId> nodes) {
        return unformed(partition, nodes, AckRule.QUORUM);
    }

    /** A partition nobody has led yet, on directories that do not exist yet. */
    public static PartitionState unformed(PartitionId partition, List<NodeId> nodes, AckRule ackRule) {
        List<ReplicaGroup.Voter> voters = nodes.stream()
                .map(node -> new ReplicaGroup.Voter(node, StorageId.UNKNOWN))
                .toList();
        return new PartitionState(new ReplicaGroup(partition, Term.NONE, null, ackRule, voters, List.of(), 0), "");
    }

    public PartitionId partition() {
        return group.partition();
    }

    public Term term() {
        return group.term();
    }

    /** Who was named leader of the term; ask {@link #livingLeader} before relying on it. */
    public @Nullable NodeId leader() {
        return group.leader();
    }

    /** The leader, if the process that was named is alive. */
    public @Nullable ClusterNode livingLeader(Map<NodeId, ClusterNode> alive) {
        NodeId leader = group.leader();
        ClusterNode node = leader == null ? null : alive.get(leader);
        return node != null && node.instance().equals(leaderInstance) ? node : null;
    }
}
