package org.deuterium.replica.storage;

import java.util.Collection;
import java.util.List;
import org.deuterium.replica.locks.LockRefusal;
import org.deuterium.replica.locks.TableLocks;
import org.deuterium.replica.locks.TableWish;
import org.deuterium.replica.locks.TransactionLocks;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Failure;
import org.h2.mvstore.db.MVTable;
import org.jspecify.annotations.Nullable;

/** The table locks of one branch: taken before each of its statements runs, held until it has ended in H2. */
final class BranchTables {

    private final TableLocks all;
    private final TransactionId transaction;
    private final boolean serializable;
    private @Nullable TransactionLocks own;

    BranchTables(TableLocks all, TransactionId transaction, boolean serializable) {
        this.all = all;
        this.transaction = transaction;
        this.serializable = serializable;
    }

    private TransactionLocks own() {
        TransactionLocks held = own;
        if (held == null) {
            own = held = all.begin(transaction);
        }
        return held;
    }

    boolean isSerializable() {
        return serializable;
    }

    /** Null if the statement has all the tables it needs; else what is to be done about it, before it is run. */
    @Nullable
    StatementResult lock(StatementRun statement) {
        StatementTables tables = statement.cached().tables();
        List<TableWish> wishes = serializable ? tables.ofSerializable() : tables.ofWriter();
        if (wishes.isEmpty()) {
            return null;
        }
        LockRefusal refusal = own().take(wishes);
        if (refusal == null) {
            return null;
        }
        if (refusal.victim().equals(transaction)) {
            return StatementResult.answered(deadlock(transaction, "table " + refusal.table()));
        }
        if (!statement.cached().waitsForLocks()) {
            own().withdraw();
            return StatementResult.answered(Failure.of(
                    ErrorCode.LOCK_TIMEOUT,
                    "Timeout: transaction " + refusal.holder() + " holds table " + refusal.table()
                            + ", and the statement says NOWAIT"));
        }
        return StatementResult.locked(
                new StatementResult.HeldRow("table " + refusal.table(), 0, refusal.holder(), refusal.victim()));
    }

    /** What the victim of a circle is told. */
    static Failure deadlock(TransactionId victim, String what) {
        return Failure.ofTransaction(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                "Deadlock: transaction " + victim
                        + " was rolled back as the youngest of those that wait for each other at" + " " + what
                        + "; run it again");
    }

    /** A prepared transaction has its intents again; before the leader serves, so nobody can be in its way. */
    void retake(Collection<MVTable> changed) {
        for (MVTable table : changed) {
            List<TableWish> wish = List.of(new TableWish(all.of(StatementTables.nameOf(table)), false, true));
            if (own().take(wish) != null) {
                throw new StorageFailedException("table " + StatementTables.nameOf(table)
                        + " is read at SERIALIZABLE before prepared transaction " + transaction + " is open again");
            }
        }
    }

    boolean holdsAny() {
        TransactionLocks held = own;
        return held != null && held.holdsAny();
    }

    /** The statement that waited, if one did, does not any more. */
    void withdraw() {
        TransactionLocks held = own;
        if (held != null) {
            held.withdraw();
        }
    }

    void end() {
        TransactionLocks held = own;
        if (held != null) {
            held.end();
        }
    }
}
