package org.deuterium.replica.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.deuterium.replica.storage.StatementResult.HeldRow;
import org.deuterium.wire.TransactionId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who tries again for a row when its holder ends, in which order, and who gives up. */
class LockWaitersTest {

    private static final int HOLDER = 7;
    private static final int OTHER = 8;

    private final List<String> events = new ArrayList<>();
    private final LockWaiters waiters = new LockWaiters();

    private LockWaiters.Waiter waiter(String name, long deadlineMillis) {
        return new LockWaiters.Waiter() {
            @Override
            public void resume(int windowMillis) {
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

    private static TransactionId transaction(int number) {
        return new TransactionId(1, number);
    }

    private static HeldRow row(String name, int holder) {
        return new HeldRow(name, holder, TransactionId.NONE, TransactionId.NONE);
    }

    private static HeldRow table(String name, int holder) {
        return new HeldRow(name, 0, transaction(holder), TransactionId.NONE);
    }

    private long waits(String name, @Nullable HeldRow row) {
        long ticket = waiters.newTicket();
        waiters.add(waiter(name, 1_000), row, ticket, waiters.ends());
        return ticket;
    }

    private void ends(int holder) {
        waiters.transactionEnded(holder, transaction(holder));
    }

    private void expect(String... names) {
        assertEquals(List.of(names), events);
        events.clear();
    }

    private static String[] numbered(String name, int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(i -> name + i).toArray(String[]::new);
    }

    @Test
    void aFewOfEachRowTryWhenItsHolderEnds_inTheOrderInWhichTheyCame() {
        int together = LockWaiters.TRY_TOGETHER;
        for (int i = 1; i <= together + 2; i++) {
            waits("a" + i, row("a", HOLDER));
        }
        waits("b1", row("b", HOLDER));
        waiters.passOn("b");
        expect("b1");
        ends(HOLDER);
        expect(numbered("a", 1, together));
        waiters.passOn("a");
        expect("a" + (together + 1));
        waiters.passOn("a");
        expect("a" + (together + 2));
        waiters.passOn("a");
        expect();
    }

    @Test
    void whoWaitsForAnotherTransactionIsLeftAlone() {
        waits("a1", row("a", HOLDER));
        waits("t1", table("t", HOLDER));
        ends(OTHER);
        expect();
        ends(HOLDER);
        events.sort(null);
        expect("a1", "t1");
    }

    @Test
    void allOfARowWaitForItsNextHolderWhenOneOfThemHasFoundIt() {
        int together = LockWaiters.TRY_TOGETHER;
        for (int i = 1; i <= together + 1; i++) {
            waits("a" + i, row("a", HOLDER));
        }
        ends(HOLDER);
        events.clear();
        ends(OTHER); // the last one waits for what those find who try
        expect();
        waits("b", row("a", OTHER));
        ends(HOLDER);
        expect();
        ends(OTHER);
        expect("a" + (together + 1), "b");
    }

    @Test
    void whoTriesInVainKeepsItsPlace() {
        long first = waiters.newTicket();
        waits("second", row("a", HOLDER));
        waiters.add(waiter("first", 1_000), row("a", HOLDER), first, waiters.ends());
        waiters.passOn("a");
        expect("first");
    }

    @Test
    void anEndOfTheHolderDuringTheAttemptIsNotMissed_anotherOneIsNoReasonToTry() {
        long before = waiters.ends();
        ends(OTHER);
        waiters.add(waiter("waits", 1_000), row("a", HOLDER), waiters.newTicket(), before);
        expect();
        before = waiters.ends();
        ends(HOLDER);
        waiters.add(waiter("late", 1_000), row("b", HOLDER), waiters.newTicket(), before);
        expect("waits", "late");
    }

    @Test
    void whereH2DoesNotSayWhatIsWaitedForAllTry() {
        waits("x", null);
        waits("y", null);
        ends(OTHER);
        expect("x", "y");
        long before = waiters.ends();
        ends(OTHER);
        waiters.add(waiter("z", 1_000), null, waiters.newTicket(), before);
        expect("z");
    }

    @Test
    void allTryTogetherNowAndThenAndWhoWaitedTooLongGivesUp() {
        waits("a1", row("a", HOLDER));
        waits("a2", row("a", HOLDER));
        long third = waiters.newTicket();
        waiters.add(waiter("a3", 150), row("a", HOLDER), third, waiters.ends());
        waiters.onTick(149);
        expect("a1", "a2", "a3");
        waiters.tries(third);
        waits("a1", row("a", HOLDER));
        waiters.add(waiter("a3", 150), row("a", HOLDER), third, waiters.ends());
        waiters.onTick(150);
        expect("a3 gives up");
        waiters.onTick(249);
        expect("a1");
        ends(HOLDER);
        expect();
    }

    /** All threads may be busy with others. */
    @Test
    void whoIsToTryAndFindsNoThreadInTimeGivesUpToo() {
        waits("a1", row("a", HOLDER));
        long second = waits("a2", row("a", HOLDER));
        ends(HOLDER);
        expect("a1", "a2");
        waiters.tries(second);
        waiters.onTick(1_000);
        expect("a1 gives up");
    }

    @Test
    void theMoreTryTogetherTheLessTimeEachHas() {
        assertEquals(LockWaiters.WINDOW_MILLIS, LockWaiters.windowTogether(0));
        assertEquals(LockWaiters.WINDOW_MILLIS, LockWaiters.windowTogether(50));
        assertEquals(6, LockWaiters.windowTogether(200));
        assertEquals(1, LockWaiters.windowTogether(5_000));
    }
}
