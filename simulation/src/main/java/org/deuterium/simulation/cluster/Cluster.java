package org.deuterium.simulation.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.simulation.invariant.HealsAtTheEnd;
import org.deuterium.simulation.invariant.Invariants;
import org.deuterium.simulation.world.Chance;
import org.deuterium.simulation.world.Faults;
import org.deuterium.simulation.world.RunCounts;
import org.deuterium.simulation.world.SimulatedNetwork;
import org.deuterium.simulation.world.Timeline;
import org.deuterium.simulation.world.Trace;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.jspecify.annotations.Nullable;

/** The nodes that hold one partition, two controllers and a coordinator, in one simulated world. */
public final class Cluster {

    public static final PartitionId PARTITION = new PartitionId(7);

    private static final int CONTROLLERS = 2;

    final Timeline timeline;
    final Chance chance;
    final RunCounts counts;
    final Trace trace;
    final Invariants invariants = new Invariants(node -> node(node).disk());
    final SimulatedNetwork network;
    final SimulatedCoordinator coordinator;
    final ReplicaSettings settings;

    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final Map<NodeId, SimulatedNode> nodesById = new HashMap<>();
    private final Map<NodeId, SimulatedController> controllers = new LinkedHashMap<>();
    private Faults faults;
    private Consumer<SimulatedNode> tempter = node -> {};
    private int disks;
    private long poison;

    /** A partition of {@code replicas} on the nodes n1, n2, … that nobody has led yet, and as many {@code spares} that hold none. */
    public Cluster(
            int replicas,
            int spares,
            AckRule rule,
            ReplicaSettings settings,
            Faults faults,
            Timeline timeline,
            Chance chance,
            RunCounts counts,
            Trace trace) {
        this.timeline = timeline;
        this.chance = chance;
        this.counts = counts;
        this.trace = trace;
        this.settings = settings;
        this.faults = faults;
        int count = replicas + spares;
        this.network = new SimulatedNetwork(timeline, chance, counts, count + CONTROLLERS, faults);
        List<ReplicaGroup.Voter> voters = new ArrayList<>();
        List<NodeId> inSync = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            NodeId id = new NodeId("n" + i);
            SimulatedNode node = new SimulatedNode(this, id, i - 1, newStorage(), i <= replicas);
            if (i <= replicas) {
                voters.add(new ReplicaGroup.Voter(id, node.disk().storage()));
                inSync.add(id);
            }
            nodes.add(node);
            nodesById.put(id, node);
        }
        this.coordinator =
                new SimulatedCoordinator(this, new ReplicaGroup(PARTITION, Term.NONE, null, rule, voters, inSync, 0));
        for (int i = 1; i <= CONTROLLERS; i++) {
            NodeId id = new NodeId("c" + i);
            controllers.put(id, new SimulatedController(this, id, count + i - 1, i == 1 ? 60 : 700));
        }
    }

    public void start() {
        invariants.onGroupWritten(coordinator.group());
        nodes.forEach(SimulatedNode::start);
        controllers.values().forEach(SimulatedController::start);
    }

    public List<SimulatedNode> nodes() {
        return nodes;
    }

    public SimulatedNode node(NodeId id) {
        SimulatedNode node = nodesById.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return node;
    }

    public SimulatedNode anyNode() {
        return nodes.get(chance.below(nodes.size()));
    }

    public List<Integer> controllerPlaces() {
        return controllers.values().stream().map(SimulatedController::place).toList();
    }

    public SimulatedCoordinator coordinator() {
        return coordinator;
    }

    public SimulatedNetwork network() {
        return network;
    }

    public Invariants invariants() {
        return invariants;
    }

    public Faults faults() {
        return faults;
    }

    public void become(Faults newFaults) {
        faults = newFaults;
        network.become(newFaults);
    }

    /** One that has no replica of the partition, if any. */
    public @Nullable SimulatedNode spare() {
        for (SimulatedNode node : nodes) {
            if (!coordinator.group().hasReplica(node.id())) {
                return node;
            }
        }
        return null;
    }

    /** One that has a replica, and does not lead; null if there is none. */
    public @Nullable SimulatedNode anyFollower() {
        ReplicaGroup group = coordinator.group();
        List<SimulatedNode> followers = nodes.stream()
                .filter(node -> group.hasReplica(node.id()) && !node.id().equals(group.leader()))
                .toList();
        return followers.isEmpty() ? null : followers.get(chance.below(followers.size()));
    }

    /** Who is told when a node promises a term or changes its role: the moment at which a fault does most harm. */
    public void tempt(Consumer<SimulatedNode> newTempter) {
        tempter = newTempter;
    }

    void somethingDecisiveAt(SimulatedNode node) {
        tempter.accept(node);
    }

    /** From now on the databases of those who do not lead fail on what is to be applied at this index; 0: on nothing. */
    public void poison(long index) {
        poison = index;
    }

    boolean failsAt(long index, PartitionReplica replica) {
        return index == poison && !replica.isLeader();
    }

    StorageId newStorage() {
        return new StorageId("disk" + ++disks);
    }

    void send(int from, NodeId sender, NodeId to, ReplicationMessage message) {
        SimulatedController controller = controllers.get(to);
        if (controller != null) {
            network.send(from, controller.place(), message, arrived -> controller.onPromise(sender, (Promise) arrived));
        } else {
            SimulatedNode node = node(to);
            network.send(from, node.place(), message, arrived -> node.onMessage(sender, arrived));
        }
    }

    /** What is missing until everybody has everything; empty if nothing is. */
    public String missing() {
        List<HealsAtTheEnd.Standing> standing = new ArrayList<>();
        for (ReplicaGroup.Voter voter : coordinator.group().replicas()) {
            SimulatedNode node = node(voter.node());
            standing.add(new HealsAtTheEnd.Standing(node.id(), node.core(), node.disk()));
        }
        return new HealsAtTheEnd()
                .missing(
                        standing,
                        coordinator.group(),
                        invariants.samePrefixApplied().count());
    }

    /** How everything stands, in one line for people. */
    public String describe() {
        StringBuilder text = new StringBuilder(coordinator.group().toString());
        for (SimulatedNode node : nodes) {
            PartitionReplica core = node.core();
            text.append("; ").append(node.id());
            text.append(core != null ? "" : node.alive() ? " has no replica" : " down");
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
