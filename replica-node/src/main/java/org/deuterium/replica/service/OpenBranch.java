package org.deuterium.replica.service;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.deuterium.replica.storage.Branch;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.TransactionStatuses.LockWait;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * One open branch at this replica, and what is being done with it: one thing at a time. Whoever makes it RUNNING may use
 * the H2 session until he makes it something else.
 */
final class OpenBranch {

    /** What is going on in a branch. */
    enum State {
        /** Between two requests of its client. */
        IDLE,
        /** A thread uses its session. */
        RUNNING,
        /** Its statement waits for a lock or for values of a sequence. */
        WAITING,
        /** On its way through the log; only the log decides now. */
        ENDING,
        /** Holds its locks until the transaction is decided in all its partitions; only the log ends it. */
        PREPARED,
        /** Over. */
        ENDED
    }

    private final Branch branch;
    private final Term term;
    private final long openedAtMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    private State state = State.RUNNING;
    private boolean heavy;
    private long undecidedSince;
    private Timestamp preparedAt = Timestamp.ZERO;
    private @Nullable Failure doom;
    private @Nullable BranchStatement waiting;

    /** The text of the last statement, and the statement itself while it is not answered; for people and for the search for deadlocks. */
    private volatile String text = "";

    private volatile @Nullable BranchStatement statement;

    OpenBranch(Branch branch, Term term) {
        this.branch = branch;
        this.term = term;
    }

    Branch branch() {
        return branch;
    }

    Term term() {
        return term;
    }

    TransactionId transaction() {
        return branch.transaction();
    }

    long openedAtMicros() {
        return openedAtMicros;
    }

    /** The branch is RUNNING, for this statement. */
    void runs(BranchStatement begun, String sql) {
        text = sql;
        statement = begun;
    }

    /** The branch is RUNNING, for a statement that waits for nobody. */
    void runs(String sql) {
        text = sql;
    }

    String statement() {
        return text;
    }

    /** What it has waited for, for some time already; null if it does not wait. Its statement may just be trying again. */
    @Nullable
    LockWait lockWait() {
        BranchStatement unanswered = statement;
        return unanswered == null ? null : unanswered.lockWait();
    }

    /** The state, as people are told it: who only tries a lock again is still waiting. */
    String shownState() {
        State now = state();
        BranchStatement unanswered = statement;
        boolean waits = unanswered != null && unanswered.waitsForLock();
        return now == State.RUNNING && waits ? State.WAITING.name() : now.name();
    }

    private synchronized State state() {
        return state;
    }

    /** True if its client is to say what comes next: what it waits for, if for anything, is elsewhere. */
    boolean isIdle() {
        return state() == State.IDLE;
    }

    /** True if it ran statements that may have touched many rows: to end it may take long. */
    synchronized boolean isHeavy() {
        return heavy;
    }

    synchronized void becomesHeavy() {
        heavy = true;
    }

    /** A request begins to use the session; false if another one does. */
    synchronized boolean begin() {
        if (state != State.IDLE) {
            return false;
        }
        state = State.RUNNING;
        return true;
    }

    /** The request is done, the branch stays open; if it is doomed it stays RUNNING, for the caller to roll back. */
    synchronized @Nullable Failure becomeIdle() {
        statement = null;
        if (doom == null) {
            state = State.IDLE;
        }
        return doom;
    }

    /** The statement will go on later; if the branch is doomed it stays RUNNING, for the caller to roll back. */
    synchronized @Nullable Failure becomeWaiting(BranchStatement statement) {
        if (doom == null) {
            state = State.WAITING;
            waiting = statement;
        }
        return doom;
    }

    /** The wait of this statement is over; false if somebody else has ended it. */
    synchronized boolean resume(BranchStatement statement) {
        if (state != State.WAITING || waiting != statement) {
            return false;
        }
        state = State.RUNNING;
        waiting = null;
        return true;
    }

    /** From here on only the log decides; if it is doomed it stays RUNNING, for the caller to roll back. */
    synchronized @Nullable Failure becomeEnding() {
        statement = null;
        if (doom == null) {
            state = State.ENDING;
        }
        return doom;
    }

    /**
     * Its PREPARE is committed.
     *
     * @param timestamp of its PREPARE
     * @param sinceMillis by the MonotonicClock, 0 if nobody is at work on it
     */
    synchronized void becomePrepared(Timestamp timestamp, long sinceMillis) {
        state = State.PREPARED;
        preparedAt = timestamp;
        undecidedSince = sinceMillis;
    }

    synchronized Timestamp preparedAt() {
        return preparedAt;
    }

    synchronized boolean isPrepared() {
        return state == State.PREPARED;
    }

    synchronized boolean isEnding() {
        return state == State.ENDING;
    }

    synchronized long undecidedSince() {
        return undecidedSince;
    }

    synchronized void undecidedSince(long sinceMillis) {
        undecidedSince = sinceMillis;
    }

    /** The leader steps down: the caller rolls the branch back in H2. False if it is not prepared. */
    synchronized boolean releasePrepared() {
        if (state != State.PREPARED) {
            return false;
        }
        state = State.RUNNING;
        return true;
    }

    synchronized void ended() {
        statement = null;
        state = State.ENDED;
    }

    /** Stops the statement that runs, if one does. The session is surely this branch's while the lock is held. */
    synchronized @Nullable BranchStatement cancel() {
        if (state == State.RUNNING) {
            branch.cancel();
        }
        return state == State.WAITING ? waiting : null;
    }

    /** What a doomed branch was found doing. */
    enum Doomed {
        /** Nothing: the caller rolls it back now. */
        IDLE,
        /** Its statement waited: the caller rolls it back and answers the statement. */
        WAITING,
        /** A thread uses it and will roll it back as soon as it has stopped. */
        BUSY,
        /** Too late: the log decides, or it is over. */
        PAST
    }

    /** Makes an end of it, for the reason given. */
    synchronized Doomed doom(Failure reason) {
        switch (state) {
            case IDLE -> {
                state = State.RUNNING;
                return Doomed.IDLE;
            }
            case WAITING -> {
                state = State.RUNNING;
                return Doomed.WAITING;
            }
            case RUNNING -> {
                doom = reason;
                branch.cancel();
                return Doomed.BUSY;
            }
            case ENDING, PREPARED, ENDED -> {
                return Doomed.PAST;
            }
        }
        throw new IllegalStateException("a branch in no state");
    }

    /** After {@link #doom} said WAITING: the statement to answer. */
    synchronized @Nullable BranchStatement takeWaiting() {
        BranchStatement statement = waiting;
        waiting = null;
        return statement;
    }
}
