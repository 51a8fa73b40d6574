package org.deuterium.router.execute;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.wire.TransactionId;

/** Gives every transaction of this router an identity that no other in the cluster has. */
public final class TransactionNumbers {

    private final long origin;
    private final AtomicLong sequence = new AtomicLong();

    public TransactionNumbers() {
        this(new SecureRandom().nextLong());
    }

    TransactionNumbers(long origin) {
        this.origin = origin;
    }

    public TransactionId next() {
        return new TransactionId(origin, sequence.incrementAndGet());
    }
}
