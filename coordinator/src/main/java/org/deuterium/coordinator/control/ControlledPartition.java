package org.deuterium.coordinator.control;

import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/** What the controller remembers of one partition between two looks at the view. */
final class ControlledPartition {

    /** A write or an election of this partition is under way. */
    private boolean busy;

    /** The view shows this version at least, or is too old to act on. */
    private int awaitedVersion = -1;

    private long notBeforeNanos = Long.MIN_VALUE;
    private long backoffMillis;
    private Term promised = Term.NONE;
    private @Nullable String lastFailure;
    private long formingSinceNanos = Long.MIN_VALUE;
    private @Nullable VanishedLeader vanished;

    boolean mayAct(int shownVersion, long nowNanos) {
        return !busy && shownVersion >= awaitedVersion && nowNanos >= notBeforeNanos;
    }

    void begin() {
        busy = true;
    }

    /** It went well; what was written has this version. */
    void done(int version) {
        busy = false;
        awaitedVersion = version;
        backoffMillis = 0;
        lastFailure = null;
    }

    /**
     * It did not; the next try comes after a pause that doubles.
     *
     * @return true if this failure is another one than the last, and so worth a line in the log
     */
    boolean failed(String reason, Term laterPromise, ControllerSettings settings, long nowNanos) {
        busy = false;
        promised = promised.isBefore(laterPromise) ? laterPromise : promised;
        backoffMillis = backoffMillis == 0
                ? settings.firstBackoffMillis()
                : Math.min(2 * backoffMillis, settings.longestBackoffMillis());
        notBeforeNanos = nowNanos + backoffMillis * 1_000_000;
        boolean isNew = !reason.equals(lastFailure);
        lastFailure = reason;
        return isNew;
    }

    /**
     * Nothing was tried, because something is missing that an event will tell of.
     *
     * @return true if it is worth a line in the log
     */
    boolean waiting(String reason) {
        boolean isNew = !reason.equals(lastFailure);
        lastFailure = reason;
        return isNew;
    }

    Term promised() {
        return promised;
    }

    /** How long the partition has been waiting for its directories. */
    long formingMillis(long nowNanos) {
        if (formingSinceNanos == Long.MIN_VALUE) {
            formingSinceNanos = nowNanos;
        }
        return (nowNanos - formingSinceNanos) / 1_000_000;
    }

    /** The leader of this term that has vanished from the board, if it was noticed before. */
    @Nullable
    VanishedLeader vanished(Term term) {
        VanishedLeader known = vanished;
        return known != null && known.term().equals(term) ? known : null;
    }

    /** The leader is gone (or, with null, is there). */
    void remember(@Nullable VanishedLeader leader) {
        vanished = leader;
    }
}
