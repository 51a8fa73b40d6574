package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
 * Refused before anything is done if a partition could lose its majority by it, or has nowhere to go; a partition whose
 * leader went with the node is given the time to elect another. Blocks.
 */
final class NodeRemoval {

    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long ELECTION_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long TELL_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LOOK_MILLIS = 50;

    private final PartitionLeaders leaders;
    private final ClusterView view;
    private final long electionNanos;

    NodeRemoval(PartitionLeaders leaders) {
        this(leaders, ELECTION_NANOS);
    }

    /** @param electionNanos how long a partition that has no leader yet may take to get one */
    NodeRemoval(PartitionLeaders leaders, long electionNanos) {
        this.leaders = leaders;
        this.view = leaders.view();
        this.electionNanos = electionNanos;
    }

    /** @throws StatementFailedException if it cannot be done, or is not done after a minute */
    void run(String name) {
        NodeId node = find(name);
        for (PartitionId partition : partitionsOf(node)) {
            checkVoters(partition, node);
        }
        awaitLeaders(node);
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

    private void checkVoters(PartitionId partition, NodeId lost) {
        ReplicaGroup group = stateOf(partition).group();
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
        if (alive < without) {
            throw new StatementFailedException(
                    ErrorCode.NOT_READY,
                    "Partition " + partition.number() + " under " + group.ackRule() + " has " + alive
                            + " living voters beside " + lost + " and needs " + without + ", so taking " + lost
                            + " out could cost what was committed; start its other nodes first; see SHOW REPLICAS");
        }
        for (NodeId other : view.nodes().keySet()) {
            if (!group.hasReplica(other)) {
                return;
            }
        }
        throw new StatementFailedException(
                ErrorCode.NOT_READY,
                "Every living node holds a replica of partition " + partition.number() + " already, so that of " + lost
                        + " has nowhere to go; start another node first");
    }

    /** Only a leader gives a replica away, and the node that is to go may have been one a moment ago. */
    private void awaitLeaders(NodeId lost) {
        long deadline = System.nanoTime() + electionNanos;
        for (PartitionId partition : partitionsOf(lost)) {
            while (stateOf(partition).livingLeader(view.nodes()) == null) {
                if (System.nanoTime() - deadline > 0) {
                    throw new StatementFailedException(
                            ErrorCode.NO_LEADER,
                            "Partition " + partition.number() + " has got no leader for "
                                    + TimeUnit.NANOSECONDS.toSeconds(electionNanos)
                                    + " seconds, and only a leader can give the replica of " + lost
                                    + " to another node; nothing was done; see SHOW REPLICAS, then do it again");
                }
                pause();
            }
        }
    }

    private PartitionState stateOf(PartitionId partition) {
        return Objects.requireNonNull(view.partition(partition), "a partition never leaves the board");
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
