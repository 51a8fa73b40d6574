package org.deuterium.simulation;

import org.deuterium.simulation.cluster.Cluster;
import org.deuterium.simulation.cluster.SimulatedNode;
import org.deuterium.simulation.world.Chance;
import org.deuterium.simulation.world.Timeline;
import org.deuterium.simulation.world.Trace;
import org.deuterium.wire.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Scenes in which one mistake would show: first a calm, so that everybody is well and in sync, which is rare in the midst of
 * random faults; then one blow, and time to see what comes of it.
 */
final class WorstMoments {

    private static final int LONG_MILLIS = 2_000;

    private final Cluster cluster;
    private final Timeline timeline;
    private final Chance chance;
    private final Trace trace;
    private final Blows blows;
    private final Runnable changeRule;
    private final Runnable loseNode;
    private long calmUntilMillis;
    private long silentUntilMillis;

    /**
     * @param changeRule asks the leader for another ack rule
     * @param loseNode a node is lost, and the leader is asked to give its replica to another
     */
    WorstMoments(
            Cluster cluster,
            Timeline timeline,
            Chance chance,
            Trace trace,
            Blows blows,
            Runnable changeRule,
            Runnable loseNode) {
        this.cluster = cluster;
        this.timeline = timeline;
        this.chance = chance;
        this.trace = trace;
        this.blows = blows;
        this.changeRule = changeRule;
        this.loseNode = loseNode;
    }

    /** Nothing else happens until then. */
    long calmUntilMillis() {
        return calmUntilMillis;
    }

    /** Clients do not call before this moment. */
    long silentUntilMillis() {
        return silentUntilMillis;
    }

    /** A calm, and at its end one of the scenes. */
    void prepare() {
        trace.say(() -> "a calm begins");
        blows.mendAll();
        long calm = 500 + chance.below(1_000);
        long aftermath = 300 + chance.below(1_200);
        calmUntilMillis = timeline.now() + calm + aftermath;
        timeline.after(calm, () -> {
            if (!blows.areOver()) {
                strike();
            }
        });
    }

    private void strike() {
        NodeId named = cluster.coordinator().group().leader();
        SimulatedNode follower = cluster.anyFollower();
        if (named == null || follower == null) {
            return;
        }
        SimulatedNode leader = cluster.node(named);
        NodeId tail = cluster.coordinator().group().tail();
        SimulatedNode last = tail == null ? follower : cluster.node(tail);
        switch (chance.below(8)) {
            case 0, 1 -> leaderIsCutOff(leader);
            case 2, 3 -> followerIsCutOff(last, leader);
            case 4 -> {
                calmUntilMillis = timeline.now() + LONG_MILLIS;
                loseNode.run();
            }
            default -> diskIsReplaced(chance.oneIn(2) ? last : follower);
        }
    }

    /**
     * Another leader is elected as soon as can be, perhaps by voters that were just restarted, while the old one goes on; its
     * database may fail there, and what its log holds alone is on the way when it comes back.
     */
    private void leaderIsCutOff(SimulatedNode leader) {
        cutOff(leader, 1 + chance.below(2));
        if (chance.oneIn(2)) {
            for (SimulatedNode other : cluster.nodes()) {
                if (other != leader) {
                    blows.crash(other, 1 + chance.delay(40));
                }
            }
        } else if (chance.oneIn(2)) {
            timeline.after(chance.below(200), () -> leader.database().fail());
        }
    }

    /** The others go on without it, perhaps under another rule or leader, while it may still answer reads as a tail. */
    private void followerIsCutOff(SimulatedNode follower, SimulatedNode leader) {
        cutOff(follower, 1 + chance.below(2));
        if (chance.oneIn(3)) {
            changeRule.run();
        } else if (chance.oneIn(2)) {
            blows.crash(leader, 1 + chance.delay(40));
        }
    }

    private void cutOff(SimulatedNode node, int direction) {
        blows.isolate(node, direction);
        blows.cutFromCoordinator(node);
        cluster.coordinator().expire(node);
        timeline.after(Math.max(1, calmUntilMillis - timeline.now()), () -> {
            if (!blows.areOver()) {
                blows.mendNetwork();
            }
        });
    }

    /**
     * It is back at once with an empty disk. Perhaps another follower hangs meanwhile and clients are silent: then what is
     * still on its way speaks of the former disk, and no write puts that right.
     */
    private void diskIsReplaced(SimulatedNode node) {
        SimulatedNode hangs = otherFollower(node);
        boolean inSilence = hangs != null && !chance.oneIn(3);
        if (hangs != null && inSilence) {
            silentUntilMillis = timeline.now() + 500 + chance.below(1_500);
            calmUntilMillis = Math.max(calmUntilMillis, silentUntilMillis);
            hangs.pauseFor(60 + chance.below(300));
        }
        timeline.after(inSilence ? 5 + chance.below(40) : 0, () -> {
            if (!blows.areOver() && blows.losses().mayLoseDiskOf(node)) {
                blows.replaceDisk(node, 1 + chance.delay(20));
            }
        });
    }

    private @Nullable SimulatedNode otherFollower(SimulatedNode than) {
        SimulatedNode other = cluster.anyFollower();
        return other == than ? cluster.anyFollower() : other;
    }
}
