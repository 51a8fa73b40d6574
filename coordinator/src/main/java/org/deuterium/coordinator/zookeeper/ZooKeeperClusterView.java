package org.deuterium.coordinator.zookeeper;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.zookeeper.Op;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionMap;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.zookeeper.ZnodeJson.ControllerRecord;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The picture of the board that watches keep up to date. Every znode that changed comes to {@link #onZnode}, on the one
 * notification thread, which alone changes the picture; readers on any thread see whole values.
 */
final class ZooKeeperClusterView implements ClusterView {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperClusterView.class);

    private static final long READ_AGAIN_MILLIS = 100;

    private final ZnodePaths paths;
    private final Znodes znodes;
    private final ScheduledExecutorService thread;
    private final String instance;
    private final LeaderWaiters waiters;
    private final SchemaPicture schema = new SchemaPicture();
    private final List<ClusterListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<PartitionId, PartitionState> partitions = new ConcurrentHashMap<>();
    private final Map<PartitionId, Map<NodeId, StorageId>> storages = new ConcurrentHashMap<>();
    private final Set<NodeId> members = ConcurrentHashMap.newKeySet();
    private volatile Map<NodeId, ClusterNode> nodes = Map.of();
    private volatile PartitionMap map = PartitionMap.EMPTY;
    private volatile ControllerRecord controller = ControllerRecord.NOBODY;
    private volatile boolean controllerAlive;
    private volatile @Nullable String clusterId;
    private volatile boolean connected = true;

    /**
     * @param thread the notification thread
     * @param instance drawn at random for this process
     */
    ZooKeeperClusterView(ZnodePaths paths, Znodes znodes, ScheduledExecutorService thread, String instance) {
        this.paths = paths;
        this.znodes = znodes;
        this.thread = thread;
        this.instance = instance;
        this.waiters = new LeaderWaiters(this, thread);
    }

    /** True once {@link #clusterId} has an answer. */
    boolean knowsCluster() {
        return clusterId != null;
    }

    @Override
    public String clusterId() {
        String id = clusterId;
        if (id == null) {
            throw new CoordinatorException("no node has started yet in this cluster; start one");
        }
        return id;
    }

    @Override
    public Map<NodeId, ClusterNode> nodes() {
        return nodes;
    }

    @Override
    public Collection<NodeId> knownNodes() {
        return members.stream().sorted().toList();
    }

    @Override
    public PartitionMap partitionMap() {
        return map;
    }

    @Override
    public @Nullable PartitionState partition(PartitionId partition) {
        return partitions.get(partition);
    }

    @Override
    public Collection<PartitionState> partitions() {
        return List.copyOf(partitions.values());
    }

    @Override
    public Map<NodeId, StorageId> registeredStorages(PartitionId partition) {
        return storages.getOrDefault(partition, Map.of());
    }

    @Override
    public @Nullable NodeId controller() {
        ControllerRecord record = controller;
        return controllerAlive && !record.node().isEmpty() ? new NodeId(record.node()) : null;
    }

    ControllerRecord controllerRecord() {
        return controller;
    }

    boolean isControllerAlive() {
        return controllerAlive;
    }

    SchemaPicture schema() {
        return schema;
    }

    String instance() {
        return instance;
    }

    @Override
    public boolean isConnected() {
        return connected;
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
        return waiters.await(partition, after, timeoutMillis);
    }

    @Override
    public CompletableFuture<ChangeResult> compareAndSet(ReplicaGroup changed) {
        // who changes a group as its leader is the process that was named
        PartitionState state = new PartitionState(changed, changed.leader() == null ? "" : instance);
        return znodes.change(List.of(writeOf(state)));
    }

    /** The write of a state whose group carries the version it will have. */
    Op writeOf(PartitionState state) {
        return Op.setData(
                paths.state(state.partition()),
                ZnodeJson.partition(state),
                state.group().version() - 1);
    }

    @Override
    public CompletableFuture<PartitionState> read(PartitionId partition) {
        CompletableFuture<PartitionState> result = new CompletableFuture<>();
        readUntilAnswered(partition, result);
        return result;
    }

    private void readUntilAnswered(PartitionId partition, CompletableFuture<PartitionState> result) {
        znodes.readLatest(paths.state(partition)).whenComplete((znode, problem) -> {
            if (problem != null) {
                thread.schedule(() -> readUntilAnswered(partition, result), READ_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            } else if (znode == null) {
                result.completeExceptionally(new CoordinatorException("there is no partition " + partition));
            } else {
                result.complete(ZnodeJson.readPartition(partition, znode.data(), znode.version()));
            }
        });
    }

    /** A znode was made or changed, or is gone if {@code data} is null. */
    void onZnode(String path, byte @Nullable [] data, int version) {
        List<String> names = paths.namesOf(path);
        if (names.isEmpty()) {
            return;
        }
        try {
            String last = names.get(names.size() - 1);
            switch (names.get(0)) {
                case ZnodePaths.CLUSTER -> clusterId = data == null ? null : ZnodeJson.readClusterId(data);
                case ZnodePaths.NODES -> onNode(names, data);
                case ZnodePaths.MEMBERS -> onMember(names, data);
                case ZnodePaths.CONTROLLER -> onController(names, data);
                case ZnodePaths.PARTITION_MAP -> onPartitionMap(data, version);
                case ZnodePaths.PARTITIONS -> onPartition(names, data, version);
                case ZnodePaths.SCHEMA -> onSchema(last, data);
                default -> LOG.warn("{} is no znode of this release", path);
            }
        } catch (CoordinatorException | IllegalArgumentException e) {
            LOG.error("{} cannot be understood and is ignored: {}", path, e.getMessage(), e);
        }
        waiters.viewChanged();
    }

    private void onNode(List<String> names, byte @Nullable [] data) {
        if (names.size() == 2) {
            NodeId id = new NodeId(names.get(1));
            Map<NodeId, ClusterNode> changed = new HashMap<>(nodes);
            if (data == null) {
                changed.remove(id);
            } else {
                changed.put(id, ZnodeJson.readNode(id, data));
            }
            Map<NodeId, ClusterNode> alive = Map.copyOf(changed);
            nodes = alive;
            notifyListeners(listener -> listener.onNodesChanged(alive));
        }
    }

    private void onMember(List<String> names, byte @Nullable [] data) {
        if (names.size() == 2 && data != null) {
            members.add(new NodeId(names.get(1)));
        }
    }

    private void onController(List<String> names, byte @Nullable [] data) {
        if (names.size() == 2) {
            controllerAlive = data != null;
        } else if (data != null) {
            controller = ZnodeJson.readController(data);
        }
        NodeId who = controller();
        notifyListeners(listener -> listener.onControllerChanged(who));
    }

    private void onPartitionMap(byte @Nullable [] data, int version) {
        if (data != null) {
            PartitionMap changed = ZnodeJson.readPartitionMap(data, version);
            map = changed;
            notifyListeners(listener -> listener.onPartitionMapChanged(changed));
        }
    }

    private void onPartition(List<String> names, byte @Nullable [] data, int version) {
        if (names.size() < 3 || data == null) {
            return;
        }
        PartitionId partition = new PartitionId(Integer.parseInt(names.get(1)));
        if (names.get(2).equals(ZnodePaths.STATE)) {
            PartitionState state = ZnodeJson.readPartition(partition, data, version);
            partitions.put(partition, state);
            notifyListeners(listener -> listener.onPartitionChanged(state));
        } else if (names.size() == 4) {
            NodeId node = new NodeId(names.get(3));
            StorageId storage = ZnodeJson.readStorage(data);
            Map<NodeId, StorageId> changed = new HashMap<>(registeredStorages(partition));
            changed.put(node, storage);
            storages.put(partition, Map.copyOf(changed));
            notifyListeners(listener -> listener.onStorageRegistered(partition, node, storage));
        }
    }

    private void onSchema(String name, byte @Nullable [] data) {
        if (data == null || name.equals(ZnodePaths.SCHEMA) || name.equals(ZnodePaths.CHANGES)) {
            return;
        }
        long before = schema.version();
        if (name.equals(ZnodePaths.HEAD)) {
            schema.head(ZnodeJson.readSchemaHead(data));
            notifyListeners(ClusterListener::onSchemaProposal);
        } else {
            schema.add(ZnodeJson.readDecidedChange(data));
        }
        long now = schema.version();
        if (now != before) {
            notifyListeners(listener -> listener.onSchemaDecided(now));
        }
    }

    /** The connection came or went. Notification thread. */
    void onConnected(boolean nowConnected) {
        if (connected != nowConnected) {
            connected = nowConnected;
            notifyListeners(listener -> listener.onConnected(nowConnected));
        }
    }

    /** The session is over, and with it every ephemeral znode of this process. Notification thread. */
    void onSessionLost() {
        notifyListeners(ClusterListener::onSessionLost);
    }

    private void notifyListeners(Consumer<ClusterListener> call) {
        for (ClusterListener listener : listeners) {
            try {
                call.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("a listener to the cluster view failed", e);
            }
        }
    }
}
