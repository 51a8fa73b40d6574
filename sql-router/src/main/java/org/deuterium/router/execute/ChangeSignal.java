package org.deuterium.router.execute;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the changes of something that is watched, and wakes those who wait for the next one. Read {@link #count()}
 * before acting on what is watched, and wait with that number: then no change can slip through between.
 */
public final class ChangeSignal {

    private final AtomicLong count = new AtomicLong();
    private final Set<CompletableFuture<Void>> waiting = ConcurrentHashMap.newKeySet();

    public long count() {
        return count.get();
    }

    /** Something changed. Wakes the waiting; their work runs on their own executors. */
    public void fire() {
        count.incrementAndGet();
        for (CompletableFuture<Void> waiter : waiting) {
            waiter.complete(null);
        }
    }

    /** Completed at the first change after {@code seen}, or when {@code atMostMillis} have passed. */
    public CompletableFuture<Void> next(long seen, long atMostMillis) {
        CompletableFuture<Void> waiter = new CompletableFuture<>();
        waiting.add(waiter);
        waiter.whenComplete((nothing, failure) -> waiting.remove(waiter));
        if (count.get() != seen) {
            waiter.complete(null);
        }
        return waiter.completeOnTimeout(null, Math.max(atMostMillis, 0), TimeUnit.MILLISECONDS);
    }

    /** Runs {@code then} on {@code executor} after {@link #next}. */
    public void whenChanged(long seen, long atMostMillis, Executor executor, Runnable then) {
        next(seen, atMostMillis).thenRunAsync(then, executor);
    }
}
