package org.deuterium.replica.host;

import java.util.HashSet;
import java.util.Set;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.PreparedTransaction;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** One consistent cut that a partition is asked for. */
final class PartitionCut {

    private final Timestamp at;

    /** Null while the moment is only held. */
    private volatile @Nullable CutListener listener;

    /** Loop only. */
    private long deadlineMillis;

    /** Entries that are committed wait for it. */
    private volatile boolean holdsUp;

    /** No entry after this one has a timestamp up to {@link #at}; null while a follower does not know such an entry. */
    private volatile @Nullable LogIndex last;

    /** Applier only: prepared up to the cut, and nobody has heard what became of them; null before H2 has come there. */
    private @Nullable Set<TransactionId> undecided;

    /** Applier only: entries behind the cut up to here have been looked at. */
    private long looked;

    /**
     * @param last all later entries have timestamps after {@code at}; null if that is to be found out
     * @param listener null if it will be asked for later
     */
    PartitionCut(Timestamp at, @Nullable LogIndex last, long deadlineMillis, @Nullable CutListener listener) {
        this.at = at;
        this.last = last;
        this.deadlineMillis = deadlineMillis;
        this.listener = listener;
    }

    Timestamp at() {
        return at;
    }

    /** The moment is closed: every entry after this one comes later. */
    void closedAfter(LogIndex index) {
        LogIndex known = last;
        if (known == null || known.isAfter(index)) {
            last = index;
        }
    }

    /**
     * Applier: true if H2, which shows nothing after the cut, shows all up to it.
     *
     * @param next the first committed entry that H2 does not show, or null if there is none yet: timestamps rise along the
     *     log, so one after the cut says that all up to the cut come before it
     */
    boolean isReached(LogIndex shown, @Nullable LogEntry next) {
        LogIndex closed = last;
        return (closed != null && !closed.isAfter(shown))
                || (next != null && next.timestamp().compareTo(at) > 0);
    }

    /** Applier: entries behind it wait until it is open, or given up. */
    void holdsUp() {
        holdsUp = true;
    }

    /** Loop: true if it is to be given up. Nobody is held up for longer than {@code holdMillis}. */
    boolean isOver(long nowMillis, long holdMillis) {
        if (holdsUp) {
            deadlineMillis = Math.min(deadlineMillis, nowMillis + holdMillis);
        }
        return deadlineMillis <= nowMillis;
    }

    @Nullable
    CutListener listener() {
        return listener;
    }

    /** Loop: what was only held is asked for. */
    void askedBy(CutListener asker) {
        listener = asker;
    }

    /** Applier, when the cut {@link #isReached}: the transactions that are to be decided first. */
    Set<TransactionId> undecided(H2Storage storage, Set<TransactionId> shownAhead) {
        Set<TransactionId> waiting = undecided;
        if (waiting == null) {
            undecided = waiting = new HashSet<>();
            for (PreparedTransaction prepared : storage.preparedTransactions()) {
                if (!shownAhead.contains(prepared.transaction())) {
                    waiting.add(prepared.transaction());
                }
            }
        }
        return waiting;
    }

    /** Applier: true if this entry behind the cut is looked at for the first time. */
    boolean looksAt(LogIndex index) {
        if (index.position() <= looked) {
            return false;
        }
        looked = index.position();
        return true;
    }
}
