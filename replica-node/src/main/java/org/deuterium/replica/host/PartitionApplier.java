package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.PreparedTransaction;
import org.deuterium.replica.storage.RowsEntry;
import org.deuterium.replica.storage.StatementsEntry;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Brings committed entries of one partition into H2, in log order, one thread at a time: the node loop itself when
 * little waits and nothing of it can block, which spares a change of threads, else one from a small pool. Local
 * transactions commit where they ran; others are applied by their rows, as many as are waiting together.
 */
final class PartitionApplier {

    private static final int ROWS_TOGETHER = 256;
    private static final int STEPS_PER_REPORT = 512;
    private static final int STEPS_ON_THE_LOOP = 64;
    private static final int BRIEF_PAYLOAD_BYTES = 16 << 10;

    /** What an applier reports; called on its thread. */
    interface Listener {

        /** H2 shows everything up to {@code index}; {@code bytes} of payload are no longer waiting. */
        void applied(LogIndex index, long bytes);

        /** These are in the log, but this storage will not say what became of them. */
        void abandoned(List<PendingEntry> entries);

        /** The storage can no longer be trusted. Nothing more is applied. */
        void failed(Throwable cause);
    }

    /** A step in the order of the entries: an entry, or something to be done between two of them. */
    record Step(
            @Nullable LogEntry entry,
            @Nullable PendingEntry local,
            @Nullable Runnable action) {

        boolean isBrief() {
            return entry != null
                    && entry.payload().length <= BRIEF_PAYLOAD_BYTES
                    && (local == null ? entry.kind() == EntryKind.ROWS : local.isBrief());
        }
    }

    private final Executor pool;
    private final Listener listener;
    private final ConcurrentLinkedQueue<Step> steps = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger waitingForThePool = new AtomicInteger();
    private final List<RowsEntry> rows = new ArrayList<>();
    private final Runnable drain = this::drain;
    private final CompletableFuture<Void> still = new CompletableFuture<>();
    private volatile H2Storage storage;
    private volatile LeaderDuties duties;
    private volatile boolean dead;

    /** The last entry that H2 was given, whatever came of it. */
    private volatile long lastTried;

    private volatile boolean held;
    private final ShownPosition shown;
    private final CutHolds cuts;

    /** Something has come that a cut may be waiting for. */
    private volatile boolean cutsNeedALook;

    private @Nullable LogEntry last;
    private @Nullable LogEntry lastOfRows;
    private @Nullable PendingEntry underWay;
    private long bytes;
    private int unreported;

    PartitionApplier(
            Executor pool,
            H2Storage storage,
            ShownPosition shown,
            CutHolds cuts,
            LeaderDuties duties,
            Listener listener) {
        this.pool = pool;
        this.storage = storage;
        this.shown = shown;
        this.cuts = cuts;
        this.duties = duties;
        this.listener = listener;
    }

    H2Storage storage() {
        return storage;
    }

    boolean reportsTo(Listener other) {
        return listener == other;
    }

    /** Any thread: the last entry that was about to be brought into H2. */
    LogIndex lastTried() {
        return new LogIndex(lastTried);
    }

    /** Applier only, as an action: the database was replaced by a snapshot. */
    void replaceStorage(H2Storage other, Timestamp latest) {
        shown.replacing(other.appliedIndex(), latest);
        cuts.databaseReplaced();
        storage = other;
        shown.replaced(other.appliedIndex());
    }

    /** Adds a committed entry; {@code local} if its transaction ran here. {@link #wake} starts the work. */
    void add(LogEntry entry, @Nullable PendingEntry local) {
        add(new Step(entry, local, null));
    }

    /** Adds something to be done between the entries before and after it. */
    void add(Runnable action) {
        add(new Step(null, null, action));
    }

    private void add(Step step) {
        waiting.incrementAndGet();
        if (!step.isBrief()) {
            waitingForThePool.incrementAndGet();
        }
        steps.add(step);
        if (cuts.any()) {
            cutsNeedALook = true;
        }
    }

    /** True if there is anything to do now. */
    private boolean hasWork() {
        if (!cuts.any()) {
            return !steps.isEmpty();
        }
        return cutsNeedALook || mayTake(steps.peek());
    }

    private boolean mayTake(@Nullable Step head) {
        return head != null && (head.entry == null || !cuts.holds(head.entry));
    }

    /** Loop: a cut has come, or gone. */
    void lookAtCuts() {
        cutsNeedALook = true;
        workOnTheLoop();
    }

    /** The next step, unless a cut holds it back: whatever came after the cut is seen after the cut's limit. */
    private @Nullable Step next() {
        return mayTake(steps.peek()) ? poll() : null;
    }

    private @Nullable Step poll() {
        Step step = steps.poll();
        if (step != null) {
            waiting.decrementAndGet();
            if (!step.isBrief()) {
                waitingForThePool.decrementAndGet();
            }
        }
        return step;
    }

