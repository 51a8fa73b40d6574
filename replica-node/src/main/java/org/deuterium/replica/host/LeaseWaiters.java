package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.deuterium.wire.Term;

/** Answers of a leader that wait for its voters to confirm it again. Loop only, but for what is said otherwise. */
final class LeaseWaiters {

    private record Waiter(Term term, long deadlineMillis, Consumer<Boolean> answer) {}

    private final LeaderStanding standing;
    private final Executor executor;
    private final List<Waiter> waiters = new ArrayList<>(0);

    /** @param executor runs the answers, which may block */
    LeaseWaiters(LeaderStanding standing, Executor executor) {
        this.standing = standing;
        this.executor = executor;
    }

    void add(Term term, long deadlineMillis, Consumer<Boolean> answer) {
        waiters.add(new Waiter(term, deadlineMillis, answer));
    }

    /** Tells those whose lease is there, and those who wait in vain. */
    void look(long nowMillis) {
        waiters.removeIf(waiter -> {
            boolean holds = standing.holdsLease(waiter.term, nowMillis);
            boolean over = holds || nowMillis >= waiter.deadlineMillis || !waiter.term.equals(standing.serving());
            if (over) {
                executor.execute(() -> waiter.answer.accept(holds));
            }
            return over;
        });
    }
}
