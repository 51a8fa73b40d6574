package org.deuterium.simulation;

import org.deuterium.simulation.cluster.Cluster;
import org.deuterium.simulation.cluster.SimulatedNode;
import org.deuterium.simulation.world.Chance;
import org.deuterium.simulation.world.FaultKind;
import org.deuterium.simulation.world.RunCounts;
import org.deuterium.simulation.world.Timeline;
import org.deuterium.simulation.world.Trace;

/** The single things that can be done to a cluster and its nodes, and undone; whoever decides when is told apart. */
final class Blows {

    private final Cluster cluster;
    private final Timeline timeline;
    private final Chance chance;
    private final RunCounts counts;
    private final Trace trace;
    private final BearableLosses losses;
    private boolean over;

    Blows(Cluster cluster, Timeline timeline, Chance chance, RunCounts counts, Trace trace) {
        this.cluster = cluster;
        this.timeline = timeline;
        this.chance = chance;
        this.counts = counts;
        this.trace = trace;
        this.losses = new BearableLosses(cluster);
    }

    BearableLosses losses() {
        return losses;
    }

    /** Nothing bad happens from now on. */
    void end() {
        over = true;
    }

    boolean areOver() {
        return over;
    }

    void crash(SimulatedNode node, long backAfterMillis) {
        if (node.alive() && !over) {
            counts.count(FaultKind.CRASH);
            node.crash();
            timeline.after(backAfterMillis, () -> restart(node));
        }
    }

    static void restart(SimulatedNode node) {
        if (!node.alive()) {
            node.start();
        }
    }

    /** An empty directory takes the place of the one that is there; the node is back soon. */
    void replaceDisk(SimulatedNode node, long backAfterMillis) {
        counts.count(FaultKind.DISK_REPLACED);
        cluster.invariants().onDiskLost(node.disk().storage());
        crash(node, backAfterMillis);
        node.replaceDisk();
    }

    /** A record is damaged; who reads it stops, and a whole disk must not rest on this one meanwhile. */
    void damageDisk(SimulatedNode node) {
        if (node.disk().damage(chance)) {
            cluster.invariants().onDiskLost(node.disk().storage());
            counts.count(FaultKind.BIT_FLIPPED);
            trace.say(() -> "a bit flips on the disk of " + node.id());
            crash(node, 5 + chance.below(500));
        }
    }

    void expireSession(SimulatedNode node) {
        counts.count(FaultKind.SESSION_EXPIRED);
        cluster.coordinator().lose(node);
        timeline.after(500 + chance.below(1_500), () -> {
            if (node.alive() && !node.isPaused()) {
                cluster.coordinator().hear(node);
            }
        });
    }

    void cut(SimulatedNode node) {
        if (over) {
            return;
        }
        switch (chance.below(4)) {
            case 0 -> {
                trace.say(() -> node.id() + " is cut off from the coordinator");
                counts.count(FaultKind.COORDINATOR_CUT);
                cutFromCoordinator(node);
            }
            case 1 -> {
                SimulatedNode other = cluster.anyNode();
                trace.say(() -> "nothing passes between " + node.id() + " and " + other.id());
                counts.count(FaultKind.LINK_CUT);
                cluster.network().cut(node.place(), other.place());
                cluster.network().cut(other.place(), node.place());
            }
            default -> {
                isolate(node, chance.below(3));
                if (!chance.oneIn(3)) {
                    cutFromCoordinator(node);
                }
            }
        }
    }

    /** Neither the coordinator nor a controller reaches it, nor it them; its session will expire. */
    void cutFromCoordinator(SimulatedNode node) {
        cluster.coordinator().cutOff(node);
        for (int place : cluster.controllerPlaces()) {
            cluster.network().cut(node.place(), place);
            cluster.network().cut(place, node.place());
        }
    }

    /** Cuts a node off from its peers, in one direction (0: nothing arrives, 1: nothing gets out) or in both (2). */
    void isolate(SimulatedNode node, int direction) {
        trace.say(() -> node.id() + " is cut off"
                + (direction == 2 ? "" : direction == 0 ? ": nothing arrives" : ": nothing gets out"));
        counts.count(direction == 2 ? FaultKind.PARTITION : FaultKind.ONE_WAY_CUT);
        for (SimulatedNode other : cluster.nodes()) {
            if (direction != 0) {
                cluster.network().cut(node.place(), other.place());
            }
            if (direction != 1) {
                cluster.network().cut(other.place(), node.place());
            }
        }
    }

    void mendNetwork() {
        trace.say(() -> "the network is mended");
        cluster.network().mendAll();
        cluster.nodes().forEach(cluster.coordinator()::mend);
    }

    /** Everything runs and reaches everything. */
    void mendAll() {
        cluster.coordinator().goAway(0);
        cluster.nodes().forEach(SimulatedNode::resume);
        mendNetwork();
        cluster.nodes().forEach(Blows::restart);
        cluster.poison(0);
    }
}
