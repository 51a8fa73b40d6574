package org.deuterium.wire;

/**
 * The identity of a transaction, unique in the cluster: {@code origin} is drawn at random when a router starts;
 * {@code sequence} is made of the number of the client's session at that router, the number of the request that began
 * the transaction, and an attempt. So the transactions of one session have rising sequences, and a client knows, of a
 * commit whose answer it lost, where to look for it (see docs/transactions.md).
 */
public record TransactionId(long origin, long sequence) {

    /** Entries that belong to no client transaction (a term's start, a schema change) carry this. */
    public static final TransactionId NONE = new TransactionId(0, 0);

    private static final int SESSION_SHIFT = 40;
    private static final int SESSION_BITS = Long.SIZE - 1 - SESSION_SHIFT;
    private static final long SESSION_MASK = (1L << SESSION_BITS) - 1;
    private static final int REQUEST_SHIFT = 8;

    /** Attempts of one request that have identities of their own. */
    public static final int MAX_ATTEMPTS = 1 << REQUEST_SHIFT;

    /**
     * The identity of what one request of one session does.
     *
     * @param origin the router's own; for every 8 million sessions (2^23) it goes on with the next one
     * @param session the number of the session at its router
     * @param request the number of the request on its connection, as an unsigned int
     * @param attempt from 0 to {@link #MAX_ATTEMPTS} - 1: an attempt that surely failed is made again under another one
     */
    public static TransactionId of(long origin, long session, int request, int attempt) {
        if (session < 0 || attempt < 0 || attempt >= MAX_ATTEMPTS) {
            throw new IllegalArgumentException("no transaction is attempt " + attempt + " of session " + session);
        }
        return new TransactionId(
                origin + (session >>> SESSION_BITS),
                (session & SESSION_MASK) << SESSION_SHIFT | Integer.toUnsignedLong(request) << REQUEST_SHIFT | attempt);
    }

    /** The last identity the session of this transaction can ever use. */
    public TransactionId lastOfSession() {
        return new TransactionId(origin, sequence | ((1L << SESSION_SHIFT) - 1));
    }

    /** The number of the session, among those of this origin. */
    public long session() {
        return sequence >>> SESSION_SHIFT;
    }

    /** The number of the session at the router that drew {@code first} as its origin; of another router's session it is none there. */
    public long sessionAt(long first) {
        return (origin - first) << SESSION_BITS | session();
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if the text names no transaction
     */
    public static TransactionId parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 1) {
            throw new IllegalArgumentException("no transaction is called '" + text + "'");
        }
        // NumberFormatException is an IllegalArgumentException, and names the text
        return new TransactionId(
                Long.parseUnsignedLong(text.substring(0, dash), 16), Long.parseLong(text.substring(dash + 1)));
    }

    @Override
    public String toString() {
        return Long.toHexString(origin) + "-" + sequence;
    }
}
