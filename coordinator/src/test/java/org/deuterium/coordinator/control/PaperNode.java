package org.deuterium.coordinator.control;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.zookeeper.ZooKeeperCoordinator;
import org.deuterium.coordinator.zookeeper.ZooKeeperSettings;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.SilentLeader;

/** A node without a log: it makes directories, promises and would lead, but holds all of it in memory. */
final class PaperNode implements AutoCloseable {

    /** What survives the process: the "disk" of each node, shared by those who start as that node. */
    static final class Disk {

        final Map<PartitionId, StorageId> directories = new ConcurrentHashMap<>();
        final Map<PartitionId, Term> promised = new ConcurrentHashMap<>();
        final Map<PartitionId, LogIndex> lastIndex = new ConcurrentHashMap<>();
        volatile Term lastTerm = Term.NONE;
    }

    static final long REPLACE_AFTER_MILLIS = 4_000;
    static final long SPREAD_MILLIS = 500;

    /** A process that lives joins again however slow the machine; with two seconds a busy one elected another meanwhile. */
    private static final int REJOIN_PATIENCE_MILLIS = 20_000;

    /** Paper answers at once, or never. */
    private static final int PROMISE_TIMEOUT_MILLIS = 500;

    /** Its messages to other nodes are lost; ZooKeeper is reached as ever. */
    volatile boolean cutOff;

    final NodeId id;
    final ZooKeeperCoordinator coordinator;
    private final Disk disk;
    private final Controller controller;

    /**
     * @param network the running nodes, through which a controller reaches voters; this one adds itself
     */
    PaperNode(ZooKeeperSettings settings, NodeId id, Disk disk, Map<NodeId, PaperNode> network, int homeReplicas) {
        this.id = id;
        this.disk = disk;
        coordinator = ZooKeeperCoordinator.connect(settings);
        coordinator.membership().register(id, new NodeAddress("127.0.0.1", 1), null);
        network.put(id, this);
        coordinator.view().addListener(new ClusterListener() {
            @Override
            public void onPartitionChanged(PartitionState state) {
                makeDirectory(state);
            }
        });
        coordinator.view().partitions().forEach(this::makeDirectory);
        PromiseCollector collector = new PromiseCollector() {
            @Override
            public void ask(PromiseRequest request, List<ClusterNode> voters, BiConsumer<NodeId, Promise> answers) {
                for (ClusterNode voter : voters) {
                    PaperNode node = network.get(voter.id());
                    if (node != null && (!cutOff || node.id.equals(id))) {
                        answers.accept(voter.id(), node.promise(request));
                    }
                }
            }

            @Override
            public void askToReplace(ClusterNode leader, PartitionId partition, NodeId lost, NodeId fresh) {
                PartitionState state = coordinator.view().partition(partition);
                if (state != null && state.group().hasReplica(lost)) { // as its leader does it
                    coordinator.view().compareAndSet(state.group().withReplacement(lost, fresh));
                }
            }

            @Override
            public void askToHandOver(PartitionId partition, NodeId to) {
                PartitionState state = coordinator.view().partition(partition);
                if (state != null && state.leader() != null) { // as its leader does it, when the target has everything
                    coordinator.view().compareAndSet(state.group().handedOverTo(to));
                }
            }

            @Override
            public void ifAnswers(NodeId node, String instance, Consumer<Boolean> answer) {
                answer.accept(network.containsKey(node));
            }
        };
        controller = Controller.start(
                coordinator,
                collector,
                new ControllerSettings(
                        homeReplicas,
                        PROMISE_TIMEOUT_MILLIS,
                        50,
                        50,
                        1_000,
                        3_000,
                        REJOIN_PATIENCE_MILLIS,
                        250,
                        REPLACE_AFTER_MILLIS,
                        SPREAD_MILLIS));
    }

    private void makeDirectory(PartitionState state) {
        boolean mine = state.group().hasReplica(id);
        if (mine
                && disk.directories.putIfAbsent(state.partition(), new StorageId(id + "-" + state.partition()))
                        == null) {
            StorageId made = disk.directories.get(state.partition());
            new Thread(() -> coordinator.membership().registerStorage(state.partition(), made)).start();
        }
    }

    private Promise promise(PromiseRequest request) {
        PartitionId partition = request.partition();
        Term before = disk.promised.getOrDefault(partition, Term.NONE);
        boolean granted = before.compareTo(request.term()) <= 0;
        Term promised = granted ? request.term() : before;
        disk.promised.put(partition, promised);
        return new Promise(
                partition,
                promised,
                granted,
                disk.directories.getOrDefault(partition, StorageId.UNKNOWN),
                disk.lastTerm,
                disk.lastIndex.getOrDefault(partition, LogIndex.NONE));
    }

    /** A follower tells this node's controller that it hears nothing of its leader. */
    void report(NodeId from, SilentLeader silent) {
        controller.onSilentLeader(from, silent);
    }

    @Override
    public void close() {
        controller.close();
        coordinator.close();
    }
}
