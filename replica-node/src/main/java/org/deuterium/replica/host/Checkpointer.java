package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.log.PartitionLog;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.StorageFailedException;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the databases of the replicas from time to time, says so in the log, and deletes what of the log is then no
 * longer needed. Partitions where nothing happens are checkpointed too when they alone keep an old segment.
 */
final class Checkpointer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);
    private static final long LOOK_MILLIS = 500;

    private final HostServices services;
    private final ScheduledExecutorService thread;
    private final Map<PartitionHost, Long> lastCheckpoint = new HashMap<>();
    private final FileScrubber scrubber;

    /** Loop only: partitions that keep the oldest segment of the log. */
    private Set<PartitionId> keepers = new HashSet<>();

    Checkpointer(HostServices services) {
        this.services = services;
        this.scrubber = new FileScrubber(
                services.settings().scrubBytesPerSecond(), LOOK_MILLIS, (host, e) -> failed(host, host.storage(), e));
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread created = new Thread(task, "deuterium-checkpointer-" + services.node());
            created.setDaemon(true);
            return created;
        });
    }

    void start() {
        thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Asks the loop which replicas there are; it answers with {@link #checkpointThose}. */
    private void look() {
        services.loop().submit(now -> {
            List<PartitionHost> candidates = new ArrayList<>();
            for (PartitionHost host : services.hosts()) {
                if (!host.isInstalling() && host.stuckWords() == null) {
                    candidates.add(host);
                }
            }
            if (candidates.isEmpty()) {
                return; // also when the node is stopping, and this one's thread has ended
            }
            Set<PartitionId> pressing = keepers;
            keepers = new HashSet<>();
            thread.execute(() -> checkpointThose(candidates, pressing));
        });
    }

    private void checkpointThose(List<PartitionHost> hosts, Set<PartitionId> pressing) {
        lastCheckpoint.keySet().retainAll(hosts);
        scrubber.look(hosts);
        for (PartitionHost host : hosts) {
            H2Storage storage = host.storage();
            String damage = storage.damage();
            if (damage != null) {
                failed(host, storage, new StorageFailedException(damage));
            }
        }
        long now = services.loop().nowMillis();
        long unstored = 0;
        for (PartitionHost host : hosts) {
            unstored += host.storage().unstoredBytes();
        }
        List<PartitionHost> fullestFirst = new ArrayList<>(hosts);
        fullestFirst.sort(
                Comparator.comparingLong((PartitionHost host) -> host.storage().unstoredBytes())
                        .reversed());
        for (PartitionHost host : fullestFirst) {
            long last = lastCheckpoint.computeIfAbsent(host, h -> now);
            boolean overBudget = unstored > services.settings().checkpointBytes();
            if (overBudget || isOld(host, now - last) || pressing.contains(host.partition())) {
                unstored -= host.storage().unstoredBytes();
                lastCheckpoint.put(host, now);
                checkpoint(host);
            }
        }
    }

    private boolean isOld(PartitionHost host, long sinceMillis) {
        H2Storage storage = host.storage();
        return sinceMillis >= services.settings().checkpointMillis()
                && storage.appliedIndex().isAfter(storage.checkpointedIndex());
    }

    private void checkpoint(PartitionHost host) {
        H2Storage storage = host.storage();
        try {
            LogIndex index = storage.checkpoint();
            services.loop().submit(now -> checkpointed(host, storage, index));
        } catch (RuntimeException e) {
            failed(host, storage, e);
        }
    }

    private void failed(PartitionHost host, H2Storage storage, RuntimeException cause) {
        services.loop().submit(now -> {
            if (!host.isInstalling() && host.storage() == storage) { // else a snapshot takes its place
                host.storageFailed(cause);
            }
        });
    }

    private void checkpointed(PartitionHost host, H2Storage storage, LogIndex index) {
        if (host.isClosed() || host.storage() != storage) {
            return;
        }
        @Nullable PartitionLog log = services.log().partition(host.partition());
        @Nullable Term term = log == null ? null : log.termAt(index);
        if (log == null || term == null || !index.isAfter(log.checkpointIndex())) {
            return;
        }
        services.log().checkpoint(host.partition(), index, term);
        LOG.debug("{}: {} is checkpointed up to {}", services.node(), host.partition(), index);
        truncate();
    }

    /**
     * Loop: above the size kept for followers only what is not checkpointed stays, and, while the disk has room, what
     * comes after a snapshot that is being taken.
     */
    private void truncate() {
        long retained = services.settings().retainedLogBytes();
        boolean hasRoom = services.log().mayGrow();
        for (PartitionId keeper :
                services.log().truncate(2 * retained, hasRoom ? this::neededBySnapshots : this::checkpointed)) {
            if (!hasRoom || services.snapshotNeedsAfter(keeper) == null) {
                keepers.add(keeper);
            }
        }
        services.log().truncate(retained, this::neededByAll);
        for (PartitionHost host : services.hosts()) {
            PartitionLog log = services.log().partition(host.partition());
            if (log != null && !host.isInstalling()) {
                host.core().onLogCut(new LogIndex(log.firstIndex().position() - 1));
            }
        }
    }

    private long checkpointed(PartitionId partition) {
        PartitionLog log = services.log().partition(partition);
        if (log == null) {
            return Long.MAX_VALUE;
        }
        if (services.keepsWholeLog(partition)) {
            return 0;
        }
        long checkpointed = log.checkpointIndex().position() + 1;
        PartitionHost host = services.host(partition);
        if (host != null && host.stuckWords() == null) { // it may have begun anew, before what was once checkpointed
            checkpointed =
                    Math.min(checkpointed, host.storage().checkpointedIndex().position() + 1);
        }
        return host == null
                ? checkpointed
                : Math.min(checkpointed, host.core().mustKeepAfter().position() + 1);
    }

    /** Without what comes after a snapshot the follower that takes it would need another one, and so on for ever. */
    private long neededBySnapshots(PartitionId partition) {
        long needed = checkpointed(partition);
        Long snapshot = services.snapshotNeedsAfter(partition);
        return snapshot == null ? needed : Math.min(needed, snapshot + 1);
    }

    private long neededByAll(PartitionId partition) {
        PartitionHost host = services.host(partition);
        long needed = neededBySnapshots(partition);
        return host == null
                ? needed
                : Math.min(needed, host.core().mayCutThrough().position() + 1);
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("{}: a checkpoint takes longer than 10 seconds; not waiting for it", services.node());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
