package org.deuterium.simulation.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deuterium.simulation.world.FaultKind;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ReplicaGroup;

/**
 * ZooKeeper as a partition sees it: one value changed by compare-and-set, late watches, answers that get lost, sessions
 * that expire late or while their process lives, and times in which it does not answer at all.
 */
public final class SimulatedCoordinator {

    private static final int SESSION_MILLIS = 200;
    private static final long NEVER = Long.MAX_VALUE;

    private final Cluster cluster;
    private final long[] expiresMillis;
    private final boolean[] unreachable;
    private final List<ReplicaGroup> onTheirWay = new ArrayList<>();
    private ReplicaGroup group;
    private long awayUntilMillis;

    SimulatedCoordinator(Cluster cluster, ReplicaGroup group) {
        this.cluster = cluster;
        this.group = group;
        this.expiresMillis = new long[cluster.nodes().size()];
        Arrays.fill(expiresMillis, NEVER);
        this.unreachable = new boolean[expiresMillis.length];
    }

    /** What is written now, which nobody in the cluster may know yet. */
    public ReplicaGroup group() {
        return group;
    }

    /** What somebody is trying to write, and may still succeed with. */
    public List<ReplicaGroup> onTheirWay() {
        return onTheirWay;
    }

    /** The node stops to be heard of: its session will expire, sooner or later. */
    public void lose(SimulatedNode node) {
        if (expiresMillis[node.place()] == NEVER) {
            expiresMillis[node.place()] = cluster.timeline.now() + SESSION_MILLIS + cluster.chance.delay(800);
        }
    }

    /** The node can no longer ask or be told anything, and its session will expire. */
    public void cutOff(SimulatedNode node) {
        unreachable[node.place()] = true;
        lose(node);
    }

    /** Its session is over now. */
    public void expire(SimulatedNode node) {
        expiresMillis[node.place()] = cluster.timeline.now();
    }

    /** The process is heard of again, if the way to it is open. */
    public void hear(SimulatedNode node) {
        if (!unreachable[node.place()]) {
            expiresMillis[node.place()] = NEVER;
        }
    }

    /** The way to the node is open again; a living process gets a session, and reads what it missed. */
    public void mend(SimulatedNode node) {
        unreachable[node.place()] = false;
        if (node.alive() && !node.isPaused()) {
            hear(node);
            node.readGroup();
        }
    }

    boolean sessionExpired(NodeId id) {
        return cluster.timeline.now() >= expiresMillis[cluster.node(id).place()];
    }

    /** Answers nothing until then; what is asked meanwhile waits or gets lost. */
    public void goAway(long millis) {
        awayUntilMillis = cluster.timeline.now() + millis;
    }

    private long untilBack() {
        return Math.max(0, awayUntilMillis - cluster.timeline.now());
    }

    private boolean isLost() {
        if (cluster.chance.happens(cluster.faults().answersLost())) {
            cluster.counts.count(FaultKind.ANSWER_LOST);
            return true;
        }
        return untilBack() > 0 && cluster.chance.oneIn(2);
    }

    /** Reads the value for a controller; it arrives later, or never. */
    void read(Consumer<ReplicaGroup> reader) {
        if (isLost()) {
            return;
        }
        cluster.timeline.after(untilBack() + cluster.chance.delay(20), () -> {
            ReplicaGroup value = group;
            cluster.timeline.after(
                    untilBack() + cluster.chance.delay(cluster.faults().coordinatorMillis()),
                    () -> reader.accept(value));
        });
    }

    void read(SimulatedNode node) {
        int process = node.process();
        read(value -> deliver(node, process, value));
    }

    /** The process that asked, or watches, is told; not one that was started later, whose session is another. */
    private void deliver(SimulatedNode node, int process, ReplicaGroup value) {
        if (!unreachable[node.place()] && node.process() == process) {
            node.onGroup(value);
        }
    }

    void compareAndSet(SimulatedNode node, ReplicaGroup wished) {
        if (!unreachable[node.place()]) {
            int process = node.process();
            compareAndSet(wished, read -> deliver(node, process, read));
        }
    }

    /**
     * Writes a value if the one that is there has the version before it. The request may get lost, and so may the
     * answer; otherwise the value that is there afterwards is read back, as a host does.
     */
    void compareAndSet(ReplicaGroup wished, Consumer<ReplicaGroup> readBack) {
        if (isLost()) {
            return;
        }
        onTheirWay.add(wished);
        cluster.timeline.after(untilBack() + cluster.chance.delay(50), () -> {
            onTheirWay.remove(wished);
            if (group.version() == wished.version() - 1) {
                become(wished);
            }
            read(readBack);
        });
    }

    private static boolean namesTheSameNodes(ReplicaGroup one, ReplicaGroup other) {
        return one.replicas().stream().allMatch(voter -> other.hasReplica(voter.node()));
    }

    private void become(ReplicaGroup written) {
        cluster.counts.ruleChanges += group.ackRule().equals(written.ackRule()) ? 0 : 1;
        cluster.counts.replacements += namesTheSameNodes(group, written) ? 0 : 1;
        group = written;
        cluster.invariants.onGroupWritten(written);
        cluster.counts.groupChanges++;
        cluster.trace.say(() -> "the coordinator holds " + written);
        for (SimulatedNode node : cluster.nodes()) {
            node.witness(written);
            int process = node.process();
            cluster.timeline.after(
                    untilBack() + cluster.chance.delay(cluster.faults().coordinatorMillis()),
                    () -> deliver(node, process, cluster.chance.oneIn(2) ? written : group));
        }
    }
}
