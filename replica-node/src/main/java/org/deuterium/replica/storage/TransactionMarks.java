package org.deuterium.replica.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.tx.Transaction;

/**
 * Two marks on H2's transactions that do not go with short waits, since H2 expects a waiter to wait until the end.
 *
 * <p><b>Victim.</b> A waiter that sees a circle of waiters marks the youngest of them ROLLING_BACK and expects it to
 * notice in its wait. Ours has often given up waiting by then: H2 would fail its next step with an internal error, and
 * its commit too.
 *
 * <p><b>Has rolled back.</b> A transaction that ever undid a statement never lets anybody wait for it again: waiters
 * spin, whatever their timeout, until it ends. In the gate that is a deadlock: the spinning statement keeps a checkpoint
 * out, and the checkpoint keeps the commit out that the statement spins for.
 */
final class TransactionMarks {

    /** "Transaction was illegally transitioned from CLOSED to ROLLING_BACK" */
    private static final String FROM = "illegally transitioned from ";

    private static final String TO_VICTIM = " to ROLLING_BACK";

    private static final int ROLLING_BACK = 4;
    private static final int STATUS_SHIFT = 41;
    private static final long STATUS_MASK = 15;
    private static final long HAS_ROLLED_BACK = 1L << 45;
    private static final VarHandle STATE = stateOfTransactions();

    private TransactionMarks() {}

    private static VarHandle stateOfTransactions() {
        try {
            return MethodHandles.privateLookupIn(Transaction.class, MethodHandles.lookup())
                    .findVarHandle(Transaction.class, "statusAndLogId", AtomicLong.class);
        } catch (ReflectiveOperationException e) {
            throw new StorageFailedException(
                    "this H2 version has no Transaction.statusAndLogId; use the version pinned", e);
        }
    }

    private static AtomicLong state(SessionLocal session) {
        return (AtomicLong) STATE.get(session.getTransaction());
    }

    /** Whether H2 has made the session's transaction a deadlock's victim. */
    static boolean isVictim(SessionLocal session) {
        return ((state(session).get() >>> STATUS_SHIFT) & STATUS_MASK) == ROLLING_BACK;
    }

    /**
     * Spares a transaction that waits for nobody: its statement got its locks after all, or the log has already decided
     * it. Nothing else of a victim is changed by its being one.
     */
    static void spare(SessionLocal session) {
        AtomicLong state = state(session);
        long value = state.get();
        while (((value >>> STATUS_SHIFT) & STATUS_MASK) == ROLLING_BACK) {
            long open = value - ((long) (ROLLING_BACK - Transaction.STATUS_OPEN) << STATUS_SHIFT);
            if (state.compareAndSet(value, open)) {
                return;
            }
            value = state.get();
        }
    }

    /**
     * Whether a statement failed because two have closed the same circle at the same moment, and the other one was first to
     * make a victim of its youngest. H2 knows no such failure; whoever gets it is in a deadlock, too.
     */
    static boolean isVictimTaken(DbException exception) {
        return cannotBeVictim(exception).startsWith(FROM + "ROLLING_BACK");
    }

    /**
     * Whether a statement failed because the youngest of a circle had ended in the moment when it was to become the victim.
     * Then there is no circle any more, and whoever gets this goes on waiting.
     */
    static boolean isVictimGone(DbException exception) {
        String from = cannotBeVictim(exception);
        return !from.isEmpty() && !from.startsWith(FROM + "ROLLING_BACK");
    }

    /** What state somebody was in who cannot become a victim from there; empty if the statement failed of something else. */
    private static String cannotBeVictim(DbException exception) {
        for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
            if (cause instanceof MVStoreException inside) {
                String message = String.valueOf(inside.getMessage());
                return inside.getErrorCode() == DataUtils.ERROR_TRANSACTION_ILLEGAL_STATE && message.contains(TO_VICTIM)
                        ? message.substring(message.indexOf(FROM))
                        : "";
            }
        }
        return "";
    }

    /** Lets others wait for this transaction, and time out, although it has undone a statement. */
    static void forgetRollback(SessionLocal session) {
        AtomicLong state = state(session);
        if ((state.get() & HAS_ROLLED_BACK) != 0) {
            state.getAndUpdate(value -> value & ~HAS_ROLLED_BACK);
        }
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
