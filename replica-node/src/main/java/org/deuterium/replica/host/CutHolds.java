package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
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
 * The consistent cuts a replica is making (docs/transactions.md). While there is one, entries with later timestamps stay
 * out of H2. It is open when H2 shows every entry up to it, and, of the transactions prepared up to it, those that are
 * committed with a timestamp up to it: their DECISIONs, which come later in the log, are looked for among the entries held
 * back. A leader knows the last entry up to the cut at once; a follower asks it, or sees a later entry.
 *
 * <p>The loop adds cuts, the applier opens them, in the order of their timestamps; whoever is first ends one.
 */
final class CutHolds {

    /** At most. A router that lives decides in milliseconds; whoever waits for a dead one must not hold the others up. */
    static final long HOLD_MILLIS = 100;

    /** Compared without sign: after every timestamp. */
    private static final long NONE = -1;

    private final PartitionId partition;
    private final Executor background;
    private final LongSupplier wallClock;

    /** By timestamp, and so by their last entries too. */
    private final List<PartitionCut> cuts = new ArrayList<>();

    /** The timestamp of the first cut. */
    private volatile long limit = NONE;

    /** Loop only: entries that leaders append from now on, this or later ones, come after it. */
    private Timestamp closed = Timestamp.ZERO;

    /** Applier only: shown in H2, with their place in the log still to come. */
    private final Set<TransactionId> shownAhead = new HashSet<>();

    /** Applier only: no cut before this can be opened any more. */
    private Timestamp passed = Timestamp.ZERO;

    /** @param wallClock the machine's clock: moments are of it, and it may step */
    CutHolds(PartitionId partition, Executor background, LongSupplier wallClock) {
        this.wallClock = wallClock;
        this.partition = partition;
        this.background = background;
    }

    /** Any thread: true while entries may be held back. */
    boolean any() {
        return limit != NONE;
    }

    /** Any thread: true if H2 must not show this entry yet. */
    boolean holds(LogEntry entry) {
        return Long.compareUnsigned(entry.timestamp().value(), limit) > 0;
    }

    /**
     * Loop: makes a cut at the leader, unless the log has gone past it and it is not held.
     *
     * @param core null if the replica does not serve
     */
    void add(Timestamp at, @Nullable PartitionReplica core, OwnEntries own, long nowMillis, CutListener listener) {
        PartitionCut held = core == null ? null : onlyHeld(at);
        if (held != null) {
            held.askedBy(listener);
            return;
        }
        Message refusal = make(at, core, own, nowMillis, listener);
        if (refusal != null) {
            tell(listener, refusal);
        }
    }

    /**
     * Loop: as {@link #add}, but it opens only when that asks for it; until then, or until it is let go or too late, nothing of
     * after it is shown.
     *
     * @return null, or why not
     */
    @Nullable
    Message hold(Timestamp at, @Nullable PartitionReplica core, OwnEntries own, long nowMillis) {
        return make(at, core, own, nowMillis, null);
    }

    private @Nullable Message make(
            Timestamp at,
            @Nullable PartitionReplica core,
            OwnEntries own,
            long nowMillis,
            @Nullable CutListener listener) {
        if (core != null && core.lastTimestamp().compareTo(at) > 0) {
            return missed(core.lastTimestamp(), "has entries after the moment asked for");
        }
        Message refusal = close(at, core, own, nowMillis);
        if (refusal == null && core != null) { // else it was refused
            insert(new PartitionCut(at, core.lastIndex(), nowMillis + HOLD_MILLIS, listener));
        }
        return refusal;
    }

    /** One that nobody has asked for yet; two routers may have named the same moment. */
    private synchronized @Nullable PartitionCut onlyHeld(Timestamp at) {
        for (PartitionCut cut : cuts) {
            if (cut.listener() == null && cut.at().equals(at)) {
                return cut;
            }
        }
        return null;
    }

    /** Loop: nobody will ask for it; true if the applier may go on. */
    boolean letGo(Timestamp at) {
        PartitionCut held = onlyHeld(at);
        return held != null && remove(held);
    }

    /**
     * Loop: makes a cut at a follower; {@link #closed} or a later entry says when it shows all up to there.
     *
     * @param untilMillis when it is given up; or earlier, after it has held entries back for {@link #HOLD_MILLIS}
     */
    void addAtFollower(Timestamp at, long untilMillis, CutListener listener) {
        insert(new PartitionCut(at, null, untilMillis, listener));
    }

