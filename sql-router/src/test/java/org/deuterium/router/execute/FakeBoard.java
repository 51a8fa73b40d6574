package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionMap;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionSets;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.SchemaChange;
import org.deuterium.coordinator.SchemaLog;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** A board in memory: every partition is led by the node that makes it, until a test says otherwise. */
public final class FakeBoard implements ClusterView, SchemaLog, PartitionSets {

    private final Map<NodeId, ClusterNode> nodes = new TreeMap<>();
    private final Set<NodeId> known = new TreeSet<>();
    private final Map<PartitionId, PartitionState> partitions = new TreeMap<>();
    private final List<SchemaChange> changes = new ArrayList<>();
    private final List<ClusterListener> listeners = new CopyOnWriteArrayList<>();
    private final NodeId first;
    private PartitionMap map = PartitionMap.EMPTY;
    private @Nullable SchemaProposal open;
    private int proposals;
    private volatile boolean unreachable;

    public FakeBoard(NodeId first) {
        this.first = first;
        addNode(first, new NodeAddress("127.0.0.1", 1));
        ensure(PartitionSet.HOME, 1, 1);
    }

    public synchronized void addNode(NodeId id, NodeAddress address) {
        nodes.put(id, new ClusterNode(id, address, "instance-of-" + id, 0));
        known.add(id);
    }

    /** Its ZooKeeper session ended; the process may live. */
    public synchronized void removeNode(NodeId id) {
        nodes.remove(id);
    }

    /** While true the schema log does not answer those who write: what they ask for is not done. */
    public void unreachable(boolean now) {
        unreachable = now;
    }

    private void reach() {
        if (unreachable) {
            throw new CoordinatorException("the board of this test does not answer");
        }
    }

    /** What a leader writes when its ack rule has changed. */
    public synchronized void changeAckRule(PartitionId partition, AckRule rule) {
        partitions.computeIfPresent(
                partition, (id, state) -> new PartitionState(state.group().withAckRule(rule), state.leaderInstance()));
    }

    /** What the board is to say of a partition. */
    public synchronized void show(ReplicaGroup group) {
        partitions.put(group.partition(), new PartitionState(group, "instance-of-" + group.leader()));
    }

    /** Gives a partition replicas on these nodes, of which the first leads; all are in sync. */
    public synchronized void place(PartitionId partition, AckRule rule, List<NodeId> replicas) {
        ReplicaGroup group = PartitionState.unformed(partition, replicas, rule).group();
        for (NodeId node : replicas) {
            group = group.withStorage(node, new StorageId(node + "s" + partition.number()));
        }
        group = group.withNextTerm().withLeader(replicas.get(0)).withInSync(replicas);
        show(group);
    }

    /** Names another leader, or none, in the next term, and tells. */
    public void lead(PartitionId partition, @Nullable NodeId leader) {
        PartitionState changed;
        synchronized (this) {
            PartitionState now = partitions.get(partition);
            ReplicaGroup group = now.group().withNextTerm().withLeader(leader);
            changed = new PartitionState(group, leader == null ? "" : "instance-of-" + leader);
            partitions.put(partition, changed);
        }
        listeners.forEach(listener -> listener.onPartitionChanged(changed));
    }

    @Override
    public synchronized PartitionSet ensure(String name, int count, int replicas, AckRule ackRule, LogKind logKind) {
        PartitionSet known = map.set(name);
        if (known != null) {
            return known;
        }
        map = map.withNewSet(name, count, replicas, ackRule, logKind);
        PartitionSet made = map.sets().get(map.sets().size() - 1);
        for (PartitionId partition : made.partitions()) {
            ReplicaGroup group = PartitionState.unformed(partition, List.of(first), ackRule)
                    .group()
                    .withStorage(first, new StorageId("s" + partition.number()))
                    .withNextTerm()
                    .withLeader(first);
            partitions.put(partition, new PartitionState(group, "instance-of-" + first));
        }
        return made;
    }

    @Override
    public synchronized PartitionSet change(String name, UnaryOperator<PartitionSet> change) {
        reach();
        PartitionSet changed = change.apply(map.set(name));
        map = map.withChanged(changed);
        return changed;
    }

