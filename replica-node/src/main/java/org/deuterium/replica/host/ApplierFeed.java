package org.deuterium.replica.host;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what is committed to one replica's applier, in log order, as long as not too much waits there; and hears how far
 * H2 is. After a failure of H2 it stands still until there is another database, with an applier of its own. Belongs to the
 * node loop, but for the methods that say otherwise.
 */
final class ApplierFeed {

    private static final Logger LOG = LoggerFactory.getLogger(ApplierFeed.class);
    private final PartitionHost host;
    private final HostServices services;
    private final PartitionReplica core;
    private final OwnEntries own;
    private final ShownPosition shown;
    private final CutHolds cuts;
    private final LeaderDuties duties;
    private final Runnable workOnTheLoop = this::workOnTheLoop;
    private volatile PartitionApplier applier;
    private long committed;
    private long handedOver;
    private long backlogBytes;
    private @Nullable LogIndex stepDownAfter;
    private boolean serveQueued;
    private boolean stopped;

    /** Another database is about to be put in place: what is handed over now would meet that one, which may show it already. */
    private boolean replacing;

    private CompletableFuture<Void> released = CompletableFuture.completedFuture(null);

    ApplierFeed(
            PartitionHost host,
            HostServices services,
            PartitionReplica core,
            OwnEntries own,
            ShownPosition shown,
            CutHolds cuts,
            LeaderDuties duties,
            H2Storage storage) {
        this.host = host;
        this.services = services;
        this.core = core;
        this.own = own;
        this.shown = shown;
        this.cuts = cuts;
        this.duties = duties;
        this.committed = core.appliedIndex().position();
        this.handedOver = committed;
        this.applier = newApplier(storage);
    }

    private PartitionApplier newApplier(H2Storage storage) {
        return new PartitionApplier(services.applierPool(), storage, shown, cuts, duties, new Reports());
    }

    /** Any thread. */
    PartitionApplier applier() {
        return applier;
    }

    /** Everything up to here is committed. */
    void committed(LogIndex index) {
        if (index.position() > committed) {
            committed = index.position();
            feed();
        }
    }

    /** The part of the replica changed: who served before does so no more once what is committed up to here is applied. */
    void roleChanged(@Nullable LogIndex lost) {
        serveQueued = false;
        if (lost != null && !stopped) {
            if (stepDownAfter == null) {
                stepDownAfter = lost;
            }
            feed();
        }
    }

    /** Hands over what can be. */
    void feed() {
        while (!stopped && !replacing) {
            LogIndex pause = stepDownAfter;
            if (pause != null && handedOver >= pause.position()) {
                stepDownAfter = null;
                applier.add(duties::stepDown);
                continue;
            }
            long until = pause == null ? committed : Math.min(committed, pause.position());
            if (handedOver >= until || backlogBytes >= services.settings().backlogBytes()) {
                break;
            }
            OwnEntry mine = own.first();
            if (mine != null && mine.index() == handedOver + 1) {
                own.removeFirst();
                handOver(mine.entry(), mine.pending());
            } else {
                long before = mine == null ? until : Math.min(until, mine.index() - 1);
                if (!handOverFromLog(before)) {
                    break;
                }
            }
        }
        if (core.isLeader()) {
            applier.workOnTheLoop(); // a client waits
        } else {
            services.loop().lastOfTurn(workOnTheLoop); // the leader waits, for the fsync
        }
    }

    private void workOnTheLoop() {
        applier.workOnTheLoop();
    }

    /** True if anything was. */
    private boolean handOverFromLog(long until) {
        List<LogEntry> entries = services.readLog(
                host, new LogIndex(handedOver + 1), services.settings().backlogBytes() / 4);
        long before = handedOver;
        for (int i = 0; i < entries.size() && handedOver < until; i++) {
            handOver(entries.get(i), null);
        }
        return handedOver > before;
    }

    private void handOver(LogEntry entry, @Nullable PendingEntry local) {
        applier.add(entry, local);
        handedOver++;
        backlogBytes += entry.payload().length;
    }

    private void onApplied(LogIndex index, long bytes) {
        backlogBytes -= bytes;
        core.onApplied(index);
        if (!serveQueued && core.isServing()) {
            serveQueued = true;
            Term term = core.term();
            applier.add(() -> host.serve(term));
        }
        feed();
    }

    /**
     * Nothing more is applied; transactions that wait there have an unknown outcome.
     *
     * @return done when the step under way has ended, too
     */
    CompletableFuture<Void> stop() {
        stopped = true;
        return applier.kill();
    }

    /**
     * Stops, and then closes the database, which failed, as a crash would. Transactions are ended only when the applier is
     * still: a step under way may be adopting those that are prepared.
     */
    void release() {
        H2Storage storage = applier.storage();
        released = stop().thenRunAsync(
                        () -> {
                            try {
                                duties.stepDown();
                                storage.abandon();
                            } catch (RuntimeException | Error e) {
                                LOG.error(
                                        "{} {}: the failed database did not close",
                                        services.node(),
                                        host.partition(),
                                        e);
                            }
                        },
                        services.background());
    }

    /** Done when nobody uses the database any more, after {@link #release}. */
    CompletableFuture<Void> released() {
        return released;
    }

    /**
     * Runs while nothing is applied: between two steps, or after {@link #release} in the background. Nothing is handed over from now
     * on until {@link #restartAt}; if it fails, everything stands still anyway.
     */
    void whenStill(Runnable action) {
        replacing = true;
        if (!stopped) {
            applier.add(action);
            applier.wake();
            return;
        }
        services.background().execute(() -> {
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                services.loop().submit(now -> host.applierFailed(e, now));
            }
        });
    }

    /** Applier, or background after {@link #stop}: another database, none of whose entries is later than {@code latest}. */
    void replaceStorage(H2Storage storage, Timestamp latest) {
        if (stopped) {
            shown.replacing(storage.appliedIndex(), latest);
            cuts.databaseReplaced();
            applier = newApplier(storage);
            shown.replaced(storage.appliedIndex());
        } else {
            applier.replaceStorage(storage, latest);
        }
    }

    /** The database shows everything up to {@code index}, whatever was handed over before. */
    void restartAt(LogIndex index, boolean logWasKept) {
        committed = logWasKept ? Math.max(committed, index.position()) : index.position();
        handedOver = index.position();
        own.passedOver(index);
        replacing = false;
        if (stopped) {
            stopped = false;
            backlogBytes = 0;
            stepDownAfter = null;
        }
    }

    /** The reports of one applier, brought to the loop; those of one that was given up count no more. */
    private final class Reports implements PartitionApplier.Listener {

        private boolean isOfThePresent() {
            return !stopped && !host.isClosed() && applier.reportsTo(this);
        }

        @Override
        public void applied(LogIndex index, long bytes) {
            services.loop().submit(now -> {
                if (isOfThePresent()) {
                    onApplied(index, bytes);
                }
            });
        }

        @Override
        public void abandoned(List<PendingEntry> entries) {
            services.background().execute(() -> entries.forEach(PendingEntry::outcomeUnknown));
        }

        @Override
        public void failed(Throwable cause) {
            services.loop().submit(now -> {
                if (isOfThePresent()) {
                    host.applierFailed(cause, now);
                }
            });
        }
    }
}
