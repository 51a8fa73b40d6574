package org.deuterium.simulation;

import java.util.function.Consumer;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.simulation.cluster.Cluster;
import org.deuterium.simulation.cluster.SimulatedNode;
import org.deuterium.simulation.invariant.HealsAtTheEnd;
import org.deuterium.simulation.invariant.InvariantBroken;
import org.deuterium.simulation.world.Chance;
import org.deuterium.simulation.world.Faults;
import org.deuterium.simulation.world.RunCounts;
import org.deuterium.simulation.world.Timeline;
import org.deuterium.simulation.world.Trace;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** One run: a cluster of one partition, its clients and its misfortunes, all drawn from one seed. */
public final class Simulation {

    private static final long LAST_TRANSACTION = Long.MAX_VALUE;
    private static final long MOST_FAULTY_MILLIS = 600_000;
    private static final int MOST_SILENT_MILLIS = 2_000;
    private static final int LAST_TRIES = 5;
    private static final int MOST_HEALING_MILLIS = 30_000;

    private final long seed;
    private final SimulationSettings settings;
    private final Timeline timeline = new Timeline();
    private final RunCounts counts = new RunCounts();
    private final Chance chance;
    private final Trace trace;
    private final Cluster cluster;
    private final Misfortunes misfortunes;
    private final int silencesOneIn;
    private long transactions;
    private boolean healing;

    private Simulation(long seed, SimulationSettings settings, boolean tracing, @Nullable Consumer<String> listener) {
        this.seed = seed;
        this.settings = settings;
        this.chance = new Chance(seed);
        this.trace = new Trace(timeline, tracing, listener);
        int replicas = replicas(chance, settings.rule());
        int spares = chance.oneIn(2) ? 1 : 0;
        RandomRule rules = new RandomRule(chance, replicas);
        AckRule rule = settings.rule() == null ? rules.draw() : settings.rule();
        Faults faults = Faults.draw(chance);
        trace.say(() -> replicas + " replicas, " + spares + " nodes without one, " + rule + ", " + faults);
        this.cluster =
                new Cluster(replicas, spares, rule, replicaSettings(chance), faults, timeline, chance, counts, trace);
        this.silencesOneIn = (int) chance.pick(0, 100, 400);
        this.misfortunes =
                new Misfortunes(cluster, timeline, chance, counts, trace, settings.rule() == null ? rules : null);
    }

    /** Mostly three; as many as the rule needs if one is given. */
    private static int replicas(Chance chance, @Nullable AckRule rule) {
        int replicas = (int) chance.pick(1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 5);
        while (rule != null && rule.misfit(replicas) != null) {
            replicas = rule.minInSync() == 1 ? 1 : replicas + 1;
        }
        return replicas;
    }

    /** From one entry on the way at a time to plenty; leases shorter than an election takes, or longer. */
    private static ReplicaSettings replicaSettings(Chance chance) {
        int leaseMillis = chance.oneIn(3) ? 600 : 100;
        return new ReplicaSettings(
                30,
                600,
                200,
                150,
                leaseMillis,
                10,
                800 + leaseMillis,
                1 + chance.below(2) * 40,
                400,
                1 + chance.below(2) * 7);
    }

    /**
     * Runs one seed.
     *
     * @param total takes what happened, whether all went well or not
     * @return null if every invariant held; else what broke, with the events before it
     */
    public static @Nullable Violation run(long seed, SimulationSettings settings, RunCounts total) {
        Simulation simulation = new Simulation(seed, settings, false, null);
        Violation found = simulation.run();
        total.add(simulation.counts);
        if (found == null) {
            return null;
        }
        // the same seed takes the same way, so that only failures pay for words
        Violation again = new Simulation(seed, settings, true, null).run();
        return again == null || !again.what().equals(found.what())
                ? new Violation(seed, settings, "Determinism", "a second run went another way than: " + found, "")
                : again;
    }

    /** Runs one seed and tells every step of it. */
    public static @Nullable Violation tell(long seed, SimulationSettings settings, Consumer<String> listener) {
        return new Simulation(seed, settings, true, listener).run();
    }

    private @Nullable Violation run() {
        try {
            play();
            return null;
        } catch (InvariantBroken e) {
            return new Violation(seed, settings, e.invariant(), String.valueOf(e.getMessage()), trace.last());
        } catch (IllegalStateException | IllegalArgumentException | NullPointerException e) {
            // the core and the hosts assert what they rely on
            return new Violation(
                    seed, settings, e.getClass().getSimpleName(), e + " at " + e.getStackTrace()[0], trace.last());
        } finally {
            counts.runs = 1;
            counts.events = timeline.events();
            counts.simulatedMillis = timeline.now() - Timeline.START_MILLIS;
        }
    }

    private void play() {
        cluster.start();
        clientCalls();
        checkpoints();
        misfortunes.begin();
        long latest = timeline.now() + MOST_FAULTY_MILLIS;
        while (timeline.events() < settings.events() && timeline.now() < latest) {
            timeline.step(latest);
        }
        healing = true;
        misfortunes.end();
        runUntilQuiet();
        for (int tries = 0; tries < LAST_TRIES && !missing().isEmpty(); tries++) {
            // a client asks again when a leader that hands over, or has too few in sync, refused
            cluster.nodes().forEach(node -> node.calls().propose(new TransactionId(1, LAST_TRANSACTION)));
            runUntilQuiet();
        }
        new HealsAtTheEnd().check(missing(), cluster.describe());
        cluster.invariants().atTheEnd();
        counts.lostUnderAsync = cluster.invariants().lostUnderAsync();
    }

    private String missing() {
        String missing = cluster.missing();
        LogEntry last = cluster.invariants().samePrefixApplied().last();
        boolean lastIsThere = last != null && last.transaction().sequence() == LAST_TRANSACTION;
        return !missing.isEmpty() || lastIsThere ? missing : "what was proposed last was not applied";
    }

    /** Some time for the last client calls, then as long as replicas still come closer to each other. */
    private void runUntilQuiet() {
        long latest = timeline.now() + MOST_HEALING_MILLIS;
        do {
            long until = timeline.now() + 1_000;
            while (timeline.step(until)) {
                // each step does what is planned next
            }
        } while (timeline.now() < latest && !cluster.missing().isEmpty());
    }

    /** Now and then nobody calls for a while, so that what only the next write would put right is seen. */
    private int untilNextCall() {
        return silencesOneIn > 0 && chance.oneIn(silencesOneIn)
                ? 200 + chance.below(MOST_SILENT_MILLIS - 200)
                : chance.delay(10);
    }

    private void clientCalls() {
        timeline.after(untilNextCall(), () -> {
            if (!healing && timeline.now() < misfortunes.silentUntilMillis()) {
                clientCalls();
            } else if (!healing) {
                if (chance.oneIn(3)) {
                    // whoever thinks that it leads, or is the tail, answers
                    cluster.nodes().forEach(node -> node.calls().read());
                    cluster.nodes().forEach(node -> node.calls().readAtTail());
                } else {
                    calledNode().calls().propose(new TransactionId(1, ++transactions));
                }
                clientCalls();
            }
        });
    }

    /** Clients know the leader, or are a little behind. */
    private SimulatedNode calledNode() {
        NodeId leader = cluster.coordinator().group().leader();
        return leader == null || chance.oneIn(3) ? cluster.anyNode() : cluster.node(leader);
    }

    private void checkpoints() {
        timeline.after(cluster.faults().checkpointMillis(), () -> {
            cluster.anyNode().database().checkpoint();
            checkpoints();
        });
    }
}
