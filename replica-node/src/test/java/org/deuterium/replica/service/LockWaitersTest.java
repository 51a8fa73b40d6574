package org.deuterium.replica.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
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
        for (int i = 1; i <= 20; i++) {
            waits("a" + i, "a");
        }
        waits("b1", "b");
        waiters.transactionEnded();
        events.sort(null);
        assertEquals(4, LockWaiters.TRY_TOGETHER);
        expect("a1", "a2", "a3", "a4", "b1");
        waiters.transactionEnded();
        expect("a5", "a6", "a7", "a8");
        waiters.passOn("a");
        expect("a9");
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
