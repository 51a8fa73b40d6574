package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Statements that met a locked row or table. They wait outside H2 and its gate; each end of a transaction of the
 * partition lets them try again. From time to time they try together, which lets H2 see who waits for whom in a circle.
 */
final class LockWaiters {

    private static final long TOGETHER_MILLIS = 100;

    private final Executor workers;
    private final AtomicLong ends = new AtomicLong();
    private final Object lock = new Object();
    private List<BranchStatement> waiting = new ArrayList<>();
    private volatile boolean anybody;
    private long lastTogether;

    LockWaiters(Executor workers) {
        this.workers = workers;
    }

    /** How many transactions have ended; asked before an attempt, so that an end during it is not missed. */
    long ends() {
        return ends.get();
    }

    void transactionEnded() {
        ends.incrementAndGet();
        if (anybody) {
            tryAgain();
        }
    }

    /** The statement is WAITING now. */
    void add(BranchStatement statement, long endsBefore) {
        synchronized (lock) {
            waiting.add(statement);
            anybody = true;
        }
        if (ends.get() != endsBefore) {
            tryAgain();
        }
    }

    private void tryAgain() {
        List<BranchStatement> all;
        synchronized (lock) {
            all = waiting;
            waiting = new ArrayList<>();
            anybody = false;
        }
        for (BranchStatement statement : all) {
            workers.execute(statement::resume);
        }
    }

    /** Those who waited too long give up. */
    void onTick(long nowMillis) {
        if (!anybody) {
            return;
        }
        List<BranchStatement> expired = new ArrayList<>();
        synchronized (lock) {
            waiting.removeIf(statement -> {
                boolean over = statement.lockDeadlineMillis() <= nowMillis;
                if (over) {
                    expired.add(statement);
                }
                return over;
            });
        }
        for (BranchStatement statement : expired) {
            workers.execute(statement::lockTimedOut);
        }
        if (nowMillis - lastTogether >= TOGETHER_MILLIS) {
            lastTogether = nowMillis;
            tryAgain();
        }
    }
}
