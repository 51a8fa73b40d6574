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
    private static final int REPLACEMENT_TRIES = 12;

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
    private final double replacements;
    private final double worstMoments;
    private final Blows blows;
    private final WorstMoments worst;

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
        this.replacements = chance.pick(0.1, 0.3);
        this.worstMoments = chance.pick(0.15, 0.4);
        this.blows = new Blows(cluster, timeline, chance, counts, trace);
        this.worst = new WorstMoments(cluster, timeline, chance, trace, blows, this::changeRule, this::loseNode);
    }

    void begin() {
        cluster.tempt(this::tempt);
        next();
    }

    private void next() {
        timeline.after(EVERY_MILLIS, () -> {
            if (!blows.areOver()) {
                if (!isCalm()) {
                    strike(cluster.faults());
                }
                next();
            }
        });
    }

    private boolean isCalm() {
        return timeline.now() < worst.calmUntilMillis();
    }

    /** Clients do not call before this moment. */
    long silentUntilMillis() {
        return worst.silentUntilMillis();
    }

    private void strike(Faults faults) {
        double share = EVERY_MILLIS / 1_000.0;
        if (chance.happens(worstMoments * share)) {
            worst.prepare();
            return;
        }
        if (chance.happens(faults.crashes() * share)) {
            blows.crash(victim(), 20 + chance.below(chance.oneIn(2) ? 100 : 1_500));
        }
        if (chance.happens(faults.crashes() * share / 10)) {
            crashAll();
        }
        if (chance.happens(faults.diskLosses() * share)) {
            loseDisk(cluster.anyNode());
        }
        if (chance.happens(replacements * share)) {
            loseNode();
        }
        if (chance.happens(databaseFailures * share)) {
            failDatabase();
        }
        if (chance.happens(faults.pauses() * share)) {
            victim().pauseFor(chance.below(faults.pauseMillis()));
        }
        if (chance.happens(clockSteps * share)) {
            counts.count(FaultKind.CLOCK_STEPPED);
            victim().stepWallClock(chance.below(4_000) - 2_000);
        }
        strikeCoordination(faults, share);
        if (chance.happens(faults.cuts() * share)) {
            blows.cut(victim());
        } else if (chance.happens(share * (0.5 + faults.cuts() / 2))) {
            blows.mendNetwork();
        }
    }

    private void strikeCoordination(Faults faults, double share) {
        if (chance.happens(ruleChanges * share)) {
            changeRule();
        }
        if (chance.happens(transfers * share)) {
            NodeId leader = cluster.coordinator().group().leader();
            if (leader != null) {
                cluster.node(leader).calls().transferTo(cluster.anyNode().id());
            }
        }
        if (chance.happens(faults.expiries() * share)) {
            blows.expireSession(victim());
        }
        if (chance.happens(faults.coordinatorAbsences() * share)) {
            counts.count(FaultKind.COORDINATOR_AWAY);
            trace.say(() -> "the coordinator is away");
            cluster.coordinator().goAway(chance.below(3_000));
        }
    }

    /** No fault, but a moment at which much can go wrong. */
    private void changeRule() {
        NodeId leader = cluster.coordinator().group().leader();
        if (leader != null && rules != null) {
            AckRule rule = rules.draw();
            if (blows.losses().mayAskFor(rule)) {
                trace.say(() -> leader + " is asked for " + rule);
                cluster.node(leader).calls().changeRule(rule);
            }
        }
    }

    private void crashAll() {
        counts.count(FaultKind.CRASH_OF_ALL);
        for (SimulatedNode node : cluster.nodes()) {
            blows.crash(node, 50 + chance.below(500));
        }
    }

    /** Something decisive is happening on a node: the moment to crash and be back soon, or to be cut off. */
    private void tempt(SimulatedNode node) {
        Faults faults = cluster.faults();
        if (blows.areOver() || isCalm() || !chance.happens(faults.temptation())) {
            return;
        }
        if (chance.oneIn(3)) {
            blows.isolate(node, chance.below(3)); // what it is about to send gets lost
        }
        int soon = chance.delay(chance.oneIn(2) ? faults.fsyncMillis() : 200);
        if (chance.oneIn(2)) {
            timeline.after(soon, () -> blows.crash(node, 5 + chance.delay(200)));
        } else {
            timeline.after(soon, () -> blows.cut(node));
        }
    }

    /** An empty disk, or a damaged record; only while the ack rule says that nothing is lost by it. */
    private void loseDisk(SimulatedNode node) {
        if (!blows.losses().mayLoseDiskOf(node)) {
            return;
        }
        if (chance.oneIn(2)) {
            blows.damageDisk(node);
        } else {
            blows.replaceDisk(node, 50 + chance.below(1_500));
        }
    }

    /** One that is down for long, or only seems so: another node is to have its replica. */
    private void loseNode() {
        SimulatedNode fresh = cluster.spare();
        SimulatedNode lost = cluster.anyFollower();
        if (fresh != null && lost != null && blows.losses().mayAskFor(lost.id(), fresh.id())) {
            counts.count(FaultKind.NODE_LOST);
            trace.say(() -> lost.id() + " is lost, and " + fresh.id() + " is to have its replica");
            if (chance.oneIn(2)) {
                blows.crash(lost, 500 + chance.below(4_000));
            } else {
                blows.isolate(lost, 2);
            }
            askToReplace(lost.id(), fresh.id(), REPLACEMENT_TRIES);
        }
    }

    private void askToReplace(NodeId lost, NodeId fresh, int tries) {
        timeline.after(chance.below(400), () -> {
            ReplicaGroup group = cluster.coordinator().group();
            NodeId leader = group.leader();
            boolean isDone = blows.areOver() || tries == 0 || !group.hasReplica(lost) || group.hasReplica(fresh);
            if (!isDone && blows.losses().mayAskFor(lost, fresh)) {
                if (leader != null) {
                    cluster.node(leader).calls().replace(lost, fresh);
                }
                askToReplace(lost, fresh, tries - 1);
            }
        });
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

    /** The leader more often than others. */
    private SimulatedNode victim() {
        NodeId leader = cluster.coordinator().group().leader();
        return leader == null || chance.oneIn(2) ? cluster.anyNode() : cluster.node(leader);
    }

    /** Repairs everything; nothing bad happens from now on. */
    void end() {
        blows.end();
        trace.say(() -> "all faults are repaired");
        cluster.become(cluster.faults().healed());
        blows.mendAll();
        restartTheStuckIfNobodyIsWell();
    }

    /** Nobody has a database of the leader's log to copy: the cure is to start again from what was stored. */
    private void restartTheStuckIfNobodyIsWell() {
        timeline.after(1_000, () -> {
            if (cluster.nodes().stream().filter(node -> node.core() != null).allMatch(node -> node.database()
                    .isOfNoUse())) {
                cluster.nodes().forEach(node -> {
                    node.crash();
                    node.start();
                });
            }
            restartTheStuckIfNobodyIsWell();
        });
    }
}
