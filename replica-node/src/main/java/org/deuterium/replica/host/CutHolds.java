package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.HybridClock;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The consistent cuts a leader is making (docs/transactions.md). While there is one, entries after it stay out of H2. It
 * is open when H2 shows every entry up to it, and, of the transactions prepared up to it, those that are committed with a
 * timestamp up to it: their DECISIONs, which come later in the log, are looked for among the entries held back.
 *
 * <p>The loop adds cuts, the applier opens them, in the order of their timestamps; whoever is first ends one.
 */
final class CutHolds {

    /** A router that lives decides in milliseconds; whoever waits for a dead one must not hold the others up. */
    static final long HOLD_MILLIS = 100;

    private static final long NONE = Long.MAX_VALUE;

    private final PartitionId partition;
    private final Executor background;

    /** By timestamp, and so by their last entries too. */
    private final List<PartitionCut> cuts = new ArrayList<>();

    private volatile long limit = NONE;
    private volatile long latestMillis;

    /** Applier only: shown in H2, with their place in the log still to come. */
    private final Set<TransactionId> shownAhead = new HashSet<>();

    /** Applier only: no cut before this can be opened any more. */
    private Timestamp passed = Timestamp.ZERO;

    CutHolds(PartitionId partition, Executor background) {
        this.partition = partition;
        this.background = background;
    }

    /** Any thread: true while entries may be held back. */
    boolean any() {
        return limit != NONE;
    }

    /** Any thread: true while the next leader, by its clock, might give timestamps before those of cuts made here. */
    boolean isAheadOf(long nowMillis) {
        return nowMillis <= latestMillis;
    }

    /** Any thread: true if H2 must not show this entry yet. */
    boolean holds(LogEntry entry) {
        return entry.index().position() > limit;
    }

    /**
     * Loop: makes a cut, unless the log has gone past it; later entries get later timestamps by {@code own}.
     *
     * @param core null if the replica does not serve
     * @param lastAppended the log's last entry, durable or not
     */
    void add(
            Timestamp at,
            @Nullable PartitionReplica core,
            long lastAppended,
            OwnEntries own,
            long nowMillis,
            CutListener listener) {
        if (core == null) {
            refuse(listener);
        } else if (HybridClock.isTooFarAhead(at, nowMillis)) {
            tell(
                    listener,
                    Failure.of(
                            ErrorCode.CLOCK_AHEAD,
                            "The clock of another node is " + (at.millis() - nowMillis)
                                    + " ms ahead of that of the leader of " + partition + ", more than the "
                                    + HybridClock.MAX_AHEAD_MILLIS
                                    + " ms that are allowed; set the clocks of the machines (NTP)"));
        } else if (core.lastTimestamp().compareTo(at) > 0) {
            tell(listener, missed(core.lastTimestamp(), "has entries after the moment asked for"));
        } else if (at.millis() + HybridClock.MAX_SKEW_MILLIS >= core.leaseUntilMillis()) {
            tell(
                    listener,
                    missed(Timestamp.ZERO, "has a leader whose lease is not long enough for the moment asked for"));
        } else {
            own.after(at);
            latestMillis = Math.max(latestMillis, at.millis());
            insert(new PartitionCut(at, new LogIndex(lastAppended), nowMillis + HOLD_MILLIS, listener));
        }
    }

    private synchronized void insert(PartitionCut cut) {
        int place = cuts.size();
        while (place > 0 && cuts.get(place - 1).at().compareTo(cut.at()) > 0) {
            place--;
        }
        cuts.add(place, cut);
        setLimit();
    }

    private void setLimit() {
        limit = cuts.isEmpty() ? NONE : cuts.get(0).last().position();
    }

    private synchronized @Nullable PartitionCut first() {
        return cuts.isEmpty() ? null : cuts.get(0);
    }

    private synchronized boolean remove(PartitionCut cut) {
        boolean there = cuts.remove(cut);
        setLimit();
        return there;
    }

    /**
     * Applier: opens what can be opened.
     *
     * @param held the entries that wait, in order
     * @return true if the next ones may be taken
     */
    boolean look(H2Storage storage, ShownPosition shown, Iterable<PartitionApplier.Step> held) {
        boolean moved = false;
        PartitionCut cut = first();
        while (cut != null && !cut.last().isAfter(shown.leastIndex())) {
            if (cut.at().compareTo(passed) < 0) {
                if (remove(cut)) {
                    tell(cut.listener(), missed(passed, "has shown a commit after the moment asked for"));
                }
            } else if (!isDecided(cut, storage, shown, held)) {
                return moved;
            } else if (remove(cut)) {
                cut.listener().opened();
            }
            moved = true;
            cut = first();
        }
        return moved;
    }

    private boolean isDecided(
            PartitionCut cut, H2Storage storage, ShownPosition shown, Iterable<PartitionApplier.Step> held) {
        Set<TransactionId> undecided = cut.undecided(storage, shownAhead);
        for (PartitionApplier.Step step : held) {
            LogEntry entry = step.entry();
            PendingEntry local = step.local();
            if (entry == null || local == null || !cut.looksAt(entry.index())) {
                continue;
            }
            boolean decision = entry.kind() == EntryKind.DECISION;
            if (decision && shownAhead.contains(entry.transaction())) {
                continue;
            }
            if (decision) {
                shown.mayShow(entry); // before statements can see it
            }
            if (local.heldByCut(entry, cut.at())) {
                shownAhead.add(entry.transaction());
                passed = passed.max(cut.at());
            }
            if (decision) {
                undecided.remove(entry.transaction());
            }
        }
        return undecided.isEmpty();
    }

    /** Applier: this entry's turn has come. */
    void taken(LogEntry entry) {
        if (!shownAhead.isEmpty() && entry.kind() == EntryKind.DECISION) {
            shownAhead.remove(entry.transaction());
        }
    }

    /** Loop: true if some had waited too long, so that the applier may go on. */
    boolean expire(long nowMillis) {
        List<PartitionCut> late = new ArrayList<>(0);
        synchronized (this) {
            cuts.removeIf(cut -> cut.deadlineMillis() <= nowMillis && late.add(cut));
            setLimit();
        }
        late.forEach(cut -> tell(
                cut.listener(),
                missed(
                        Timestamp.ZERO,
                        "could not show the moment asked for in " + HOLD_MILLIS
                                + " ms: a transaction over several partitions is undecided, or the log is slow")));
        return !late.isEmpty();
    }

    /** Loop: the replica does not lead. */
    void refuse(CutListener listener) {
        tell(
                listener,
                Failure.of(
                        ErrorCode.NOT_LEADER, "This node does not lead partition " + partition + "; ask its leader"));
    }

    /** Loop: the replica no longer leads, or ends. */
    void cancel() {
        List<PartitionCut> all;
        synchronized (this) {
            all = List.copyOf(cuts);
            cuts.clear();
            setLimit();
        }
        all.forEach(cut -> refuse(cut.listener()));
    }

    private Message missed(Timestamp seen, String why) {
        return new PositionedAnswer(
                LogIndex.NONE, seen, Failure.of(ErrorCode.CUT_MISSED, "Partition " + partition + " " + why));
    }

    private void tell(CutListener listener, Message answer) {
        background.execute(() -> listener.missed(answer));
    }
}
