package org.deuterium.replica.storage;

import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;

/**
 * Transactions that H2 has chosen as victims of a deadlock behind their back. A waiter that sees a circle of waiters
 * marks the youngest of them ROLLING_BACK and expects it to notice in its wait. With waits as short as ours the victim
 * has often given up waiting by then: H2 would fail its next step with an internal error, and its commit too.
 */
final class DeadlockVictims {

    private static final int ROLLING_BACK = 4;
    private static final int STATUS_SHIFT = 41;
    private static final long STATUS_MASK = 15;

    private DeadlockVictims() {}

    /** Whether the session's transaction is marked; only for a session that runs a transaction. */
    static boolean isMarked(SessionLocal session) {
        return session.getTransaction().getStatus() == ROLLING_BACK;
    }

    /**
     * Takes the mark off a transaction that waits for nobody: its statement got its locks after all, or the log has
     * already decided it. Nothing else of a marked transaction is changed.
     */
    static void unmark(SessionLocal session) {
        Transaction transaction = session.getTransaction();
        if (transaction.getStatus() != ROLLING_BACK) {
            return;
        }
        AtomicLong state = PrivateFields.read(transaction, "statusAndLogId", AtomicLong.class);
        state.getAndUpdate(value -> ((value >>> STATUS_SHIFT) & STATUS_MASK) == ROLLING_BACK
                ? value - ((long) (ROLLING_BACK - Transaction.STATUS_OPEN) << STATUS_SHIFT)
                : value);
    }

    /** Undoes a victim's whole transaction; what its client is told. With the gate entered. */
    static Failure end(SessionLocal session) {
        session.lock();
        try {
            session.rollback();
        } finally {
            session.unlock();
        }
        return Failure.ofTransaction(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                "the transaction was rolled back as the victim of a deadlock; run it again");
    }
}
