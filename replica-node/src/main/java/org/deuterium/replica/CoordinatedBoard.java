package org.deuterium.replica;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.deuterium.coordinator.Coordinator;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionMap;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.replica.host.ReplicaBoard;
import org.deuterium.replica.host.SchemaChangePayload;
import org.deuterium.replica.service.SchemaSource;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The coordinator's board as a host and its leaders use it. */
final class CoordinatedBoard implements ReplicaBoard, SchemaSource, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CoordinatedBoard.class);
    private static final long RETRY_MILLIS = 500;

    private final Coordinator coordinator;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "deuterium-board-writer");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Consumer<PartitionState> reader = state -> {};
    private final GroupReads reads;
    private volatile LogKinds logKinds = new LogKinds(PartitionMap.EMPTY, Map.of());

    CoordinatedBoard(Coordinator coordinator) {
        this.coordinator = coordinator;
        this.reads = new GroupReads(coordinator.view()::read, state -> reader.accept(state));
    }

    /** Who is told what a change has led to. */
    void readBackTo(Consumer<PartitionState> host) {
        reader = host;
    }

    @Override
    public void registerStorage(PartitionId partition, StorageId storage) {
        writer.execute(() -> {
            while (!writer.isShutdown()) {
                try {
                    coordinator.membership().registerStorage(partition, storage);
                    return;
                } catch (CoordinatorException e) {
                    LOG.warn("cannot register the directory of {} yet: {}", partition, e.getMessage());
                    pause();
                }
            }
        });
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The map changes seldom and is asked for with each transaction, so the answer is kept beside it. */
    @Override
    public LogKind logKind(PartitionId partition) {
        PartitionMap map = coordinator.view().partitionMap();
        LogKinds known = logKinds;
        if (known.of != map) {
            known = new LogKinds(map, new ConcurrentHashMap<>());
            logKinds = known;
        }
        LogKind kind = known.kinds.get(partition);
        if (kind == null) {
            @Nullable PartitionSet set = map.setOf(partition);
            kind = set == null ? LogKind.DEFAULT : set.logKind();
            known.kinds.put(partition, kind);
        }
        return kind;
    }

    /** What one picture of the partition map says. */
    private record LogKinds(PartitionMap of, Map<PartitionId, LogKind> kinds) {}

    @Override
    public void compareAndSet(ReplicaGroup changed) {
        coordinator.view().compareAndSet(changed).thenRun(() -> reads.read(changed.partition()));
    }

    @Override
    public boolean isReached() {
        return coordinator.view().isConnected();
    }

    @Override
    public long decidedVersion() {
        return coordinator.schemaLog().version();
    }

    @Override
    public List<SchemaChangePayload> changesAfter(long version) {
        return coordinator.schemaLog().changesAfter(version).stream()
                .map(change -> new SchemaChangePayload(change.version(), change.partitionSql()))
                .toList();
    }

    @Override
    public boolean isProposed(long version) {
        @Nullable SchemaProposal proposal = coordinator.schemaLog().proposal();
        return proposal != null && proposal.change().version() == version;
    }

    @Override
    public void close() {
        writer.shutdownNow();
    }
}
