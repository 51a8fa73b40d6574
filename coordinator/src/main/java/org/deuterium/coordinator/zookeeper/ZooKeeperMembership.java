package org.deuterium.coordinator.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Op;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.Membership;
import org.deuterium.coordinator.zookeeper.Znodes.Znode;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process's ephemeral znode, made again whenever its session was lost. */
final class ZooKeeperMembership implements Membership {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperMembership.class);

    private static final long REJOIN_MILLIS = 500;

    private final ZnodePaths paths;
    private final Znodes znodes;
    private final ZooKeeperClusterView view;
    private final ZooKeeperSettings settings;
    private final ScheduledExecutorService worker;
    private volatile @Nullable ClusterNode self;

    ZooKeeperMembership(
            ZnodePaths paths,
            Znodes znodes,
            ZooKeeperClusterView view,
            ZooKeeperSettings settings,
            ScheduledExecutorService worker) {
        this.paths = paths;
        this.znodes = znodes;
        this.view = view;
        this.settings = settings;
        this.worker = worker;
        view.addListener(new ClusterListener() {
            @Override
            public void onNodesChanged(java.util.Map<NodeId, ClusterNode> nodes) {
                ClusterNode me = self;
                if (me != null && !me.equals(nodes.get(me.id()))) {
                    worker.execute(ZooKeeperMembership.this::rejoin);
                }
            }

            @Override
            public void onConnected(boolean connected) {
                if (connected && self != null) {
                    worker.execute(ZooKeeperMembership.this::rejoin);
                }
            }
        });
    }

    /** This node, once it has registered. */
    @Nullable
    ClusterNode self() {
        return self;
    }

    @Override
    public ClusterNode register(NodeId id, NodeAddress address, @Nullable String clusterIdOfData) {
        requireCluster(id, clusterIdOfData);
        znodes.ensure(paths.member(id), ZnodeJson.empty());
        ClusterNode node = new ClusterNode(id, address, view.instance(), System.currentTimeMillis());
        // a process that was killed leaves its znode behind until its session ends
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(3L * settings.sessionTimeoutMillis());
        ClusterNode other = znodes.blocking("register node " + id, () -> {
            ClusterNode present = create(node);
            return present == null || System.nanoTime() > deadline ? (present == null ? node : present) : null;
        });
        if (other != node) {
            throw new CoordinatorException("node " + id + " is running already, at " + other.address()
                    + "; stop it, or give this one another --id");
        }
        self = node;
        awaitInView(id);
        return node;
    }

    private void requireCluster(NodeId id, @Nullable String clusterIdOfData) {
        String actual = znodes.blocking("read the cluster's id", () -> {
            Znode znode = znodes.await(() -> znodes.readLatest(paths.cluster()));
            if (znode != null) {
                return ZnodeJson.readClusterId(znode.data());
            }
            if (clusterIdOfData != null) {
                throw new CoordinatorException("the data directory of node " + id + " belongs to cluster "
                        + clusterIdOfData + ", but ZooKeeper at " + settings.connectString()
                        + " holds no cluster under "
                        + paths.root() + "; give the ZooKeeper that belongs to the data, or an empty data directory");
            }
            String drawn = UUID.randomUUID().toString();
            znodes.await(() -> znodes.change(List.of(Znodes.create(paths.cluster(), ZnodeJson.cluster(drawn)))));
            return null;
        });
        if (clusterIdOfData != null && !clusterIdOfData.equals(actual)) {
            throw new CoordinatorException("the data directory of node " + id + " belongs to cluster " + clusterIdOfData
                    + ", but ZooKeeper at " + settings.connectString() + " holds cluster " + actual
                    + "; give the ZooKeeper that belongs to the data, or an empty data directory");
        }
    }

    /**
     * A new znode's version is always 0, so it does not tell one registration from the next; the version of the member's
     * znode, which each of them raises in the same step, does.
     */
    private Op countRegistration(NodeId id) {
        return Op.setData(paths.member(id), ZnodeJson.empty(), -1);
    }

    @Override
    public void expel(ClusterNode ended) {
        znodes.blocking("take " + ended.id() + " off the board", () -> {
            Znode member = znodes.await(() -> znodes.readLatest(paths.member(ended.id())));
            Znode present = znodes.await(() -> znodes.readLatest(paths.node(ended.id())));
            List<Op> changes = new ArrayList<>(expelController(ended));
            boolean isThatProcess = present != null
                    && ZnodeJson.readNode(ended.id(), present.data()).instance().equals(ended.instance());
            if (isThatProcess && member != null && present != null) {
                changes.add(Op.check(paths.member(ended.id()), member.version()));
                changes.add(Op.delete(paths.node(ended.id()), present.version()));
            }
            if (changes.isEmpty()) {
                return ended;
            }
            return znodes.await(() -> znodes.change(changes)) == ChangeResult.DONE ? ended : null;
        });
    }

    /** Each election of a controller raises the version of its record in the step that makes the ephemeral znode. */
    private List<Op> expelController(ClusterNode ended) throws Exception {
        Znode record = znodes.await(() -> znodes.readLatest(paths.controller()));
        Znode alive = znodes.await(() -> znodes.readLatest(paths.controllerAlive()));
        if (record == null
                || alive == null
                || !ZnodeJson.readController(record.data()).instance().equals(ended.instance())) {
            return List.of();
        }
        return List.of(
                Op.check(paths.controller(), record.version()), Op.delete(paths.controllerAlive(), alive.version()));
    }

    /**
     * One try to make the ephemeral znode.
     *
     * @return null if this process has it now, else who has it
     */
    private @Nullable ClusterNode create(ClusterNode node) throws Exception {
        String path = paths.node(node.id());
        ChangeResult result = znodes.await(() -> znodes.change(
                List.of(countRegistration(node.id()), Znodes.createEphemeral(path, ZnodeJson.node(node)))));
        if (result == ChangeResult.DONE) {
            return null;
        }
        Znode present = znodes.await(() -> znodes.readLatest(path));
        if (present == null) {
            return create(node); // its owner's session ended between the two: the name is free now
        }
        ClusterNode there = ZnodeJson.readNode(node.id(), present.data());
        if (!there.instance().equals(node.instance())) {
            return there;
        }
        if (present.ephemeralOwner() == znodes.sessionId()) {
            return null;
        }
        // left by a session this process had before; it would vanish in a moment
        znodes.await(() -> znodes.change(List.of(
                countRegistration(node.id()),
                Op.delete(path, present.version()),
                Znodes.createEphemeral(path, ZnodeJson.node(node)))));
        Znode mine = znodes.await(() -> znodes.readLatest(path));
        return mine != null && mine.ephemeralOwner() == znodes.sessionId() ? null : there;
    }

    private void awaitInView(NodeId id) {
        // the cluster's id and the nodes come by watches of their own, in any order
        znodes.blocking(
                "see node " + id + " registered",
                () -> view.knowsCluster() ? view.nodes().get(id) : null);
    }

    /** Worker thread. Goes on until this process is registered, whatever happens on the way. */
    private void rejoin() {
        ClusterNode me = self;
        if (me == null) {
            return;
        }
        try {
            ClusterNode other = create(me);
            if (other == null) {
                return;
            }
            LOG.error(
                    "node {} cannot join again: another process with this name runs at {}; stop one of them",
                    me.id(),
                    other.address());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (Exception e) {
            LOG.debug("node {} cannot join again yet", me.id(), e);
        }
        worker.schedule(this::rejoin, REJOIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void registerStorage(PartitionId partition, StorageId storageId) {
        ClusterNode me = self;
        if (me == null) {
            throw new IllegalStateException("a directory of " + partition + " before this node registered");
        }
        String path = paths.storage(partition, me.id());
        byte[] data = ZnodeJson.storage(storageId);
        znodes.blocking("register the directory of " + partition, () -> {
            Znode present = znodes.await(() -> znodes.readLatest(path));
            if (present != null && ZnodeJson.readStorage(present.data()).equals(storageId)) {
                return storageId;
            }
            Op write = present == null ? Znodes.create(path, data) : Op.setData(path, data, present.version());
            return znodes.await(() -> znodes.change(List.of(write))) == ChangeResult.DONE ? storageId : null;
        });
    }

    @Override
    public void unregister() {
        ClusterNode me = self;
        self = null;
        if (me != null) {
            znodes.blocking("unregister node " + me.id(), () -> {
                Znode present = znodes.await(() -> znodes.readLatest(paths.node(me.id())));
                if (present == null || present.ephemeralOwner() != znodes.sessionId()) {
                    return me;
                }
                Op delete = Op.delete(paths.node(me.id()), present.version());
                return znodes.await(() -> znodes.change(List.of(delete))) == ChangeResult.UNKNOWN ? null : me;
            });
        }
    }
}
