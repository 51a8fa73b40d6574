package org.deuterium.replica;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.NodeHost;
import org.deuterium.replica.host.ReplicaBoard;
import org.deuterium.replica.host.SchemaChangePayload;
import org.deuterium.replica.service.SchemaSource;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.Election;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;

/** The board and the controller of a cluster in one process: compare-and-set, elections with promises, a schema log. */
final class FakeBoard implements SchemaSource, AutoCloseable {

    /** One thread is the controller and tells the nodes; so they hear of changes in order. */
    private final ExecutorService controller = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "fake-controller");
        thread.setDaemon(true);
        return thread;
    });

    private final Map<NodeId, NodeHost> alive = new TreeMap<>();
    private final Map<PartitionId, ReplicaGroup> groups = new HashMap<>();
    private final Map<PartitionId, Election> elections = new HashMap<>();
    private final List<SchemaChangePayload> schema = new ArrayList<>();
    private long proposed;
    volatile LogKind logKind = LogKind.DEFAULT;
    volatile boolean reached = true;

    /** The board as one node writes to it. */
    ReplicaBoard of(NodeId node) {
        return new ReplicaBoard() {
            @Override
            public void registerStorage(PartitionId partition, StorageId storage) {
                controller.execute(() -> register(partition, node, storage));
            }

            @Override
            public LogKind logKind(PartitionId partition) {
                return logKind;
            }

            @Override
            public boolean isReached() {
                return reached;
            }

            @Override
            public void compareAndSet(ReplicaGroup changed) {
                controller.execute(() -> {
                    if (current(changed.partition()).version() == changed.version() - 1) {
                        set(changed);
                        if (changed.leader() == null) {
                            elect(changed.partition());
                        }
                    } else {
                        tellAll(changed.partition());
                    }
                });
            }
        };
    }

    void create(PartitionId partition, List<NodeId> nodes) {
        controller.execute(() -> set(new ReplicaGroup(
                partition,
                Term.NONE,
                null,
                AckRule.QUORUM,
                nodes.stream()
                        .map(node -> new ReplicaGroup.Voter(node, StorageId.UNKNOWN))
                        .toList(),
                List.of(),
                1)));
    }

    void joined(NodeId node, NodeHost host) {
        controller.execute(() -> {
            synchronized (this) {
                alive.put(node, host);
            }
            groups.keySet().forEach(this::tellAll);
            for (ReplicaGroup group : List.copyOf(groups.values())) {
                if (group.leader() == null && group.term().number() > 0) {
                    elect(group.partition());
                }
            }
        });
    }

    /** The node's session ended: whatever it led is given to others. */
    void gone(NodeId node) {
        synchronized (this) {
            alive.remove(node);
        }
        controller.execute(() -> {
            for (ReplicaGroup group : List.copyOf(groups.values())) {
                if (node.equals(group.leader())) {
                    elect(group.partition());
                }
            }
        });
    }

    /** Has another leader elected, whoever leads now. */
    void reelect(PartitionId partition) {
        controller.execute(() -> elect(partition));
    }

    synchronized ReplicaGroup current(PartitionId partition) {
        return groups.get(partition);
    }

    private void register(PartitionId partition, NodeId node, StorageId storage) {
        ReplicaGroup group = current(partition);
        if (group == null || group.term().number() > 0) {
            return; // the leader re-adds a replaced directory, once it has caught up
        }
        ReplicaGroup changed = group.withStorage(node, storage);
        set(changed);
        if (changed.replicas().stream().noneMatch(voter -> voter.storage().equals(StorageId.UNKNOWN))) {
            elect(partition);
        }
    }

    private void set(ReplicaGroup group) {
        synchronized (this) {
            groups.put(group.partition(), group);
            notifyAll();
        }
        tellAll(group.partition());
    }

    private void tellAll(PartitionId partition) {
        hosts().values().forEach(host -> host.onGroup(current(partition)));
    }

    private synchronized Map<NodeId, NodeHost> hosts() {
        return new TreeMap<>(alive);
    }

    private void elect(PartitionId partition) {
        set(current(partition).withNextTerm());
        ReplicaGroup opened = current(partition);
        Election election = new Election(opened);
        elections.put(partition, election);
        hosts().forEach((node, host) -> host.onPromiseRequest(
                new NodeId("controller"),
                new PromiseRequest(partition, opened.term()),
                promise -> controller.execute(() -> {
                    if (elections.get(partition) != election) {
                        return;
                    }
                    Term later = election.add(node, promise);
                    NodeId successor = opened.successor();
                    NodeId winner = successor == null || election.complete() ? election.winner(successor) : null;
                    if (later != null) {
                        elect(partition);
                    } else if (winner != null && hosts().containsKey(winner)) {
                        elections.remove(partition);
                        set(opened.withLeader(winner)
                                .withVersion(current(partition).version() + 1));
                    }
                })));
    }

    /** Waits until the board names a leader that is alive. */
    synchronized NodeId awaitLeader(PartitionId partition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            ReplicaGroup group = groups.get(partition);
            if (group != null && group.leader() != null && alive.containsKey(group.leader())) {
                return group.leader();
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("no leader of " + partition + ": " + group);
            }
            wait(left);
        }
    }

    synchronized long decide(String sql) {
        schema.add(new SchemaChangePayload(schema.size() + 1, sql));
        return schema.size();
    }

    @Override
    public synchronized long decidedVersion() {
        return schema.size();
    }

    @Override
    public synchronized List<SchemaChangePayload> changesAfter(long version) {
        return List.copyOf(schema.subList((int) version, schema.size()));
    }

    @Override
    public synchronized boolean isProposed(long version) {
        return proposed == version;
    }

    /** Says that this version is proposed, as long as nothing else is said. */
    synchronized void propose(long version) {
        proposed = version;
    }

    @Override
    public void close() {
        controller.shutdownNow();
    }
}
