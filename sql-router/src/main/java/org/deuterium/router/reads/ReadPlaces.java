package org.deuterium.router.reads;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** Which replica a read goes to, by what the board says and how quickly the nodes have answered reads. Never blocks. */
public final class ReadPlaces {

    /** What was measured longer ago is measured again. */
    private static final long GOOD_FOR_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A new measurement counts for one part in so many. */
    private static final long WEIGHT = 8;

    /** A node that did not answer is not asked again for so long; twice as long each time that it does not. */
    private static final long LEFT_ALONE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long LONGEST_ALONE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final NodeId self;
    private final ClusterView view;
    private final AtomicInteger turn = new AtomicInteger();
    private final LongSupplier nanoClock;
    private final Map<NodeId, Latency> latencies = new ConcurrentHashMap<>();

    /** Nodes that did not answer a read, until one does. */
    private final Map<NodeId, Silence> silences = new ConcurrentHashMap<>();

    /** How long a node takes to answer a read, averaged. */
    private static final class Latency {
        private volatile long nanos;
        private volatile long measuredNanos;
    }

    /** Until when a node is left alone, and for how long after the next failure. */
    private record Silence(long untilNanos, long nextNanos) {}

    /** @param self the node of this process, which may hold replicas */
    public ReadPlaces(NodeId self, ClusterView view) {
        this(self, view, System::nanoTime);
    }

    ReadPlaces(NodeId self, ClusterView view, LongSupplier nanoClock) {
        this.self = self;
        this.view = view;
        this.nanoClock = nanoClock;
    }

    /** The follower to ask, or null to ask the leader. */
    public @Nullable NodeId followerFor(PartitionId partition, ReadPreference preference) {
        PartitionState state = preference == ReadPreference.LEADER ? null : view.partition(partition);
        if (state == null) {
            return null;
        }
        ReplicaGroup group = state.group();
        if (preference == ReadPreference.TAIL) {
            NodeId tail = group.tail();
            return tail == null || !mayBeAsked(tail) ? null : tail;
        }
        if (group.hasReplica(self)) {
            if (!self.equals(group.leader())) {
                return self;
            }
            if (preference == ReadPreference.NEAREST) {
                return null;
            }
        }
        NodeId chosen = preference == ReadPreference.NEAREST ? quickest(group) : next(group);
        return chosen == null || chosen.equals(group.leader()) ? null : chosen;
    }

    /** The nodes alive that hold a replica, the one to ask first in front, then the leader. */
    public List<NodeId> replicasOf(PartitionId partition, ReadPreference preference) {
        Set<NodeId> ordered = new LinkedHashSet<>();
        NodeId first = followerFor(partition, preference);
        if (first != null) {
            ordered.add(first);
        }
        PartitionState state = view.partition(partition);
        if (state != null) {
            NodeId leader = state.leader();
            if (leader != null) {
                ordered.add(leader);
            }
            state.group().replicas().forEach(voter -> ordered.add(voter.node()));
        }
        return ordered.stream().filter(node -> view.node(node) != null).toList();
    }

    private @Nullable NodeId next(ReplicaGroup group) {
        List<NodeId> followers = new ArrayList<>(group.replicas().size());
        for (ReplicaGroup.Voter voter : group.replicas()) {
            if (!voter.node().equals(group.leader()) && view.node(voter.node()) != null) {
                followers.add(voter.node());
            }
        }
        int first = followers.isEmpty() ? 0 : Math.floorMod(turn.getAndIncrement(), followers.size());
        for (int i = 0; i < followers.size(); i++) {
            NodeId follower = followers.get((first + i) % followers.size());
            if (mayBeAsked(follower)) {
                return follower;
            }
        }
        return null;
    }

    /** True if ZooKeeper names it, and it is not left alone; when that is over one read tries it, others do not. */
    private boolean mayBeAsked(NodeId node) {
        if (view.node(node) == null) {
            return false;
        }
        Silence silence = silences.get(node);
        long now = nanoClock.getAsLong();
        return silence == null
                || (now - silence.untilNanos >= 0
                        && silences.replace(node, silence, new Silence(now + silence.nextNanos, silence.nextNanos)));
    }

    /** The node did not answer a read: it is stopped, or cut off from here, whatever ZooKeeper says. */
    public void failed(NodeId node) {
        if (!node.equals(self)) {
            long now = nanoClock.getAsLong();
            silences.compute(node, (id, before) -> {
                long alone = before == null ? LEFT_ALONE_NANOS : before.nextNanos;
                return new Silence(now + alone, Math.min(2 * alone, LONGEST_ALONE_NANOS));
            });
        }
    }

    /** A node that was not measured lately is tried by one read, then the others go on as before until it answers. */
    private @Nullable NodeId quickest(ReplicaGroup group) {
        long now = nanoClock.getAsLong();
        NodeId best = null;
        long bestNanos = Long.MAX_VALUE;
        for (ReplicaGroup.Voter voter : group.replicas()) {
            NodeId node = voter.node();
            if (!mayBeAsked(node)) {
                continue;
            }
            Latency latency = latencies.get(node);
            if (latency == null || now - latency.measuredNanos > GOOD_FOR_NANOS) {
                latencyOf(node).measuredNanos = now;
                return node;
            }
            long nanos = latency.nanos == 0 ? Long.MAX_VALUE - 1 : latency.nanos;
            if (nanos < bestNanos) {
                bestNanos = nanos;
                best = node;
            }
        }
        return best;
    }

    private Latency latencyOf(NodeId node) {
        return latencies.computeIfAbsent(node, unknown -> new Latency());
    }

    /** A read was answered by this node after so long. */
    public void answered(NodeId node, long nanos) {
        Latency latency = latencyOf(node);
        long known = latency.nanos;
        latency.nanos = known == 0 ? Math.max(1, nanos) : Math.max(1, known + (nanos - known) / WEIGHT);
        latency.measuredNanos = nanoClock.getAsLong();
        if (silences.containsKey(node)) {
            silences.remove(node);
        }
    }
}
