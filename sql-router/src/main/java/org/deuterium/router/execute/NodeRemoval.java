package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.GiveUpNode;
import org.deuterium.wire.replication.ReplicaGroup;

/**
 * Gives the replicas of a node that will not come back to other nodes, without the five minutes the controller would wait.
 * Refused before anything is done if a partition could lose its majority by it, or has nowhere to go. Blocks.
 */
final class NodeRemoval {

    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long TELL_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LOOK_MILLIS = 50;

    private final PartitionLeaders leaders;
    private final ClusterView view;

    NodeRemoval(PartitionLeaders leaders) {
        this.leaders = leaders;
        this.view = leaders.view();
    }

    /** @throws StatementFailedException if it cannot be done, or is not done after a minute */
    void run(String name) {
        NodeId node = find(name);
        for (PartitionState state : view.partitions()) {
            if (state.group().hasReplica(node)) {
                check(state, node);
            }
        }
        long deadline = System.nanoTime() + WAIT_NANOS;
        long tellAt = System.nanoTime();
        List<PartitionId> left = partitionsOf(node);
        while (!left.isEmpty()) {
            long now = System.nanoTime();
            if (now - deadline > 0) {
                throw new StatementFailedException(
                        ErrorCode.NOT_READY,
                        "After " + TimeUnit.NANOSECONDS.toSeconds(WAIT_NANOS) + " seconds partitions " + left
                                + " still have their replica on " + node
                                + "; the others are given to other nodes; do it again, see SHOW REPLICAS");
            }
            if (now - tellAt >= 0) {
                tellController(node); // which may be another one by now
                tellAt = now + TELL_AGAIN_NANOS;
            }
            pause();
            left = partitionsOf(node);
        }
    }

    private NodeId find(String name) {
        for (NodeId known : view.knownNodes()) {
            if (known.name().equalsIgnoreCase(name)) {
                if (view.node(known) != null) {
                    throw new StatementFailedException(
                            ErrorCode.NOT_SUPPORTED,
                            "Node " + known + " is alive; stop it first, if it is to go for good; see SHOW NODES");
                }
                return known;
            }
        }
        throw new StatementFailedException(
                ErrorCode.NOT_SUPPORTED, "There is no node " + name + " in this cluster; see SHOW NODES");
    }

    private void check(PartitionState state, NodeId lost) {
        ReplicaGroup group = state.group();
        int alive = 0;
        for (ReplicaGroup.Voter voter : group.voters()) {
            if (!voter.node().equals(lost)
                    && view.node(voter.node()) != null
                    && group.storageOf(voter.node()) != null) {
                alive++;
            }
        }
        int voters = group.voters().size();
        int needed = Math.max(
                group.promisesToElect(), Math.min(voters, group.ackRule().acknowledgementsToCommit(voters)));
        int without = group.ackRule().countsInSync() ? group.promisesToElect() : needed;
        if (state.livingLeader(view.nodes()) == null || alive < without) {
            throw new StatementFailedException(
                    ErrorCode.NOT_READY,
                    "Partition " + state.partition().number() + " under " + group.ackRule() + " has " + alive
                            + " living voters beside " + lost + " and needs " + without
                            + " and a leader, so taking " + lost
                            + " out could cost what was committed; start its other nodes first; see SHOW REPLICAS");
        }
        for (NodeId other : view.nodes().keySet()) {
            if (!group.hasReplica(other)) {
                return;
            }
        }
        throw new StatementFailedException(
                ErrorCode.NOT_READY,
                "Every living node holds a replica of partition "
                        + state.partition().number() + " already, so that of " + lost
                        + " has nowhere to go; start another node first");
    }

    private List<PartitionId> partitionsOf(NodeId node) {
        List<PartitionId> found = new ArrayList<>();
        for (PartitionState state : view.partitions()) {
            if (state.group().hasReplica(node)) {
                found.add(state.partition());
            }
        }
        return found;
    }

    private void tellController(NodeId lost) {
        NodeId controller = view.controller();
        if (controller != null) {
            leaders.ask(controller, new GiveUpNode(lost), answer -> {}); // the board tells what came of it
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StatementFailedException(
                    ErrorCode.OUTCOME_UNKNOWN, "This node stops; whether the node was removed the board tells");
        }
    }
}
