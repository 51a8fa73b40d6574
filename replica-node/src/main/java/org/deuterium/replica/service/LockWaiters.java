package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.replica.storage.StatementResult.HeldRow;
import org.deuterium.wire.TransactionId;
import org.jspecify.annotations.Nullable;

/**
 * Statements that met a locked row or table. They wait outside H2 and its gate; the end of the transaction that holds what
 * they wait for lets the first few of each row try again, and one that got on lets the next one of its row try. From time to
 * time all try together: what a transaction lets go of before its end is found then, and H2 sees who waits for whom in a circle.
 */
final class LockWaiters {

    private static final long TOGETHER_MILLIS = 100;

    /**
     * How many of a row try when its holder ends. One gets it; the others wait inside H2 for some milliseconds, where
     * the next end may find them without a change of threads. More than these would only keep workers busy.
     */
    static final int TRY_TOGETHER = 16;

    /** How long H2 may wait for a lock on a thread of the service, with the checkpoint gate held. */
    static final int WINDOW_MILLIS = 15;

    /** So many threads at most are to wait inside H2, on an average, for those that try together. */
    private static final int THREADS_TOGETHER = 12;

    /** What statements wait for that H2 does not name: each end of a transaction may concern all of them. */
    private static final String UNNAMED = "";

    private final AtomicLong ends = new AtomicLong();
    private final AtomicLong tickets = new AtomicLong();

    /** The value of {@link #ends} with the last end under each of H2's numbers, of which there are few: it gives them again. */
    private final Map<Integer, Long> lastEnds = new ConcurrentHashMap<>();

    private final Object lock = new Object();
    private final Map<String, Queue> waiting = new HashMap<>();
    private final Map<Holder, Set<Queue>> heldBy = new HashMap<>();

    /** Told to try again, and not on a thread yet: where all are busy their time may be over before. By ticket. */
    private final Map<Long, Waiter> called = new HashMap<>();

    private volatile boolean anybody;
    private long lastTogether;

    /** A statement that waits. Its methods return at once: what they begin is done on another thread. */
    interface Waiter {

        /** @param windowMillis how long H2 may wait for the lock */
        void resume(int windowMillis);

        void lockTimedOut();

        long lockDeadlineMillis();
    }

    /** Who holds a lock: H2's number of a transaction, or, of a table lock, the transaction itself. */
    private record Holder(int h2Number, TransactionId transaction) {

        static final Holder UNKNOWN = new Holder(0, TransactionId.NONE);
    }

    /** Those who wait for one row or table, in the order of their tickets. */
    private static final class Queue {
        private final String name;
        private final TreeMap<Long, Waiter> waiters = new TreeMap<>();

        /** As the last one found who came here; null if that one has ended, and somebody is trying. */
        private @Nullable Holder holder;

        Queue(String name) {
            this.name = name;
        }
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

    /**
     * A transaction has ended, or given locks back.
     *
     * @param h2Number H2's number of it, 0 if it had none
     */
    void transactionEnded(int h2Number, TransactionId transaction) {
        long end = ends.incrementAndGet();
        if (h2Number != 0) {
            lastEnds.put(h2Number, end);
        }
        if (anybody) {
            List<Waiter> first = new ArrayList<>();
            synchronized (lock) {
                takeFirstHeldBy(Holder.UNKNOWN, first);
                takeFirstHeldBy(new Holder(0, transaction), first);
                if (h2Number != 0) {
                    takeFirstHeldBy(new Holder(h2Number, TransactionId.NONE), first);
                }
            }
            resume(first, WINDOW_MILLIS);
        }
    }

    private void takeFirstHeldBy(Holder holder, List<Waiter> into) {
        Set<Queue> queues = heldBy.get(holder);
        if (queues != null) {
            for (Queue queue : List.copyOf(queues)) {
                takeFirst(queue, holder.equals(Holder.UNKNOWN) ? Integer.MAX_VALUE : TRY_TOGETHER, into);
                if (!queue.waiters.isEmpty()) {
                    holds(queue, null); // who tries finds the next one
                }
            }
        }
    }

