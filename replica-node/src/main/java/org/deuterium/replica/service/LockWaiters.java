package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Statements that met a locked row or table. They wait outside H2 and its gate; each end of a transaction of the
 * partition lets the first few of each row try again, and one that got on lets the next one of its row try. From time to
 * time all try together, which lets H2 see who waits for whom in a circle.
 */
final class LockWaiters {

    private static final long TOGETHER_MILLIS = 100;

    /**
     * How many of a row try when a transaction ends. One gets it; the others wait inside H2 for some milliseconds, where
     * the next end may find them without a change of threads. More than these would only keep workers busy.
     */
    static final int TRY_TOGETHER = 16;

    /** Statements that wait for something H2 does not name: each end of a transaction may concern all of them. */
    private static final String UNNAMED = "";

    private final Executor workers;
    private final AtomicLong ends = new AtomicLong();
    private final AtomicLong tickets = new AtomicLong();
    private final Object lock = new Object();
    private final Map<String, TreeMap<Long, Waiter>> waiting = new HashMap<>();
    private volatile boolean anybody;
    private long lastTogether;

    /** A statement that waits. Its methods are called on a worker. */
    interface Waiter {

        void resume();

        void lockTimedOut();

        long lockDeadlineMillis();
    }

    LockWaiters(Executor workers) {
        this.workers = workers;
    }

    /** How many transactions have ended; asked before an attempt, so that an end during it is not missed. */
    long ends() {
        return ends.get();
    }

    /** A place in the queue, behind those who have one; a statement keeps its place through all of its attempts. */
    long newTicket() {
        return tickets.incrementAndGet();
    }

    /** True if a statement waits at this moment; those that are just trying again do not count. */
    boolean anybody() {
        return anybody;
    }

    void transactionEnded() {
        ends.incrementAndGet();
        if (anybody) {
            List<Waiter> first = new ArrayList<>();
            synchronized (lock) {
                for (String row : List.copyOf(waiting.keySet())) {
                    takeFirst(row, TRY_TOGETHER, first);
                }
            }
            resume(first);
        }
    }

    /** The statement is WAITING now; {@code row} null if nobody knows what for. */
    void add(Waiter statement, @Nullable String row, long ticket, long endsBefore) {
        String name = row == null ? UNNAMED : row;
        synchronized (lock) {
            waiting.computeIfAbsent(name, made -> new TreeMap<>()).put(ticket, statement);
            anybody = true;
        }
        if (ends.get() != endsBefore) {
            passOn(name);
        }
    }

    /** A statement that waited for this row does not any more, without the end of its transaction: the next may try. */
    void passOn(@Nullable String row) {
        if (anybody) {
            List<Waiter> next = new ArrayList<>();
            synchronized (lock) {
                takeFirst(row == null ? UNNAMED : row, 1, next);
            }
            resume(next);
        }
    }

    private void takeFirst(String row, int atMost, List<Waiter> into) {
        TreeMap<Long, Waiter> queue = waiting.get(row);
        if (queue == null) {
            return;
        }
        if (row.equals(UNNAMED)) {
            into.addAll(queue.values());
            queue.clear();
        } else {
            for (int taken = 0; taken < atMost && !queue.isEmpty(); taken++) {
                into.add(queue.pollFirstEntry().getValue());
            }
        }
        if (queue.isEmpty()) {
            waiting.remove(row);
            anybody = !waiting.isEmpty();
        }
    }

    private void resume(List<Waiter> statements) {
        for (Waiter statement : statements) {
            workers.execute(statement::resume);
        }
    }

    /** Those who waited too long give up; now and then all try. */
    void onTick(long nowMillis) {
        if (!anybody) {
            return;
        }
        List<Waiter> expired = new ArrayList<>();
        List<Waiter> together = new ArrayList<>();
        synchronized (lock) {
            for (Iterator<TreeMap<Long, Waiter>> rows = waiting.values().iterator(); rows.hasNext(); ) {
                TreeMap<Long, Waiter> queue = rows.next();
                queue.values().removeIf(waiter -> waiter.lockDeadlineMillis() <= nowMillis && expired.add(waiter));
                if (queue.isEmpty()) {
                    rows.remove();
                }
            }
            if (nowMillis - lastTogether >= TOGETHER_MILLIS) {
                lastTogether = nowMillis;
                waiting.values().forEach(queue -> together.addAll(queue.values()));
                waiting.clear();
            }
            anybody = !waiting.isEmpty();
        }
        for (Waiter waiter : expired) {
            workers.execute(waiter::lockTimedOut);
        }
        resume(together);
    }
}
