package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionSets;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.router.plan.ClusterChangePlan;
import org.deuterium.router.plan.ClusterChangePlan.HandOver;
import org.deuterium.router.plan.ClusterChangePlan.RemoveNode;
import org.deuterium.router.plan.ClusterChangePlan.SetAckRule;
import org.deuterium.router.plan.ClusterChangePlan.SetLogKind;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.partition.TransferLeader;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;

/** Changes what the board says of sets of partitions and their leaders. Blocks: for workers only. */
final class ClusterChanges {

    /** How long a leader tries to change its ack rule: a follower may have to catch up first. */
    private static final int ACK_RULE_WAIT_MILLIS = 20_000;

    /** How long a leader waits for open transactions and for its heir to catch up. */
    private static final int TRANSFER_WAIT_MILLIS = 10_000;

    /** How long the heir may take from the old leader's word to its election. */
    private static final long ELECTION_WAIT_MILLIS = 10_000;

    private final PartitionLeaders leaders;
    private final PartitionSets sets;

    ClusterChanges(PartitionLeaders leaders, PartitionSets sets) {
        this.leaders = leaders;
        this.sets = sets;
    }

    /**
     * The answer to the client.
     *
     * @throws StatementFailedException if the change was not made, or not everywhere
     */
    Message run(ClusterChangePlan plan) {
        try {
            ClusterChangePlan.Change change = plan.change();
            if (change instanceof SetLogKind set) {
                sets.change(set.partitionSet(), present -> present.withLogKind(set.kind()));
            } else if (change instanceof SetAckRule set) {
                changeAckRule(set.partitionSet(), set.rule());
            } else if (change instanceof HandOver handOver) {
                handOver(new PartitionId(handOver.partition()), handOver.node());
            } else if (change instanceof RemoveNode removal) {
                new NodeRemoval(leaders).run(removal.node());
            }
            return UpdateCounts.of(0);
        } catch (CoordinatorException e) {
            throw new StatementFailedException(
                    ErrorCode.OUTCOME_UNKNOWN,
                    "Nobody can say yet whether this was done (" + plan.change() + "): " + e.getMessage()
                            + "; see SHOW PARTITIONS, and do it again, which does no harm");
        }
    }

    private void changeAckRule(String setName, AckRule rule) {
        PartitionSet set = leaders.view().partitionMap().set(setName);
        if (set == null) {
            throw new StatementFailedException(
                    ErrorCode.NOT_READY,
                    "The set of partitions " + setName + " is not made yet; try again in a moment");
        }
        for (PartitionId partition : set.partitions()) {
            PartitionState state = leaders.view().partition(partition);
            String misfit =
                    state == null ? null : rule.misfit(state.group().replicas().size());
            if (misfit != null) {
                throw new StatementFailedException(ErrorCode.NOT_SUPPORTED, "ACK " + misfit);
            }
        }
        Map<PartitionId, CompletableFuture<Message>> asked = new LinkedHashMap<>();
        for (PartitionId partition : set.partitions()) {
            CompletableFuture<Message> answer = new CompletableFuture<>();
            asked.put(partition, answer);
            leaders.callLeader(new ChangeAckRule(partition, rule, ACK_RULE_WAIT_MILLIS), true, answer::complete);
        }
        List<PartitionId> done = new ArrayList<>();
        Map<PartitionId, Failure> refused = new LinkedHashMap<>();
        asked.forEach((partition, answer) -> {
            if (answer.join() instanceof Failure failure) {
                refused.put(partition, failure);
            } else {
                done.add(partition);
            }
        });
        if (!refused.isEmpty()) {
            Failure first = refused.values().iterator().next();
            throw new StatementFailedException(new Failure(
                    first.error(),
                    first.sqlState(),
                    first.vendorCode(),
                    "ACK " + rule + " is in force in partitions " + done + " but not yet in " + refused.keySet() + ": "
                            + first.message() + "; do it again when that is mended, or set the former rule again",
                    false));
        }
        sets.change(setName, present -> present.withAckRule(rule));
    }

    private void handOver(PartitionId partition, String nodeName) {
        PartitionState state = leaders.view().partition(partition);
        if (state == null) {
            throw new StatementFailedException(
                    ErrorCode.NOT_SUPPORTED, "There is no partition " + partition.number() + "; see SHOW PARTITIONS");
        }
        ReplicaGroup group = state.group();
        NodeId to = null;
        List<String> known = new ArrayList<>();
        for (ReplicaGroup.Voter voter : group.replicas()) {
            known.add(voter.node().name());
            if (voter.node().name().equalsIgnoreCase(nodeName)) {
                to = voter.node();
            }
        }
        if (to == null) {
            throw new StatementFailedException(
                    ErrorCode.NOT_SUPPORTED,
                    "Node " + nodeName + " holds no replica of partition " + partition.number()
                            + ", so it cannot lead it; its replicas are on " + String.join(", ", known));
        }
        if (leaders.view().node(to) == null) {
            throw new StatementFailedException(
                    ErrorCode.NOT_READY, "Node " + to + " is not alive; start it, or choose another; see SHOW NODES");
        }
        if (to.equals(group.leader())) {
            return;
        }
        CompletableFuture<Message> answer = new CompletableFuture<>();
        leaders.callLeader(new TransferLeader(partition, to, TRANSFER_WAIT_MILLIS), true, answer::complete);
        if (answer.join() instanceof Failure failure) {
            throw new StatementFailedException(failure);
        }
        awaitLeader(partition, to, group.term());
    }

    private void awaitLeader(PartitionId partition, NodeId wanted, Term before) {
        NodeId leader;
        try {
            leader = leaders.view()
                    .awaitLeader(partition, before, ELECTION_WAIT_MILLIS)
                    .join()
                    .leader();
        } catch (CompletionException e) {
            throw new StatementFailedException(
                    ErrorCode.NO_LEADER,
                    "Partition " + partition.number() + " was given up for " + wanted + ", but has no leader after "
                            + ELECTION_WAIT_MILLIS / 1000 + " seconds; one will be elected; see SHOW PARTITIONS");
        }
        if (!wanted.equals(leader)) {
            throw new StatementFailedException(
                    ErrorCode.NOT_READY,
                    "Partition " + partition.number() + " is led by " + leader + " now, not by " + wanted
                            + ", which was not far enough in the log; try again");
        }
    }
}
