package org.deuterium.router.execute;

import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionMap;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.router.reads.ReadPlaces;
import org.deuterium.wire.HybridClock;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.DescribeReplicas;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.PartitionRequest;
import org.jspecify.annotations.Nullable;

/**
 * Who leads which partition, and the way there: a method call when the leader lives in this process, a connection
 * otherwise. What is said here about leaders may be old; a node that does not lead says so and has done nothing.
 */
public final class PartitionLeaders {

    private final NodeId self;
    private final ClusterView view;
    private final @Nullable LocalPartitions local;
    private final NodeCalls remote;
    private final Executor waiters;
    private final ChangeSignal changes = new ChangeSignal();
    private final ReadPlaces places;
    private final HybridClock clock = new HybridClock();

    /**
     * @param local the replicas of this process, or null if it hosts none
     * @param waiters where work goes on that waited for the cluster to change
     */
    public PartitionLeaders(
            NodeId self, ClusterView view, @Nullable LocalPartitions local, NodeCalls remote, Executor waiters) {
        this.self = self;
        this.view = view;
        this.local = local;
        this.remote = remote;
        this.waiters = waiters;
        this.places = new ReadPlaces(self, view);
        view.addListener(new ClusterListener() {
            @Override
            public void onNodesChanged(Map<NodeId, ClusterNode> nodes) {
                changes.fire();
            }

            @Override
            public void onPartitionChanged(PartitionState state) {
                changes.fire();
            }

            @Override
            public void onPartitionMapChanged(PartitionMap map) {
                changes.fire();
            }
        });
    }

    /** The node named as leader, or null while there is none. */
    @Nullable
    NodeId leaderOf(PartitionId partition) {
        PartitionState state = view.partition(partition);
        return state == null ? null : state.leader();
    }

    /** True if this process leads the partition, as far as it knows. */
    boolean isLedHere(PartitionId partition) {
        return local != null && self.equals(leaderOf(partition));
    }

    /** The clock of this node's router. */
    HybridClock clock() {
        return clock;
    }

    /** Where reads may go besides the leaders. */
    ReadPlaces places() {
        return places;
    }

    /** Asks one node; the answer comes once, on any thread, as {@link NodeCalls} says. */
    public void call(NodeId node, PartitionRequest request, Consumer<Message> answer) {
        LocalPartitions here = local;
        if (here != null && node.equals(self)) {
            here.handle(request, answer);
        } else {
            remote.call(node, request, answer);
        }
    }

    /**
     * Asks whoever leads the request's partition, waiting for a leader if need be.
     *
     * @param repeatable true if doing the request twice is the same as once, so that it may be sent again
     */
    public void callLeader(PartitionRequest request, boolean repeatable, Consumer<Message> answer) {
        new LeaderCall(this, request, repeatable, (leader, reply) -> answer.accept(reply)).start();
    }

    /** Asks a node about its replicas. */
    void describe(NodeId node, Consumer<Message> answer) {
        LocalPartitions here = local;
        if (here != null && node.equals(self)) {
            here.describe(new DescribeReplicas(), answer);
        } else {
            remote.call(node, new DescribeReplicas(), answer);
        }
    }

    /** Asks a node about all that it leads. */
    public void ask(NodeId node, NodeRequest request, Consumer<Message> answer) {
        LocalPartitions here = local;
        if (here != null && node.equals(self)) {
            here.ask(request, answer);
        } else {
            remote.call(node, request, answer);
        }
    }

    ClusterView view() {
        return view;
    }

    /** Fires when a leader, a node or a set of partitions changed. */
    ChangeSignal changes() {
        return changes;
    }

    Executor waiters() {
        return waiters;
    }
}
