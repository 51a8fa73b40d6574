package org.deuterium.wire;

/**
 * The identity of a transaction, unique in the cluster: {@code origin} is drawn at random when a router starts,
 * {@code sequence} counts its transactions.
 */
public record TransactionId(long origin, long sequence) {

    /** Entries that belong to no client transaction (a term's start, a schema change) carry this. */
    public static final TransactionId NONE = new TransactionId(0, 0);

    @Override
    public String toString() {
        return Long.toHexString(origin) + "-" + sequence;
    }
}
