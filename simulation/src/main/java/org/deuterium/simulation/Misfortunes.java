package org.deuterium.simulation;

import org.deuterium.simulation.cluster.Cluster;
import org.deuterium.simulation.cluster.SimulatedNode;
import org.deuterium.simulation.world.Chance;
import org.deuterium.simulation.world.FaultKind;
import org.deuterium.simulation.world.Faults;
import org.deuterium.simulation.world.RunCounts;
import org.deuterium.simulation.world.Timeline;
import org.deuterium.simulation.world.Trace;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** Everything bad that happens in a run, apart from what each message, request and fsync suffers by itself. */
final class Misfortunes {

    private static final int EVERY_MILLIS = 50;

    private final Cluster cluster;
    private final Timeline timeline;
    private final Chance chance;
    private final RunCounts counts;
    private final Trace trace;
    private final @Nullable RandomRule rules;
    private final double ruleChanges;
    private final double transfers;
    private final double databaseFailures;
    private final double clockSteps;
    private boolean over;
    private @Nullable AckRule askedFor;

    /** @param rules draws the rules that are asked for in the run; null: the rule stays what it is */
    Misfortunes(
            Cluster cluster,
            Timeline timeline,
            Chance chance,
            RunCounts counts,
            Trace trace,
            @Nullable RandomRule rules) {
        this.cluster = cluster;
        this.timeline = timeline;
        this.chance = chance;
        this.counts = counts;
        this.trace = trace;
        this.transfers = chance.pick(0, 0.3, 1);
        this.databaseFailures = chance.pick(0, 0.1, 0.5);
        this.clockSteps = chance.pick(0, 0.3, 1);
        this.rules = rules;
        this.ruleChanges = rules == null ? 0 : chance.pick(0, 0.3, 1);
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
            crash(victim(), 20 + chance.below(chance.oneIn(2) ? 100 : 1_500));
        }
        if (chance.happens(faults.crashes() * share / 10)) {
            crashAll();
        }
        if (chance.happens(faults.diskLosses() * share)) {
            loseDisk(cluster.anyNode());
        }
        if (chance.happens(databaseFailures * share)) {
            failDatabase();
        }
        if (chance.happens(ruleChanges * share)) {
            changeRule();
        }
        if (chance.happens(transfers * share)) {
            NodeId leader = cluster.coordinator().group().leader();
            if (leader != null) {
                cluster.node(leader).calls().transferTo(cluster.anyNode().id());
            }
        }
        if (chance.happens(faults.pauses() * share)) {
            victim().pauseFor(chance.below(faults.pauseMillis()));
        }
        if (chance.happens(clockSteps * share)) {
            counts.count(FaultKind.CLOCK_STEPPED);
            victim().stepWallClock(chance.below(4_000) - 2_000);
        }
        if (chance.happens(faults.expiries() * share)) {
            expire(victim());
        }
        if (chance.happens(faults.coordinatorAbsences() * share)) {
            counts.count(FaultKind.COORDINATOR_AWAY);
            trace.say(() -> "the coordinator is away");
            cluster.coordinator().goAway(chance.below(3_000));
        }
        if (chance.happens(faults.cuts() * share)) {
            cut(victim());
        } else if (chance.happens(share * (0.5 + faults.cuts() / 2))) {
            mendNetwork();
        }
    }

    /** No fault, but a moment at which much can go wrong. */
    private void changeRule() {
        NodeId leader = cluster.coordinator().group().leader();
        if (leader != null && rules != null) {
            AckRule rule = rules.draw();
            if (!survives(cluster.coordinator().group().withAckRule(rule), null)) {
                return;
            }
            askedFor = rule;
            trace.say(() -> leader + " is asked for " + rule);
            cluster.node(leader).calls().changeRule(rule);
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
        if (over || !chance.happens(faults.temptation())) {
            return;
        }
        if (chance.oneIn(3)) {
            isolate(node, chance.below(3)); // what it is about to send gets lost
        }
        int soon = chance.delay(chance.oneIn(2) ? faults.fsyncMillis() : 200);
        if (chance.oneIn(2)) {
            timeline.after(soon, () -> crash(node, 5 + chance.delay(200)));
        } else {
            timeline.after(soon, () -> cut(node));
        }
    }

    /** An empty disk, or a damaged record; only while the ack rule says that nothing is lost by it. */
    private void loseDisk(SimulatedNode node) {
        if (!mayLoseDiskOf(node)) {
            return;
        }
        if (chance.oneIn(2)) {
            if (node.disk().damage(chance)) {
                cluster.invariants().onDiskLost(node.disk().storage());
                counts.count(FaultKind.BIT_FLIPPED);
                trace.say(() -> "a bit flips on the disk of " + node.id());
                crash(
                        node,
                        5 + chance.below(500)); // who reads it stops; a whole disk must not rest on this one meanwhile
            }
            return;
        }
        counts.count(FaultKind.DISK_REPLACED);
        cluster.invariants().onDiskLost(node.disk().storage());
        if (node.alive()) {
            crash(node, 50 + chance.below(1_500));
        }
        node.replaceDisk();
    }

    /** One that fails, whoever leads; or an entry that no follower's database can take. */
    private void failDatabase() {
        if (chance.oneIn(3)) {
            counts.count(FaultKind.POISON_ENTRY);
            cluster.poison(cluster.invariants().samePrefixApplied().count() + 1 + chance.below(5));
        } else {
            victim().database().fail();
        }
    }

    private boolean mayLoseDiskOf(SimulatedNode node) {
        ReplicaGroup written = cluster.coordinator().group();
        if (!survives(written, node) || (askedFor != null && !survives(written.withAckRule(askedFor), node))) {
            return false;
        }
        for (ReplicaGroup maybeSoon : cluster.coordinator().onTheirWay()) {
            if (!survives(maybeSoon, node)) {
                return false;
            }
        }
        return true;
    }

    /** As many voters' disks remain as an election needs to meet every commit. */
    private boolean survives(ReplicaGroup group, @Nullable SimulatedNode lost) {
        int whole = 0;
        for (SimulatedNode each : cluster.nodes()) {
            boolean votes = group.votes(each.id(), each.disk().storage())
                    && !each.disk().isDamaged();
            whole += votes && each != lost ? 1 : 0;
        }
        return whole >= group.promisesToElect();
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

    /** The leader more often than others. */
    private SimulatedNode victim() {
        NodeId leader = cluster.coordinator().group().leader();
        return leader == null || chance.oneIn(2) ? cluster.anyNode() : cluster.node(leader);
    }

    private void cut(SimulatedNode node) {
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
    private void cutFromCoordinator(SimulatedNode node) {
        cluster.coordinator().cutOff(node);
        for (int place : cluster.controllerPlaces()) {
            cluster.network().cut(node.place(), place);
            cluster.network().cut(place, node.place());
        }
    }

    /** Cuts a node off from its peers, in one direction (0: nothing arrives, 1: nothing gets out) or in both (2). */
    private void isolate(SimulatedNode node, int direction) {
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
        cluster.poison(0);
        restartTheStuckIfNobodyIsWell();
    }

    /** Nobody has a database of the leader's log to copy: the cure is to start again from what was stored. */
    private void restartTheStuckIfNobodyIsWell() {
        timeline.after(1_000, () -> {
            if (cluster.nodes().stream().allMatch(node -> node.database().isOfNoUse())) {
                cluster.nodes().forEach(node -> {
                    node.crash();
                    node.start();
                });
            }
            restartTheStuckIfNobodyIsWell();
        });
    }
}
