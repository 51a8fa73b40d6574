package org.deuterium.replica.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.deuterium.replica.log.DamagedEntryException;
import org.deuterium.replica.log.FatalLogFailure;
import org.deuterium.replica.log.LogDirectory;
import org.deuterium.replica.log.PartitionLog;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.ReplicaState;
import org.deuterium.transport.EventLoops;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.partition.ReplicaStatuses;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplaceReplica;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.deuterium.wire.replication.SilentLeader;
import org.deuterium.wire.replication.SnapshotChunk;
import org.deuterium.wire.replication.SnapshotOffer;
import org.deuterium.wire.replication.SnapshotRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every replica of one node, with the log they share. What happens elsewhere is told to it; all methods only queue. */
public final class NodeHost implements AutoCloseable {

    /** Which of the event loops given is the node loop. */
    public static final int LOOP = 0;

    private static final Logger LOG = LoggerFactory.getLogger(NodeHost.class);

    private final NodeId node;
    private final HostSettings settings;
    private final ReplicaBoard board;
    private final DutiesFactory dutiesFactory;
    private final ReplicationLog log;
    private final ReplicaDirectories directories;
    private final NodeLoop loop;
    private final ExecutorService applierPool;
    private final ExecutorService background;
    private final SnapshotSender snapshotSender;
    private final SnapshotReceiver snapshotReceiver;
    private final Checkpointer checkpointer;
    private final HostServices services = new Services();

    /** Loop only. */
    private final Map<PartitionId, PartitionHost> hosts = new HashMap<>();

    private final Map<PartitionId, ReplicaGroup> groups = new HashMap<>();
    private final LeaderSilence silence;
    private final ReplicaMaking making;
    private final ReplicaReport report;
    private final Path tails;
    private final KeptAside keptAside;

    private boolean stopped;

    private NodeHost(
            NodeId node,
            LogDirectory directory,
            HostSettings settings,
            ReplicaBoard board,
            PeerSender peers,
            DutiesFactory dutiesFactory,
            EventLoops nodeLoop,
            FatalLogFailure fatal)
            throws IOException {
        this.node = node;
        this.silence = new LeaderSilence(node);
        this.settings = settings;
        this.report = new ReplicaReport(node);
        this.tails = directory.tails();
        this.board = board;
        this.dutiesFactory = dutiesFactory;
        NodeRecovery.requireLogAndDatabases(directory);
        this.directories = new ReplicaDirectories(directory.partitions());
        this.log = ReplicationLog.open(directory.log(), settings.log(), fatal);
        this.loop = new NodeLoop(nodeLoop, LOOP, log, peers, settings.tickMillis(), this::tick, fatal::logFailed);
        this.applierPool = Executors.newFixedThreadPool(settings.applierThreads(), threads("applier"));
        this.background = Executors.newCachedThreadPool(threads("background"));
        DiskReserve reserve = DiskReserve.forLog(settings.log());
        this.snapshotSender = new SnapshotSender(
                services, directories.snapshots(), new Pace(settings.snapshotBytesPerSecond()), reserve);
        this.snapshotReceiver = new SnapshotReceiver(services, directories, reserve);
        this.checkpointer = new Checkpointer(services);
        this.keptAside = new KeptAside(directories, background);
        this.making = new ReplicaMaking(services, directories, report, this::made);
    }

    /**
     * Opens the log and every replica found in the directory, and begins to work.
     *
     * @param nodeLoop its loop {@link #LOOP} becomes the node loop; it is closed by the caller, after this
     * @throws IOException if the log or a directory cannot be read
     */
    public static NodeHost open(
            NodeId node,
            LogDirectory directory,
            HostSettings settings,
            ReplicaBoard board,
            PeerSender peers,
            DutiesFactory dutiesFactory,
            EventLoops nodeLoop,
            FatalLogFailure fatal)
            throws IOException {
        NodeHost host = new NodeHost(node, directory, settings, board, peers, dutiesFactory, nodeLoop, fatal);
        try {
            host.recover();
        } catch (IOException | RuntimeException e) {
            host.abandon();
            throw e;
        }
        host.loop.start();
        host.checkpointer.start();
        return host;
    }

    /** It cannot start: what was opened is left as it was found. */
    private void abandon() throws IOException {
        hosts.values().forEach(host -> host.storage().abandon());
        checkpointer.close();
        applierPool.shutdown();
        background.shutdown();
        log.close();
    }

    private ThreadFactory threads(String purpose) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "deuterium-" + purpose + "-" + node + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private void recover() throws IOException {
        new NodeRecovery(node, log, directories, report, settings.storage())
                .run(found -> take(found.state(), found.storage()));
        directories.deleteAllBut(hosts.keySet(), log.isIncomplete());
        for (PartitionHost host : hosts.values()) {
            board.registerStorage(host.partition(), host.storageId());
        }
    }

