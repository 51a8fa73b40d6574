package org.deuterium.router.execute;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.wire.TransactionId;

/**
 * Gives transactions identities that no other in the cluster has: those of one request of one session, or, before a
 * session asks, none but the router's origin.
 */
public final class TransactionNumbers {

    private final long origin;
    private final AtomicLong sequence;

    /** Of a router that starts now. */
    public TransactionNumbers() {
        this(new SecureRandom().nextLong());
    }

    TransactionNumbers(long origin) {
        this(origin, 0);
    }

    private TransactionNumbers(long origin, long before) {
        this.origin = origin;
        this.sequence = new AtomicLong(before);
    }

    /** The router's part of its identities; those of later sessions count on from it. */
    public long origin() {
        return origin;
    }

    /** The identities of what one request does; its client can count them too, and ask for them elsewhere. */
    public TransactionNumbers ofRequest(long session, int request) {
        TransactionId first = TransactionId.of(origin, session, request, 0);
        return new TransactionNumbers(first.origin(), first.sequence() - 1);
    }

    public TransactionId next() {
        return new TransactionId(origin, sequence.incrementAndGet());
    }
}