    /**
     * Loop, at the leader: all entries from now on get timestamps after this moment. Those of later leaders too: their
     * clocks have passed it when the lease is over (docs/transactions.md).
     *
     * @param core null if the replica does not serve
     * @return null, or why not
     */
    @Nullable
    Message close(Timestamp at, @Nullable PartitionReplica core, OwnEntries own, long nowMillis) {
        if (core == null) {
            return notLeader();
        }
        long wallMillis = wallClock.getAsLong();
        long aheadMillis = at.millis() - wallMillis;
        if (HybridClock.isTooFarAhead(at, wallMillis)) {
            return Failure.of(
                    ErrorCode.CLOCK_AHEAD,
                    "The moment asked for is " + aheadMillis + " ms ahead of the clock of the leader of " + partition
                            + ", more than the " + HybridClock.MAX_AHEAD_MILLIS + " ms that are allowed: the clock of"
                            + " another node is ahead, or was set back; set the clocks of the machines (NTP)");
        } else if (aheadMillis + HybridClock.MAX_SKEW_MILLIS >= core.leaseUntilMillis() - nowMillis) {
            return missed(Timestamp.ZERO, "has a leader whose lease is not long enough for the moment asked for");
        }
        own.after(at);
        closed = closed.max(at);
        return null;
    }

    /** Loop: the latest moment closed here. */
    Timestamp closed() {
        return closed;
    }

    /** Loop: by the word of a leader every entry after {@code last} is later than {@code at}. */
    synchronized void closed(Timestamp at, LogIndex last) {
        for (PartitionCut cut : cuts) {
            if (cut.at().compareTo(at) <= 0) {
                cut.closedAfter(last);
            }
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
        limit = cuts.isEmpty() ? NONE : cuts.get(0).at().value();
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
        while (cut != null) {
            Timestamp gone = passed.max(shown.inOrderTimestamp());
            CutListener asker = cut.listener();
            if (cut.at().compareTo(gone) < 0) {
                if (remove(cut)) {
                    tell(asker, missed(gone, "has shown a commit after the moment asked for"));
                }
            } else if (!cut.isReached(shown.leastIndex(), firstOf(held))) {
                return moved;
            } else if (!isDecided(cut, storage, shown, held) || asker == null) {
                if (firstOf(held) != null) {
                    cut.holdsUp();
                }
                return moved;
            } else if (remove(cut)) {
                asker.opened();
            }
            moved = true;
            cut = first();
        }
        return moved;
    }

    private static @Nullable LogEntry firstOf(Iterable<PartitionApplier.Step> held) {
        Iterator<PartitionApplier.Step> steps = held.iterator();
        return steps.hasNext() ? steps.next().entry() : null;
    }

    private boolean isDecided(
            PartitionCut cut, H2Storage storage, ShownPosition shown, Iterable<PartitionApplier.Step> held) {
        Set<TransactionId> undecided = cut.undecided(storage, shownAhead);
        for (PartitionApplier.Step step : held) {
            LogEntry entry = step.entry();
            if (entry == null) {
                break; // whoever led here may have to let go of rows first
            }
            boolean decision = entry.kind() == EntryKind.DECISION;
            if (!cut.looksAt(entry.index()) || (decision && shownAhead.contains(entry.transaction()))) {
                continue;
            }
            if (decision) {
                shown.mayShow(entry); // before statements can see it
            }
            PendingEntry local = step.local();
            if (local == null ? decision && shows(storage, entry, cut) : local.heldByCut(entry, cut.at())) {
                shownAhead.add(entry.transaction());
                passed = passed.max(cut.at());
            }
            if (decision) {
                undecided.remove(entry.transaction());
            }
        }
        return undecided.isEmpty();
    }

    /** At a follower: brings in what the decision is about, if it belongs to the cut. */
    private static boolean shows(H2Storage storage, LogEntry decision, PartitionCut cut) {
        return DecisionPayload.commits(decision.payload())
                && DecisionPayload.timestamp(decision.payload()).compareTo(cut.at()) <= 0
                && storage.commitAhead(decision.index(), decision.term(), decision.transaction());
    }

    /** Applier, or nobody while it stands still: another database, in which everything shown is shown in its turn. */
    void databaseReplaced() {
        shownAhead.clear();
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
            cuts.removeIf(cut -> cut.isOver(nowMillis, HOLD_MILLIS) && late.add(cut));
            setLimit();
        }
        late.forEach(cut -> tell(
                cut.listener(),
                missed(
                        Timestamp.ZERO,
                        "could not show the moment asked for in time: a transaction over several partitions is undecided,"
                                + " the log is slow, or a follower does not hear from its leader")));
        return !late.isEmpty();
    }

    /** Loop: the replica cannot make it, because it leads, or does not, or ends. */
    void refuse(CutListener listener) {
        tell(listener, notLeader());
    }

    private Failure notLeader() {
        return Failure.of(
                ErrorCode.NOT_LEADER,
                "This node does not lead partition " + partition + ", or only just; ask its leader");
    }

    /** Loop: the replica's part changes, or it ends. */
    void cancel() {
        List<PartitionCut> all;
        synchronized (this) {
            all = List.copyOf(cuts);
            cuts.clear();
            setLimit();
        }
        all.forEach(cut -> tell(cut.listener(), notLeader()));
    }

    private Message missed(Timestamp seen, String why) {
        return new PositionedAnswer(
                LogIndex.NONE, seen, Failure.of(ErrorCode.CUT_MISSED, "Partition " + partition + " " + why));
    }

    private void tell(@Nullable CutListener listener, Message answer) {
        if (listener != null) {
            background.execute(() -> listener.missed(answer));
        }
    }
}
