package org.deuterium.replica.locks;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.TransactionId;
import org.jspecify.annotations.Nullable;

/**
 * The table locks one transaction holds in one partition, until it has ended in H2. Used by the thread that runs its branch;
 * ordered by age, the oldest first.
 */
public final class TransactionLocks implements Comparable<TransactionLocks> {

    private final TableLocks all;
    private final TransactionId transaction;
    private final long begunNanos = System.nanoTime();
    private final List<TableLock> intents = new ArrayList<>(4);
    private final List<TableLock> shared = new ArrayList<>(0);

    /** What it waits for; under the mutex of {@link TableLocks}. */
    @Nullable
    TableWish waiting;

    /** True from when it came to the mutex on: it may stand in a queue. */
    private boolean slow;

    TransactionLocks(TableLocks all, TransactionId transaction) {
        this.all = all;
        this.transaction = transaction;
    }

    public TransactionId transaction() {
        return transaction;
    }

    /** True if others may wait for what it holds. */
    public boolean holdsAny() {
        return !intents.isEmpty() || !shared.isEmpty();
    }

    /** Takes what it does not hold yet, in the order given; null if it has all, else why it has not. Come again then. */
    public @Nullable LockRefusal take(List<TableWish> wishes) {
        for (TableWish wish : wishes) {
            LockRefusal refusal = take(wish);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private @Nullable LockRefusal take(TableWish wish) {
        TableLock table = wish.table();
        boolean needsIntent = wish.intent() && !intents.contains(table);
        boolean needsShared = wish.shared() && !shared.contains(table);
        if (!needsIntent && !needsShared) {
            return null;
        }
        boolean fast = !needsShared && table.intendUnlessRead(this);
        if (!fast) {
            slow = true;
            LockRefusal refusal = all.take(this, wish, !needsShared && table.isNoted(this));
            if (refusal != null) {
                return refusal;
            }
        }
        if (needsIntent) {
            intents.add(table);
        }
        if (needsShared) {
            shared.add(table);
        }
        return null;
    }

    /** What it waited for is not wanted any more. */
    public void withdraw() {
        if (slow) {
            all.withdraw(this);
        }
    }

    /** The transaction has ended in H2; others may go on. */
    public void end() {
        for (TableLock table : intents) {
            table.endIntent(this);
        }
        intents.clear();
        if (slow) {
            all.end(this, shared);
            shared.clear();
        }
    }

    @Override
    public int compareTo(TransactionLocks other) {
        int byAge = Long.compare(begunNanos - other.begunNanos, 0);
        if (byAge != 0) {
            return byAge;
        }
        int byOrigin = Long.compare(transaction.origin(), other.transaction.origin());
        return byOrigin != 0 ? byOrigin : Long.compare(transaction.sequence(), other.transaction.sequence());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return transaction + " with " + intents + " and shared " + shared;
    }
}
