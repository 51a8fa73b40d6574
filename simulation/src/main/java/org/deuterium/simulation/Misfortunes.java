package org.deuterium.simulation;

import org.deuterium.simulation.cluster.Cluster;
import org.deuterium.simulation.cluster.SimulatedNode;
import org.deuterium.simulation.world.Chance;
import org.deuterium.simulation.world.FaultKind;
import org.deuterium.simulation.world.Faults;
import org.deuterium.simulation.world.RunCounts;
import org.deuterium.simulation.world.Timeline;
import org.deuterium.simulation.world.Trace;
import org.deuterium.wire.replication.ReplicaGroup;

/** Everything bad that happens in a run, apart from what each message, request and fsync suffers by itself. */
final class Misfortunes {

    private static final int EVERY_MILLIS = 50;

    private final Cluster cluster;
    private final Timeline timeline;
    private final Chance chance;
    private final RunCounts counts;
    private final Trace trace;
    private boolean over;

    Misfortunes(Cluster cluster, Timeline timeline, Chance chance, RunCounts counts, Trace trace) {
        this.cluster = cluster;
        this.timeline = timeline;
        this.chance = chance;
        this.counts = counts;
        this.trace = trace;
    }

    void begin() {
        cluster.tempt(this::tempt);
        next();
    }

    private void next() {
        timeline.after(EVERY_MILLIS, () -> {
            if (!over) {
                strike(cluster.faults());
                next();
            }
        });
    }

    private void strike(Faults faults) {
        double share = EVERY_MILLIS / 1_000.0;
        if (chance.happens(faults.crashes() * share)) {
            crash(cluster.anyNode(), 50 + chance.below(1_500));
        }
        if (chance.happens(faults.crashes() * share / 10)) {
            crashAll();
        }
        if (chance.happens(faults.diskLosses() * share)) {
            loseDisk(cluster.anyNode());
        }
        if (chance.happens(faults.pauses() * share)) {
            cluster.anyNode().pauseFor(chance.below(faults.pauseMillis()));
        }
        if (chance.happens(faults.expiries() * share)) {
            expire(cluster.anyNode());
        }
        if (chance.happens(faults.coordinatorAbsences() * share)) {
            counts.count(FaultKind.COORDINATOR_AWAY);
            trace.say(() -> "the coordinator is away");
            cluster.coordinator().goAway(chance.below(3_000));
        }
        if (chance.happens(faults.cuts() * share)) {
            isolate(cluster.anyNode());
        } else if (chance.happens(share)) {
            mendNetwork();
        }
    }

    private void crash(SimulatedNode node, long backAfterMillis) {
        if (node.alive() && !over) {
            counts.count(FaultKind.CRASH);
            node.crash();
            timeline.after(backAfterMillis, () -> restart(node));
        }
    }

    private void crashAll() {
        counts.count(FaultKind.CRASH_OF_ALL);
        for (SimulatedNode node : cluster.nodes()) {
            crash(node, 50 + chance.below(500));
        }
    }

    private static void restart(SimulatedNode node) {
        if (!node.alive()) {
            node.start();
        }
    }

    /** Something decisive is happening on a node: the moment to crash and be back soon, or to be cut off. */
    private void tempt(SimulatedNode node) {
        Faults faults = cluster.faults();
        if (chance.happens(faults.crashes() / 12)) {
            int soon = chance.delay(chance.oneIn(2) ? 20 : 200);
            timeline.after(soon, () -> crash(node, 20 + chance.delay(200)));
        } else if (chance.happens(faults.cuts() / 4)) {
            timeline.after(chance.delay(chance.oneIn(2) ? 20 : 200), () -> isolate(node));
        }
    }

    /** An empty disk, or a damaged record; only while the ack rule says that nothing is lost by it. */
    private void loseDisk(SimulatedNode node) {
        if (!mayLoseDiskOf(node)) {
            return;
        }
        if (chance.oneIn(2)) {
            if (node.disk().damage(chance)) {
                counts.count(FaultKind.BIT_FLIPPED);
                trace.say(() -> "a bit flips on the disk of " + node.id());
            }
            return;
        }
        counts.count(FaultKind.DISK_REPLACED);
        if (node.alive()) {
            crash(node, 50 + chance.below(1_500));
        }
        node.replaceDisk();
    }

    private boolean mayLoseDiskOf(SimulatedNode node) {
        if (!survives(cluster.coordinator().group(), node)) {
            return false;
        }
        for (ReplicaGroup maybeSoon : cluster.coordinator().onTheirWay()) {
            if (!survives(maybeSoon, node)) {
                return false;
            }
        }
        return true;
    }

    /** As many disks remain as an election needs to meet every commit. */
    private boolean survives(ReplicaGroup group, SimulatedNode lost) {
        int whole = 0;
        for (SimulatedNode each : cluster.nodes()) {
            boolean counts = group.counts(each.id(), each.disk().storage())
                    && !each.disk().isDamaged();
            whole += counts && each != lost ? 1 : 0;
        }
        int voters = group.replicas().size();
        return whole >= group.ackRule().promisesToElect(voters);
    }

    private void expire(SimulatedNode node) {
        counts.count(FaultKind.SESSION_EXPIRED);
        cluster.coordinator().lose(node);
        timeline.after(500 + chance.below(1_500), () -> {
            if (node.alive() && !node.isPaused()) {
                cluster.coordinator().hear(node);
            }
        });
    }

    /** Cuts a node off, in both directions or in one only; the coordinator may or may not hear of it. */
    private void isolate(SimulatedNode node) {
        if (over) {
            return;
        }
        trace.say(() -> node.id() + " is cut off");
        int direction = chance.below(3);
        counts.count(direction == 2 ? FaultKind.PARTITION : FaultKind.ONE_WAY_CUT);
        for (SimulatedNode other : cluster.nodes()) {
            if (direction != 0) {
                cluster.network().cut(node.place(), other.place());
            }
            if (direction != 1) {
                cluster.network().cut(other.place(), node.place());
            }
        }
        if (!chance.oneIn(3)) {
            cluster.coordinator().cutOff(node);
        }
    }

    private void mendNetwork() {
        trace.say(() -> "the network is mended");
        cluster.network().mendAll();
        cluster.nodes().forEach(cluster.coordinator()::mend);
    }

    /** Repairs everything; nothing bad happens from now on. */
    void end() {
        over = true;
        trace.say(() -> "all faults are repaired");
        cluster.become(cluster.faults().healed());
        cluster.coordinator().goAway(0);
        cluster.nodes().forEach(SimulatedNode::resume);
        mendNetwork();
        cluster.nodes().forEach(Misfortunes::restart);
    }
}