    /** Node loop: does what waits right here if that is a matter of microseconds, else wakes the pool. */
    void workOnTheLoop() {
        boolean brief =
                waitingForThePool.get() == 0 && waiting.get() <= STEPS_ON_THE_LOOP && storage.takesWritesAtOnce();
        if (!brief) {
            wake();
        } else if (!dead && !held && hasWork() && scheduled.compareAndSet(false, true)) {
            drain();
        }
    }

    void wake() {
        if (!dead && !held && hasWork() && scheduled.compareAndSet(false, true)) {
            pool.execute(drain);
        }
    }

    /** Takes up no more steps, until told otherwise; those under way are finished. */
    void hold(boolean on) {
        held = on;
        wake();
    }

    /**
     * Applies nothing more; the transactions among the steps that wait have an unknown outcome.
     *
     * @return done when the step under way has ended, too
     */
    CompletableFuture<Void> kill() {
        dead = true;
        abandonSteps();
        standStillIfDead();
        return still;
    }

    /** Whoever is killed while no step is under way takes up none any more: {@link #scheduled} stays true. */
    private void standStillIfDead() {
        if (dead && scheduled.compareAndSet(false, true)) {
            still.complete(null);
        }
    }

    private void abandonSteps() {
        List<PendingEntry> unknown = new ArrayList<>();
        Step step;
        while ((step = poll()) != null) {
            if (step.local != null) {
                unknown.add(step.local);
            }
        }
        if (!unknown.isEmpty()) {
            listener.abandoned(unknown);
        }
    }

    private void drain() {
        try {
            do {
                cutsNeedALook = false;
                Step step;
                while (!dead && !held && (step = next()) != null) {
                    underWay = step.local;
                    take(step);
                }
                underWay = null;
                flushRows();
            } while (cuts.any() && cuts.look(storage, shown, steps));
            report();
        } catch (RuntimeException | Error e) {
            dead = true;
            PendingEntry local = underWay;
            if (local != null) {
                listener.abandoned(List.of(local));
            }
            abandonSteps();
            still.complete(null);
            listener.failed(e);
            return;
        }
        scheduled.set(false);
        standStillIfDead();
        wake(); // something may have come between the last poll and the line above
    }

    private void take(Step step) {
        LogEntry entry = step.entry;
        if (entry == null) {
            flushRows();
            report();
            Objects.requireNonNull(step.action).run();
            return;
        }
        cuts.taken(entry);
        if (step.local != null) {
            flushRows();
            reaching(entry);
            step.local.committed(storage, entry);
            shown.reached(entry);
        } else if (entry.kind() == EntryKind.ROWS) {
            rows.add(new RowsEntry(entry.index(), entry.term(), entry.transaction(), entry.payload()));
            lastOfRows = entry;
            if (rows.size() >= ROWS_TOGETHER) {
                flushRows();
            }
        } else {
            flushRows();
            reaching(entry);
            apply(storage, entry);
            shown.reached(entry);
        }
        last = entry;
        bytes += entry.payload().length;
        if (++unreported >= STEPS_PER_REPORT) {
            flushRows();
            report();
        }
    }

    private void reaching(LogEntry entry) {
        lastTried = entry.index().position();
        shown.reaching(entry);
    }

    private void apply(H2Storage target, LogEntry entry) {
        switch (entry.kind()) {
            case TERM_START -> target.applyNothing(entry.index(), entry.term());
            case SCHEMA_CHANGE -> {
                SchemaChangePayload change = SchemaChangePayload.decode(entry.payload());
                @Nullable
                Failure failure = target.applySchemaChange(entry.index(), entry.term(), change.version(), change.sql());
                duties.schemaApplied(change.version(), failure);
            }
            case SEQUENCE_RESERVE -> {
                SequenceReservePayload reserve = SequenceReservePayload.decode(entry.payload());
                target.applySequenceReservation(entry.index(), entry.term(), reserve.sequence(), reserve.count());
            }
            case PREPARE ->
                target.applyPrepare(
                        entry.index(),
                        entry.term(),
                        PreparedTransaction.decode(entry.transaction(), entry.payload())
                                .at(entry.timestamp()));
            case DECISION ->
                target.applyDecision(
                        entry.index(),
                        entry.term(),
                        entry.transaction(),
                        DecisionPayload.commits(entry.payload()),
                        DecisionPayload.timestamp(entry.payload()));
            case FINISH -> target.applyFinish(entry.index(), entry.term(), FinishPayload.decode(entry.payload()));
            case ABORT -> target.applyAbort(entry.index(), entry.term(), entry.transaction());
            case STATEMENT ->
                target.applyStatements(
                        new StatementsEntry(entry.index(), entry.term(), entry.transaction(), entry.payload()));
            case ROWS -> throw new IllegalStateException("rows are applied together");
        }
    }

    private void flushRows() {
        LogEntry end = lastOfRows;
        if (end != null) {
            reaching(end);
            storage.applyRows(rows);
            shown.reached(end);
            rows.clear();
            lastOfRows = null;
        }
    }

    private void report() {
        LogEntry done = last;
        if (done != null) {
            listener.applied(done.index(), bytes);
            last = null;
            bytes = 0;
            unreported = 0;
        }
    }
}
