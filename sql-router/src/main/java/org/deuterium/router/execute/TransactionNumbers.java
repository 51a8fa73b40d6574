package org.deuterium.router.execute;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.TransactionId;

/**
 * Gives transactions identities that no other in the cluster has: those of one request of one session, or, before a
 * session asks, none but the router's origin.
 */
public final class TransactionNumbers {

    private final long origin;
    private final AtomicLong sequence;

    /** What comes behind it belongs to the session's next request. */
    private final long last;

    /** Of a router that starts now. */
    public TransactionNumbers() {
        this(new SecureRandom().nextLong());
    }

    TransactionNumbers(long origin) {
        this(origin, 0, Long.MAX_VALUE);
    }

    private TransactionNumbers(long origin, long before, long last) {
        this.origin = origin;
        this.sequence = new AtomicLong(before);
        this.last = last;
    }

    /** The router's part of its identities; those of later sessions count on from it. */
    public long origin() {
        return origin;
    }

    /** The identities of what one request does; its client can count them too, and ask for them elsewhere. */
    public TransactionNumbers ofRequest(long session, int request) {
        TransactionId first = TransactionId.of(origin, session, request, 0);
        long before = first.sequence() - 1;
        return new TransactionNumbers(first.origin(), before, before + TransactionId.MAX_ATTEMPTS);
    }

    /** False if the request has used its identities up: whoever would try once more is to leave it at that. */
    boolean hasNext() {
        return sequence.get() < last;
    }

    /**
     * Another identity.
     *
     * @throws StatementFailedException if the request has used all of its own up; one of the next request's would let a
     *     partition take what that does for something that is long over
     */
    public TransactionId next() {
        long next = sequence.incrementAndGet();
        if (next > last) {
            throw new StatementFailedException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "The statement was tried " + TransactionId.MAX_ATTEMPTS
                            + " times, and more attempts of one request cannot be told apart; run it again");
        }
        return new TransactionId(origin, next);
    }
}
