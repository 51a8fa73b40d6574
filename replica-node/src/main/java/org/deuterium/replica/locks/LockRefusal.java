package org.deuterium.replica.locks;

import org.deuterium.wire.TransactionId;

/**
 * Why a table cannot be locked now.
 *
 * @param table its name
 * @param holder the oldest transaction that must end before
 * @param victim the transaction to be rolled back, since it waits with others in a circle; {@link TransactionId#NONE} if no
 *     circle is known
 */
public record LockRefusal(String table, TransactionId holder, TransactionId victim) {

    /** True if transactions wait for each other in a circle. */
    public boolean isDeadlock() {
        return !victim.equals(TransactionId.NONE);
    }
}