    /**
     * The statement is WAITING now.
     *
     * @param row null if nobody knows what for
     * @param endsBefore {@link #ends} before the attempt that found it locked
     */
    void add(Waiter statement, @Nullable HeldRow row, long ticket, long endsBefore) {
        String name = row == null ? UNNAMED : row.name();
        Holder holder = row == null ? Holder.UNKNOWN : new Holder(row.h2Number(), row.holder());
        synchronized (lock) {
            Queue queue = waiting.computeIfAbsent(name, Queue::new);
            queue.waiters.put(ticket, statement);
            holds(queue, holder);
            anybody = true;
        }
        boolean endedMeanwhile = holder.h2Number() == 0
                ? holder.transaction().equals(TransactionId.NONE) && ends.get() != endsBefore
                : lastEnds.getOrDefault(holder.h2Number(), 0L) > endsBefore;
        if (endedMeanwhile) {
            passOn(name);
        }
    }

    /** The statement with this ticket tries again now. */
    void tries(long ticket) {
        synchronized (lock) {
            called.remove(ticket);
        }
    }

    private void holds(Queue queue, @Nullable Holder holder) {
        Holder before = queue.holder;
        if (before != null && !before.equals(holder)) {
            Set<Queue> others = heldBy.get(before);
            if (others != null && others.remove(queue) && others.isEmpty()) {
                heldBy.remove(before);
            }
        }
        if (holder != null && !holder.equals(before)) {
            heldBy.computeIfAbsent(holder, made -> new HashSet<>()).add(queue);
        }
        queue.holder = holder;
    }

    /** A statement that waited for this row does not any more, without the end of its transaction: the next may try. */
    void passOn(@Nullable String row) {
        if (anybody) {
            List<Waiter> next = new ArrayList<>();
            synchronized (lock) {
                Queue queue = waiting.get(row == null ? UNNAMED : row);
                if (queue != null) {
                    takeFirst(queue, queue.name.equals(UNNAMED) ? Integer.MAX_VALUE : 1, next);
                }
            }
            resume(next, WINDOW_MILLIS);
        }
    }

    private void takeFirst(Queue queue, int atMost, List<Waiter> into) {
        for (int taken = 0; taken < atMost && !queue.waiters.isEmpty(); taken++) {
            Map.Entry<Long, Waiter> first = queue.waiters.pollFirstEntry();
            called.put(first.getKey(), first.getValue());
            into.add(first.getValue());
        }
        if (queue.waiters.isEmpty()) {
            forget(queue);
        }
    }

    private void forget(Queue queue) {
        holds(queue, null);
        waiting.remove(queue.name);
        anybody = !waiting.isEmpty();
    }

    private static void resume(List<Waiter> statements, int windowMillis) {
        for (Waiter statement : statements) {
            statement.resume(windowMillis);
        }
    }

    /** Those who waited too long give up; now and then all try. */
    void onTick(long nowMillis) {
        List<Waiter> expired = new ArrayList<>();
        List<Waiter> together = new ArrayList<>();
        synchronized (lock) {
            takeExpired(called, nowMillis, expired);
            for (Queue queue : List.copyOf(waiting.values())) {
                takeExpired(queue.waiters, nowMillis, expired);
                if (queue.waiters.isEmpty()) {
                    forget(queue);
                }
            }
            if (nowMillis - lastTogether >= TOGETHER_MILLIS) {
                lastTogether = nowMillis;
                for (Queue queue : List.copyOf(waiting.values())) {
                    takeFirst(queue, Integer.MAX_VALUE, together);
                }
            }
        }
        expired.forEach(Waiter::lockTimedOut);
        resume(together, windowTogether(together.size()));
    }

    private static void takeExpired(Map<Long, Waiter> waiters, long nowMillis, List<Waiter> into) {
        waiters.values().removeIf(waiter -> waiter.lockDeadlineMillis() <= nowMillis && into.add(waiter));
    }

    /** The more try, the shorter each of them: threads have other work, too. */
    static int windowTogether(int waiters) {
        long each = TOGETHER_MILLIS * THREADS_TOGETHER / Math.max(waiters, 1);
        return (int) Math.max(1, Math.min(WINDOW_MILLIS, each));
    }
}
