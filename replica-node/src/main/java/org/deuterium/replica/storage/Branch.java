package org.deuterium.replica.storage;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.Failure;

/**
 * A transaction at the leader: one open H2 transaction in a pooled session. One thread at a time, except
 * {@link #cancel}. It ends with {@link #commit} or {@link #rollback}, and is of no use afterwards.
 */
public final class Branch {

    public TransactionId transaction() {
        throw new UnsupportedOperationException();
    }

    /**
     * Runs a statement (or a batch: its rows are statements of their own, a failing one does not stop the others).
     *
     * @param lockWindowMillis how long H2 may wait for a lock with the gate held: 0 inline, 10 to 20 in a worker
     */
    public StatementResult execute(ExecuteInBranch statement, int lockWindowMillis) {
        throw new UnsupportedOperationException();
    }

    /** Goes on with the statement that answered LOCKED or NEEDS_SEQUENCE_BLOCK, from the row of its batch it was at. */
    public StatementResult resume(int lockWindowMillis) {
        throw new UnsupportedOperationException();
    }

    /** The statement's failure when the wait is given up: ends it (a batch goes on with its next row). */
    public StatementResult giveUp(Failure failure, int lockWindowMillis) {
        throw new UnsupportedOperationException();
    }

    /** False if the transaction has written and locked nothing: then it can be rolled back without a log entry. */
    public boolean hasChanges() {
        throw new UnsupportedOperationException();
    }

    /**
     * The exact net write set, as an entry's payload; empty if nothing changed (roll back then). After it only
     * {@link #commit} and {@link #rollback} follow.
     */
    public byte[] capture() {
        throw new UnsupportedOperationException();
    }

    /** Commits in H2 as the entry at {@code index}; in log order, by the partition's applier. */
    public void commit(LogIndex index, Term term) {
        throw new UnsupportedOperationException();
    }

    public void rollback() {
        throw new UnsupportedOperationException();
    }

    /** Stops the statement that runs now, from another thread; it answers 57014. */
    public void cancel() {
        throw new UnsupportedOperationException();
    }
}
