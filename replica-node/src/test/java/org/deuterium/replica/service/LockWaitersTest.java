package org.deuterium.replica.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LockWaitersTest {

    private final List<String> events = new ArrayList<>();
    private final LockWaiters waiters = new LockWaiters(Runnable::run);

    private LockWaiters.Waiter waiter(String name, long deadlineMillis) {
        return new LockWaiters.Waiter() {
            @Override
            public void resume() {
                events.add(name);
            }

            @Override
            public void lockTimedOut() {
                events.add(name + " gives up");
            }

            @Override
            public long lockDeadlineMillis() {
                return deadlineMillis;
            }
        };
    }

    private void waits(String name, @Nullable String row) {
        waiters.add(waiter(name, 1_000), row, waiters.newTicket(), waiters.ends());
    }

    private void expect(String... names) {
        assertEquals(List.of(names), events);
        events.clear();
    }

    @Test
    void aFewOfEachRowTryWhenATransactionEnds_inTheOrderInWhichTheyCame() {
        int together = LockWaiters.TRY_TOGETHER;
        for (int i = 1; i <= 2 * together + 1; i++) {
            waits("a" + i, "a");
        }
        waiters.transactionEnded();
        expect(IntStream.rangeClosed(1, together).mapToObj(i -> "a" + i).toArray(String[]::new));
        waits("b1", "b");
        waiters.passOn("b");
        expect("b1");
        waiters.transactionEnded();
        expect(IntStream.rangeClosed(together + 1, 2 * together)
                .mapToObj(i -> "a" + i)
                .toArray(String[]::new));
        waiters.passOn("a");
        expect("a" + (2 * together + 1));
    }

    @Test
    void whoTriesInVainKeepsItsPlace() {
        long first = waiters.newTicket();
        waits("second", "a");
        waiters.add(waiter("first", 1_000), "a", first, waiters.ends());
        waiters.passOn("a");
        expect("first");
    }

    @Test
    void anEndDuringTheAttemptIsNotMissed() {
        long before = waiters.ends();
        waiters.transactionEnded();
        waiters.add(waiter("late", 1_000), "a", waiters.newTicket(), before);
        expect("late");
    }

    @Test
    void whereH2DoesNotSayWhatIsWaitedForAllTry() {
        waits("x", null);
        waits("y", null);
        waiters.transactionEnded();
        expect("x", "y");
    }

    @Test
    void allTryTogetherNowAndThenAndWhoWaitedTooLongGivesUp() {
        waits("a1", "a");
        waits("a2", "a");
        waiters.add(waiter("a3", 150), "a", waiters.newTicket(), waiters.ends());
        waiters.onTick(149);
        events.sort(null);
        expect("a1", "a2", "a3");
        waits("a1", "a");
        waiters.add(waiter("a3", 150), "a", waiters.newTicket(), waiters.ends());
        waiters.onTick(150);
        expect("a3 gives up");
        waiters.onTick(249);
        expect("a1");
        waiters.transactionEnded();
        expect();
    }
}