    private PartitionHost take(ReplicaState state, H2Storage storage) {
        PartitionReplica core = new PartitionReplica(state, settings.replica(), loop.nowMillis());
        PartitionHost host = new PartitionHost(services, state.storage(), core, storage, dutiesFactory);
        hosts.put(host.partition(), host);
        dutiesFactory.present(host, host.duties());
        return host;
    }

    /** The board's state of a partition; one older than what was told before is ignored. */
    public void onGroup(ReplicaGroup group) {
        loop.submit(now -> takeGroup(group, now));
    }

    private void takeGroup(ReplicaGroup group, long nowMillis) {
        ReplicaGroup known = groups.get(group.partition());
        if (stopped || (known != null && known.version() > group.version())) {
            return;
        }
        groups.put(group.partition(), group);
        silence.follow(group, nowMillis);
        PartitionHost host = hosts.get(group.partition());
        PartitionLog damaged = host == null ? log.partition(group.partition()) : null;
        if (damaged != null) {
            endDamaged(damaged, group);
        } else if (host == null) {
            makeIfWanted(group.partition());
        } else if (group.hasReplica(node)) {
            host.onGroup(group, nowMillis);
        } else {
            drop(host, group);
        }
    }

    private void makeMissing() {
        for (PartitionId partition : List.copyOf(groups.keySet())) {
            if (!hosts.containsKey(partition)) {
                makeIfWanted(partition);
            }
        }
    }

    private void makeIfWanted(PartitionId partition) {
        ReplicaGroup group = groups.get(partition);
        if (group != null && group.hasReplica(node)) {
            making.make(partition);
        } else {
            report.forget(partition);
        }
    }

    private void made(PartitionId partition, StorageId storageId, H2Storage storage, long nowMillis) {
        if (stopped) {
            background.execute(storage::close);
            return;
        }
        log.createReplica(partition, storageId);
        log.sync();
        take(ReplicaState.empty(partition, node, storageId), storage);
        board.registerStorage(partition, storageId);
        ReplicaGroup group = groups.get(partition);
        if (group != null) {
            takeGroup(group, nowMillis); // which may not want it any more
        }
    }

    private void drop(PartitionHost host, ReplicaGroup group) {
        PartitionId partition = host.partition();
        LOG.info("{}: the replica of {} is no longer wanted here", node, partition);
        snapshotReceiver.forget(partition);
        end(host, group, false, () -> makeIfWanted(partition)); // again
    }

    /** A log without a replica was found damaged at the start. */
    private void endDamaged(PartitionLog damaged, ReplicaGroup group) {
        PartitionId partition = damaged.partition();
        if (!making.isBusy(partition)) {
            making.endBegins(partition);
            ReplicaEnd.ofDamaged(damaged, group, services, () -> {
                making.endIsOver(partition);
                makeIfWanted(partition);
            });
        }
    }

    /** The partition is being made until this is done, as far as others are concerned. */
    private void end(PartitionHost host, @Nullable ReplicaGroup group, boolean keepsAside, Runnable then) {
        making.endBegins(host.partition());
        hosts.remove(host.partition(), host);
        CompletableFuture<Void> still = host.close();
        dutiesFactory.removed(host);
        ReplicaEnd.begin(host, still, group, services, directories, keepsAside, () -> {
            making.endIsOver(host.partition());
            then.run();
        });
    }

    private void replicaFailed(PartitionHost host, Throwable cause) {
        if (host.isClosed() || stopped) {
            return;
        }
        if (!(cause instanceof DamagedEntryException)) {
            if (!host.isInstalling()) { // else another database takes its place
                host.databaseFailed(cause, loop.nowMillis());
            }
            return;
        }
        LOG.error(
                "the replica of {} on {} cannot be trusted and is rebuilt from a peer", host.partition(), node, cause);
        report.rebuilt(host.partition(), cause.getMessage());
        ReplicaGroup group = groups.get(host.partition());
        if (group != null && node.equals(group.leader())) {
            board.compareAndSet(group.withLeader(null));
        }
        keptAside.added(host.partition());
        end(host, group, true, () -> making.make(host.partition()));
    }

    /** A message of another node's replica. */
    public void onPeerMessage(NodeId from, Message message) {
        if (message instanceof ReplicationMessage replication) {
            loop.submit(now -> {
                PartitionHost host = hosts.get(replication.partition());
                if (host != null) {
                    silence.heard(replication.partition(), from, now);
                    host.onMessage(from, replication, now);
                }
            });
        } else if (message instanceof SnapshotOffer offer) {
            loop.submit(now -> snapshotReceiver.onOffer(hosts.get(offer.partition()), from, offer, now));
        } else if (message instanceof SnapshotChunk chunk) {
            loop.submit(now -> snapshotReceiver.onChunk(from, chunk, now));
        } else if (message instanceof ReplaceReplica wish) {
            loop.submit(now -> {
                PartitionHost host = hosts.get(wish.partition());
                if (host != null) {
                    host.replaceReplica(wish.lost(), wish.fresh());
                }
            });
        } else if (message instanceof SnapshotRequest request) {
            loop.submit(now -> snapshotSender.onRequest(from, request, now));
        } else {
            LOG.warn("{}: {} sent {}, which replicas do not say to each other", node, from, message);
        }
    }

