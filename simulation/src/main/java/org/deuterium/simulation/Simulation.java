package org.deuterium.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;

/** One run: a cluster of one partition, its clients and its misfortunes, all drawn from one seed. */
final class Simulation {

    static final PartitionId PARTITION = new PartitionId(7);
    static final long LAST_TRANSACTION = Long.MAX_VALUE;

    private static final long FAULTY_UNTIL = Timeline.START_MILLIS + 8_000;
    private static final int MOST_HEALING_MILLIS = 30_000;
    private static final int TRACE_LINES = 120;

    final Timeline timeline;
    final PlantedBug bug;
    final ReplicaSettings settings;
    final SimulatedNetwork network;
    final SimulatedCoordinator coordinator;
    final Invariants invariants = new Invariants();

    private final Map<NodeId, SimulatedNode> nodes = new TreeMap<>();
    private final Map<NodeId, SimulatedController> controllers = new TreeMap<>();
    private final Map<NodeId, Long> goneSince = new TreeMap<>();
    private final boolean tracing;
    private final List<String> trace = new ArrayList<>();
    private Faults faults;
    private long transactions;
    private int disks;

    Simulation(long seed, PlantedBug bug, boolean tracing) {
        this.timeline = new Timeline(seed);
        this.bug = bug;
        this.tracing = tracing;
        this.faults = bug == PlantedBug.NONE ? Faults.draw(timeline.random) : Faults.drawHostile(timeline.random);
        // from one entry on the way at a time to plenty
        this.settings = new ReplicaSettings(
                30, 600, 150, 1 + timeline.random.nextInt(2) * 40, 400, 1 + timeline.random.nextInt(2) * 7);
        this.network = new SimulatedNetwork(timeline, faults);
        int count = timeline.random.nextInt(4) == 0 ? 5 : 3;
        List<ReplicaGroup.Voter> voters = new ArrayList<>();
        List<NodeId> inSync = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            NodeId id = new NodeId("n" + i);
            StorageId storage = newStorage();
            voters.add(new ReplicaGroup.Voter(id, storage));
            inSync.add(id);
            nodes.put(id, new SimulatedNode(this, id, storage));
        }
        this.coordinator = new SimulatedCoordinator(
                timeline, faults, new ReplicaGroup(PARTITION, Term.NONE, null, AckRule.QUORUM, voters, inSync, 0));
        for (String name : List.of("c1", "c2")) {
            controllers.put(new NodeId(name), new SimulatedController(this, name));
        }
    }

    /** Runs one seed; a failure says how to see it again, and what happened last. */
    static Simulation run(long seed, PlantedBug bug) {
        Simulation simulation = new Simulation(seed, bug, false);
        try {
            simulation.run();
            return simulation;
        } catch (InvariantBroken | IllegalStateException | IllegalArgumentException e) {
            throw new AssertionError(
                    "seed " + seed + " failed: " + e.getMessage()
                            + "\nrepeat it with: mvn -pl simulation -am test"
                            + " -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false"
                            + " -Ddeuterium.simulation.seed=" + seed + " -Ddeuterium.simulation.seeds=1\n"
                            + traceOf(seed, bug),
                    e);
        }
    }

    /** The same seed takes the same way, so that only failures pay for the words. */
    private static String traceOf(long seed, PlantedBug bug) {
        Simulation again = new Simulation(seed, bug, true);
        try {
            again.run();
            return "the run did not fail again: it is not deterministic";
        } catch (InvariantBroken | IllegalStateException | IllegalArgumentException e) {
            return "what happened last in " + again.nodes.size() + " nodes with " + again.faults + ":\n"
                    + String.join("\n", again.trace);
        }
    }

    private void run() {
        nodes.values().forEach(SimulatedNode::start);
        controllers.values().forEach(SimulatedController::start);
        nodes.values().forEach(node -> coordinator.watch(node::onGroup));
        clientEvery(10);
        misfortuneEvery(50);
        checkpointEvery();
        timeline.runUntil(FAULTY_UNTIL, this::afterEachEvent);
        heal();
        runUntilQuiet();
        nodes.values().forEach(node -> node.propose(new TransactionId(1, LAST_TRANSACTION)));
        runUntilQuiet();
        new HealsAtTheEnd().check(this);
    }

    /** Some time for the last client calls, then as long as replicas still come closer to each other. */
    private void runUntilQuiet() {
        long limit = timeline.now() + MOST_HEALING_MILLIS;
        do {
            timeline.runUntil(timeline.now() + 1_000, this::afterEachEvent);
        } while (timeline.now() < limit && !new HealsAtTheEnd().isHealed(this));
    }

    private void afterEachEvent() {
        invariants.afterEachEvent(nodes.values());
    }

    private void clientEvery(int millis) {
        timeline.after(timeline.delay(millis), () -> {
            if (timeline.now() < FAULTY_UNTIL + 500) {
                TransactionId transaction = new TransactionId(1, ++transactions);
                anyNode().propose(transaction);
                clientEvery(millis);
            }
        });
    }

    private void misfortuneEvery(int millis) {
        timeline.after(millis, () -> {
            if (timeline.now() >= FAULTY_UNTIL) {
                return;
            }
            double share = millis / 1_000.0;
            if (timeline.chance(faults.crashesPerSecond() * share)) {
                crash(anyNode());
            }
            if (timeline.chance(faults.diskReplacementsPerSecond() * share)) {
                replaceDisk(anyNode());
            }
            if (timeline.chance(faults.partitionsPerSecond() * share)) {
                isolate(anyNode());
            } else if (timeline.chance(share)) {
                mend();
            }
            misfortuneEvery(millis);
        });
    }

    private void crash(SimulatedNode node) {
        if (node.alive()) {
            node.crash();
            goneSince.put(node.id, timeline.now());
            timeline.after(50 + timeline.random.nextInt(1_500), () -> restart(node));
        }
    }

    /** Something decisive is happening on a node: the moment to crash and be back soon, or to be cut off. */
    void temptFate(SimulatedNode node) {
        if (timeline.chance(faults.crashesPerSecond() / 12)) {
            timeline.after(timeline.delay(timeline.random.nextBoolean() ? 20 : 200), () -> {
                if (node.alive() && timeline.now() < FAULTY_UNTIL) {
                    node.crash();
                    goneSince.put(node.id, timeline.now());
                    timeline.after(20 + timeline.delay(200), () -> restart(node));
                }
            });
        } else if (timeline.chance(faults.partitionsPerSecond() / 4)) {
            timeline.after(timeline.delay(timeline.random.nextBoolean() ? 20 : 200), () -> isolate(node));
        }
    }

    private void restart(SimulatedNode node) {
        if (!node.alive()) {
            goneSince.remove(node.id);
            node.start();
        }
    }

    /** Never a second one while the first is not yet part of the group: with a majority of disks all bets are off. */
    private void replaceDisk(SimulatedNode node) {
        for (SimulatedNode each : nodes.values()) {
            if (!coordinator.group().counts(each.id, each.disk.storage)) {
                return;
            }
        }
        crash(node);
        if (!node.alive()) {
            node.replaceDisk(bug == PlantedBug.EMPTY_DISK_VOTES ? node.disk.storage : newStorage());
        }
    }

    /** Cuts a node off, in both directions or in one only; its session may expire meanwhile. */
    private void isolate(SimulatedNode node) {
        if (timeline.now() >= FAULTY_UNTIL) {
            return;
        }
        trace(() -> node.id + " is cut off");
        int direction = timeline.random.nextInt(3);
        for (SimulatedNode other : nodes.values()) {
            if (direction != 0) {
                network.cut(node.id, other.id);
            }
            if (direction != 1) {
                network.cut(other.id, node.id);
            }
        }
        if (timeline.random.nextInt(3) != 0) {
            goneSince.putIfAbsent(node.id, timeline.now());
        }
    }

    private void mend() {
        trace(() -> "the network is mended");
        network.mendAll();
        goneSince.keySet().removeIf(id -> node(id).alive());
    }

    private void heal() {
        trace(() -> "all faults are repaired");
        faults = faults.healed();
        network.become(faults);
        coordinator.become(faults);
        mend();
        nodes.values().forEach(this::restart);
    }

    private void checkpointEvery() {
        timeline.after(faults.checkpointMillis(), () -> {
            anyNode().checkpoint();
            checkpointEvery();
        });
    }

    private StorageId newStorage() {
        return new StorageId("disk" + ++disks);
    }

    private SimulatedNode anyNode() {
        int chosen = timeline.random.nextInt(nodes.size());
        return new ArrayList<>(nodes.values()).get(chosen);
    }

    boolean sessionExpired(NodeId id, long afterMillis) {
        Long since = goneSince.get(id);
        return since != null && timeline.now() - since >= afterMillis;
    }

    List<SimulatedNode> nodes() {
        return new ArrayList<>(nodes.values());
    }

    SimulatedNode node(NodeId id) {
        SimulatedNode node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return node;
    }

    Faults faults() {
        return faults;
    }

    void send(NodeId from, NodeId to, ReplicationMessage message) {
        SimulatedController controller = controllers.get(to);
        if (controller != null) {
            network.send(from, to, message, arrived -> controller.onPromise(from, (Promise) arrived));
        } else {
            network.send(from, to, message, arrived -> node(to).onMessage(from, arrived));
        }
    }

    void fromController(NodeId controller, NodeId to, ReplicationMessage message) {
        network.send(controller, to, message, arrived -> node(to).onMessage(controller, arrived));
    }

    void trace(Supplier<String> line) {
        if (tracing) {
            if (trace.size() == TRACE_LINES) {
                trace.remove(0);
            }
            trace.add((timeline.now() - Timeline.START_MILLIS) + " ms: " + line.get());
        }
    }

    String describe() {
        StringBuilder text = new StringBuilder(coordinator.group().toString());
        for (SimulatedNode node : nodes.values()) {
            var core = node.core();
            text.append("; ").append(node.id).append(core == null ? " down" : "");
            if (core != null) {
                text.append(core.isLeader() ? " leads " : " follows in ").append(core.term());
                text.append(" log ").append(core.lastIndex()).append('/').append(core.lastTerm());
                text.append(" durable ").append(core.durableIndex());
                text.append(" commit ").append(core.commitIndex());
                text.append(" applied ").append(core.appliedIndex());
            }
        }
        return text.toString();
    }
}