    @Override
    public String clusterId() {
        return "test";
    }

    @Override
    public synchronized Map<NodeId, ClusterNode> nodes() {
        return new LinkedHashMap<>(nodes);
    }

    @Override
    public synchronized Collection<NodeId> knownNodes() {
        return List.copyOf(known);
    }

    @Override
    public synchronized PartitionMap partitionMap() {
        return map;
    }

    @Override
    public synchronized @Nullable PartitionState partition(PartitionId partition) {
        return partitions.get(partition);
    }

    @Override
    public synchronized Collection<PartitionState> partitions() {
        return List.copyOf(partitions.values());
    }

    @Override
    public Map<NodeId, StorageId> registeredStorages(PartitionId partition) {
        return Map.of();
    }

    @Override
    public @Nullable NodeId controller() {
        return first;
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public void addListener(ClusterListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeListener(ClusterListener listener) {
        listeners.remove(listener);
    }

    @Override
    public CompletableFuture<PartitionState> awaitLeader(PartitionId partition, Term after, long timeoutMillis) {
        PartitionState state = partition(partition);
        return state != null && state.leader() != null
                ? CompletableFuture.completedFuture(state)
                : CompletableFuture.failedFuture(new CoordinatorException("no leader of " + partition));
    }

    @Override
    public CompletableFuture<ChangeResult> compareAndSet(ReplicaGroup changed) {
        throw new UnsupportedOperationException("routers do not change groups");
    }

    @Override
    public CompletableFuture<PartitionState> read(PartitionId partition) {
        throw new UnsupportedOperationException("routers do not read the board itself");
    }

    @Override
    public synchronized long version() {
        return changes.size();
    }

    @Override
    public synchronized List<SchemaChange> changesAfter(long version) {
        return List.copyOf(changes.subList((int) version, changes.size()));
    }

    @Override
    public synchronized @Nullable SchemaProposal proposal() {
        return open;
    }

    @Override
    public @Nullable SchemaProposal propose(long expected, String sql, String partitionSql, String placement) {
        return propose(expected, sql, partitionSql, placement, first);
    }

    private @Nullable SchemaProposal propose(
            long expected, String sql, String partitionSql, String placement, NodeId proposer) {
        SchemaProposal made;
        synchronized (this) {
            if (open != null || version() != expected) {
                return null;
            }
            SchemaChange change = new SchemaChange(expected + 1, sql, partitionSql, placement);
            made = new SchemaProposal("proposal-" + ++proposals, change, proposer, "instance-of-" + proposer);
            open = made;
        }
        listeners.forEach(ClusterListener::onSchemaProposal);
        return made;
    }

    @Override
    public boolean decide(SchemaProposal proposal) {
        reach();
        synchronized (this) {
            if (!proposal.equals(open)) {
                return false;
            }
            open = null;
            changes.add(proposal.change());
        }
        listeners.forEach(listener -> listener.onSchemaDecided(proposal.change().version()));
        listeners.forEach(ClusterListener::onSchemaProposal);
        return true;
    }

    @Override
    public void drop(SchemaProposal proposal) {
        reach();
        synchronized (this) {
            if (proposal.equals(open)) {
                open = null;
            }
        }
        listeners.forEach(ClusterListener::onSchemaProposal);
    }

    /** The schema log as another node writes it. */
    public SchemaLog schemaLogOf(NodeId other) {
        return new SchemaLog() {
            @Override
            public long version() {
                return FakeBoard.this.version();
            }

            @Override
            public List<SchemaChange> changesAfter(long version) {
                return FakeBoard.this.changesAfter(version);
            }

            @Override
            public @Nullable SchemaProposal proposal() {
                return FakeBoard.this.proposal();
            }

            @Override
            public @Nullable SchemaProposal propose(long expected, String sql, String partitionSql, String placement) {
                return FakeBoard.this.propose(expected, sql, partitionSql, placement, other);
            }

            @Override
            public boolean decide(SchemaProposal proposal) {
                return FakeBoard.this.decide(proposal);
            }

            @Override
            public void drop(SchemaProposal proposal) {
                FakeBoard.this.drop(proposal);
            }
        };
    }
}
