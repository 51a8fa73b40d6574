package org.deuterium.coordinator.zookeeper;

import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.cache.CuratorCacheStorage;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.client.ZKClientConfig;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.Coordinator;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.LeaderElection;
import org.deuterium.coordinator.Membership;
import org.deuterium.coordinator.PartitionMap;
import org.deuterium.coordinator.PartitionSets;
import org.deuterium.coordinator.SchemaLog;
import org.deuterium.coordinator.zookeeper.ZnodeJson.ControllerRecord;
import org.deuterium.coordinator.zookeeper.ZnodeJson.SchemaHead;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One process's connection to ZooKeeper, and everything that is done through it. */
public final class ZooKeeperCoordinator implements Coordinator {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperCoordinator.class);

    private static final int RECONNECT_MILLIS = 100;

    /**
     * What one answer of ZooKeeper may hold. Its own limit is for what is written; the names of 75,000 schema changes are
     * more than its client takes otherwise, and then no process could read them any more.
     */
    private static final int MOST_ANSWER_BYTES = 64 << 20;

    private final CuratorFramework curator;
    private final CuratorCache cache;
    private final ScheduledThreadPoolExecutor viewThread;
    private final ScheduledThreadPoolExecutor worker;
    private final ZooKeeperClusterView view;
    private final ZooKeeperMembership membership;
    private final ZooKeeperSchemaLog schemaLog;
    private final ZooKeeperPartitionSets partitionSets;
    private final ZooKeeperElection election;
    private volatile boolean closing;
    private final CountDownLatch pictureLoaded = new CountDownLatch(1);

    /** Grows with every znode that came into the picture, so that a long list of them is told from a silent ZooKeeper. */
    private final AtomicLong znodesSeen = new AtomicLong();

    private ZooKeeperCoordinator(CuratorFramework curator, ZooKeeperSettings settings) {
        this.curator = curator;
        ZnodePaths paths = new ZnodePaths(settings.rootPath());
        Znodes znodes = new Znodes(curator, settings);
        makeRoom(paths, znodes);
        viewThread = thread("coordinator-view");
        worker = thread("coordinator-work");
        view = new ZooKeeperClusterView(
                paths, znodes, viewThread, UUID.randomUUID().toString());
        membership = new ZooKeeperMembership(paths, znodes, view, settings, worker);
        schemaLog = new ZooKeeperSchemaLog(paths, znodes, view, membership);
        partitionSets = new ZooKeeperPartitionSets(paths, znodes, view);
        election = new ZooKeeperElection(paths, znodes, view, membership, worker);
        cache = CuratorCache.builder(curator, settings.rootPath())
                .withStorage(CuratorCacheStorage.dataNotCached())
                .withExceptionHandler(this::onCacheProblem)
                .build();
    }

    /**
     * Connects, and returns when the picture of the board is complete.
     *
     * @throws CoordinatorException if ZooKeeper does not answer in time
     */
    public static ZooKeeperCoordinator connect(ZooKeeperSettings settings) {
        ZKClientConfig client = new ZKClientConfig();
        client.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        client.setProperty(ZKClientConfig.JUTE_MAXBUFFER, Integer.toString(MOST_ANSWER_BYTES));
        CuratorFramework curator = CuratorFrameworkFactory.builder()
                .connectString(settings.connectString())
                .sessionTimeoutMs(settings.sessionTimeoutMillis())
                .connectionTimeoutMs(settings.sessionTimeoutMillis())
                .retryPolicy(new RetryForever(RECONNECT_MILLIS))
                .zkClientConfig(client)
                .build();
        boolean connected = false;
        try {
            curator.start();
            if (!curator.blockUntilConnected(settings.answerTimeoutMillis(), TimeUnit.MILLISECONDS)) {
                throw new Znodes(curator, settings).unreachable("connect", null);
            }
            ZooKeeperCoordinator coordinator = new ZooKeeperCoordinator(curator, settings);
            coordinator.follow(settings);
            connected = true;
            return coordinator;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CoordinatorException("interrupted while connecting to ZooKeeper", e);
        } finally {
            if (!connected) {
                curator.close();
            }
        }
    }

    private static ScheduledThreadPoolExecutor thread(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        // what arrives while this process closes has no one to go to
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return executor;
    }

    /** The znodes everything else stands in; who comes first makes them. */
    private static void makeRoom(ZnodePaths paths, Znodes znodes) {
        StringBuilder above = new StringBuilder();
        for (String name : paths.root().substring(1).split("/", -1)) {
            znodes.ensure(above.append('/').append(name).toString(), ZnodeJson.empty());
        }
        znodes.ensure(paths.nodes(), ZnodeJson.empty());
        znodes.ensure(paths.members(), ZnodeJson.empty());
        znodes.ensure(paths.partitions(), ZnodeJson.empty());
        znodes.ensure(paths.schema(), ZnodeJson.empty());
        znodes.ensure(paths.schemaChanges(), ZnodeJson.empty());
        znodes.ensure(paths.schemaHead(), ZnodeJson.schemaHead(new SchemaHead(0, null)));
        znodes.ensure(paths.partitionMap(), ZnodeJson.partitionMap(PartitionMap.EMPTY));
        znodes.ensure(paths.controller(), ZnodeJson.controller(ControllerRecord.NOBODY));
    }

    private void follow(ZooKeeperSettings settings) throws InterruptedException {
        curator.getConnectionStateListenable().addListener((client, state) -> onState(state));
        cache.listenable().addListener(new CuratorCacheListener() {
            @Override
            public void event(Type type, ChildData old, ChildData now) {
                if (type == Type.NODE_DELETED) {
                    viewThread.execute(() -> view.onZnode(old.getPath(), null, -1));
                } else {
                    byte[] data = now.getData();
                    int version = now.getStat().getVersion();
                    viewThread.execute(() -> view.onZnode(now.getPath(), data, version));
                }
                viewThread.execute(znodesSeen::incrementAndGet);
            }

            @Override
            public void initialized() {
                viewThread.execute(pictureLoaded::countDown);
            }
        });
        cache.start();
        long seen = -1;
        while (!pictureLoaded.await(settings.answerTimeoutMillis(), TimeUnit.MILLISECONDS)) {
            if (znodesSeen.get() == seen) {
                close();
                throw new Znodes(curator, settings).unreachable("read the cluster's state", null);
            }
            seen = znodesSeen.get();
            LOG.info("reading the cluster's state: {} znodes so far", seen);
        }
    }

    private void onCacheProblem(Exception e) {
        if (!closing) {
            LOG.warn("reading a change from ZooKeeper failed; it is read again when the connection is back", e);
        }
    }

    private void onState(ConnectionState state) {
        switch (state) {
            case CONNECTED, RECONNECTED -> viewThread.execute(() -> view.onConnected(true));
            case SUSPENDED, READ_ONLY -> viewThread.execute(() -> view.onConnected(false));
            case LOST ->
                viewThread.execute(() -> {
                    view.onConnected(false);
                    view.onSessionLost();
                });
        }
    }

    /** For tests that end a session from outside. */
    CuratorFramework curator() {
        return curator;
    }

    @Override
    public ClusterView view() {
        return view;
    }

    @Override
    public SchemaLog schemaLog() {
        return schemaLog;
    }

    @Override
    public Membership membership() {
        return membership;
    }

    @Override
    public PartitionSets partitionSets() {
        return partitionSets;
    }

    @Override
    public LeaderElection controllerElection() {
        return election;
    }

    /** Ends the session: the node's and the controller's ephemeral znodes vanish at once. */
    @Override
    public void close() {
        closing = true;
        worker.shutdownNow();
        cache.close();
        curator.close();
        viewThread.shutdownNow();
    }
}
