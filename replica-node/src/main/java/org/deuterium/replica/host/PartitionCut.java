package org.deuterium.replica.host;

import java.util.HashSet;
import java.util.Set;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.PreparedTransaction;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.jspecify.annotations.Nullable;

/** One consistent cut that a partition is asked for. */
final class PartitionCut {

    private final Timestamp at;
    private final LogIndex last;
    private final long deadlineMillis;
    private final CutListener listener;

    /** Applier only: prepared up to the cut, and nobody has heard what became of them; null before H2 has come there. */
    private @Nullable Set<TransactionId> undecided;

    /** Applier only: entries behind the cut up to here have been looked at. */
    private long looked;

    /** @param last the last entry with a timestamp up to {@code at} */
    PartitionCut(Timestamp at, LogIndex last, long deadlineMillis, CutListener listener) {
        this.at = at;
        this.last = last;
        this.deadlineMillis = deadlineMillis;
        this.listener = listener;
        this.looked = last.position();
    }

    Timestamp at() {
        return at;
    }

    LogIndex last() {
        return last;
    }

    long deadlineMillis() {
        return deadlineMillis;
    }

    CutListener listener() {
        return listener;
    }

    /** Applier, when H2 shows everything up to {@link #last}: the transactions that are to be decided first. */
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
