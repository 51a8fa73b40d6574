package org.deuterium.replica.service;

import java.util.concurrent.ConcurrentHashMap;
import org.deuterium.wire.TransactionId;

/** The long statements of one partition that no thread was free for yet. Whoever cancels one need not wait for a thread. */
final class QueuedStatements {

    private final ServiceThreads threads;
    private final ConcurrentHashMap<TransactionId, Queued> queued = new ConcurrentHashMap<>();

    /** One of them. */
    private static final class Queued {
        private final Runnable whenCanceled;

        Queued(Runnable whenCanceled) {
            this.whenCanceled = whenCanceled;
        }
    }

    QueuedStatements(ServiceThreads threads) {
        this.threads = threads;
    }

    /** Runs a statement in its turn, or does the other thing, on a worker, if its transaction is canceled before. */
    void execute(TransactionId transaction, Runnable statement, Runnable whenCanceled) {
        Queued mine = new Queued(whenCanceled);
        // One that the router asks again, because its link broke, finds the first still waiting for its turn.
        boolean cancelable = queued.putIfAbsent(transaction, mine) == null;
        threads.statements().execute(() -> {
            if (!cancelable || queued.remove(transaction, mine)) {
                statement.run();
            }
        });
    }

    void cancel(TransactionId transaction) {
        Queued mine = queued.remove(transaction);
        if (mine != null) {
            threads.workers().execute(mine.whenCanceled);
        }
    }
}
