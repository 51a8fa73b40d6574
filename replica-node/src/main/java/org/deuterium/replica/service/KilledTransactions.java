package org.deuterium.replica.service;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Why transactions were ended from outside at this leader, for their clients, who hear of it only with their next
 * request; and so that they open no branch here any more. The last thousand are remembered: whoever comes back later is
 * told that the transaction was rolled back, only not why.
 */
final class KilledTransactions {

    private static final int REMEMBERED = 1_000;

    private final Map<TransactionId, Failure> reasons = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TransactionId, Failure> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** So that nobody waits for the lock as long as there is nothing to know. */
    private volatile boolean any;

    void add(TransactionId transaction, Failure reason) {
        synchronized (reasons) {
            reasons.putIfAbsent(transaction, reason);
            any = true;
        }
    }

    @Nullable
    Failure reason(TransactionId transaction) {
        if (!any) {
            return null;
        }
        synchronized (reasons) {
            return reasons.get(transaction);
        }
    }
}