    /** A controller asks for a promise; the answer comes when it is durable, or never. */
    public void onPromiseRequest(NodeId controller, PromiseRequest request, Consumer<Promise> answer) {
        loop.submit(now -> {
            PartitionHost host = hosts.get(request.partition());
            if (host != null) {
                host.onPromiseRequest(controller, request, answer, now);
            }
        });
    }

    /** Tells which leaders the followers here have heard nothing of for long. To be asked a few times a second. */
    public void silentLeaders(Consumer<List<SilentLeader>> answer) {
        loop.submit(now -> answer.accept(silence.look(now)));
    }

    /** Tells how every replica here is. */
    public void describe(Consumer<ReplicaStatuses> answer) {
        loop.submit(now -> answer.accept(
                report.statuses(List.copyOf(hosts.values()), partition -> snapshotReceiver.progress(partition, now))));
    }

    /**
     * Holds a replica's applier back, or lets it go on: the replica acknowledges what is logged and shows none of it. For
     * tests and drills that want a follower that is surely behind.
     */
    public void holdApplier(PartitionId partition, boolean on) {
        loop.submit(now -> {
            PartitionHost host = hosts.get(partition);
            if (host != null) {
                host.holdApplier(on);
            }
        });
    }

    /** The node whose replicas these are. */
    public NodeId node() {
        return node;
    }

    /** Threads for work that may block. */
    public Executor background() {
        return background;
    }

    private void tick() {
        long now = loop.nowMillis();
        for (PartitionHost host : List.copyOf(hosts.values())) {
            host.onTick(now);
        }
        snapshotSender.onTick(now);
        snapshotReceiver.onTick(now);
        if (making.isDue(now)) {
            makeMissing();
        }
        log.proveWhenIdle(now);
        keptAside.onTick(hosts.values(), report, now);
    }

    /** Stops in good order: checkpoints and closes every database. Terms are not given up; a restart goes on. */
    @Override
    public void close() throws IOException {
        CountDownLatch done = new CountDownLatch(1);
        List<PartitionHost> open = new ArrayList<>();
        loop.submit(now -> {
            stopped = true;
            open.addAll(hosts.values());
            open.forEach(PartitionHost::close);
            hosts.clear();
            done.countDown();
        });
        try {
            if (!done.await(10, TimeUnit.SECONDS)) {
                LOG.warn("{}: the node loop did not answer for 10 seconds; stopping all the same", node);
            }
            checkpointer.close();
            applierPool.shutdown();
            applierPool.awaitTermination(10, TimeUnit.SECONDS);
            for (PartitionHost host : open) {
                ReplicaEnd.closeQuietly(host);
            }
            loop.stop();
            background.shutdown();
            background.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        log.close();
    }

    /** What replicas use of this host. */
    private final class Services implements HostServices {

        @Override
        public NodeId node() {
            return node;
        }

        @Override
        public HostSettings settings() {
            return settings;
        }

        @Override
        public NodeLoop loop() {
            return loop;
        }

        @Override
        public ReplicationLog log() {
            return log;
        }

        @Override
        public ReplicaBoard board() {
            return board;
        }

        @Override
        public Executor applierPool() {
            return applierPool;
        }

        @Override
        public Executor background() {
            return background;
        }

        @Override
        public List<PartitionHost> hosts() {
            return List.copyOf(hosts.values());
        }

        @Override
        public @Nullable PartitionHost host(PartitionId partition) {
            return hosts.get(partition);
        }

        @Override
        public void sendSnapshot(PartitionHost host, NodeId follower) {
            snapshotSender.send(host, follower);
        }

        @Override
        public List<LogEntry> readLog(PartitionHost host, LogIndex from, long maxBytes) {
            try {
                return log.entries(host.partition(), from, maxBytes);
            } catch (DamagedEntryException e) {
                host.storageFailed(e);
                return List.of();
            }
        }

        @Override
        public @Nullable Long snapshotNeedsAfter(PartitionId partition) {
            return snapshotSender.neededAfter(partition);
        }

        @Override
        public Path tails() {
            return tails;
        }

        @Override
        public void replicaWaits(PartitionId partition, @Nullable String words) {
            report.waits(partition, words);
        }

        @Override
        public boolean keepsWholeLog(PartitionId partition) {
            PartitionHost host = hosts.get(partition);
            return host == null || host.isDeaf(); // without a host it is to be set aside
        }

        @Override
        public void replicaParted(PartitionHost host) {
            report.parted(host);
        }

        @Override
        public void replicaFailed(PartitionHost host, Throwable cause) {
            NodeHost.this.replicaFailed(host, cause);
        }
    }
}
