package org.deuterium.replica.locks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.wire.TransactionId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The locks of whole tables: who excludes whom, who waits behind whom, and the victims of circles. */
class TableLocksTest {

    private final TableLocks locks = new TableLocks();
    private final TableLock t = locks.of("T");
    private final TableLock u = locks.of("U");
    private int begun;

    private TransactionLocks begin() {
        return locks.begin(new TransactionId(1, ++begun));
    }

    private static List<TableWish> read(TableLock table) {
        return List.of(new TableWish(table, true, false));
    }

    private static List<TableWish> change(TableLock table) {
        return List.of(new TableWish(table, false, true));
    }

    private static TransactionId holder(LockRefusal refusal) {
        assertNotNull(refusal);
        assertFalse(refusal.isDeadlock(), refusal::toString);
        return refusal.holder();
    }

    @Test
    void writersDoNotExcludeEachOther_norReaders() {
        assertNull(begin().take(change(t)));
        assertNull(begin().take(change(t)));
        assertNull(begin().take(read(u)));
        assertNull(begin().take(read(u)));
    }

    @Test
    void aReaderWaitsForWritersThatCameBefore_andTheOtherWayRound() {
        TransactionLocks writer = begin();
        TransactionLocks reader = begin();
        assertNull(writer.take(change(t)));
        assertEquals(writer.transaction(), holder(reader.take(read(t))));
        assertEquals(writer.transaction(), holder(reader.take(read(t))));
        writer.end();
        assertNull(reader.take(read(t)));
        TransactionLocks late = begin();
        assertEquals(reader.transaction(), holder(late.take(change(t))));
        reader.end();
        assertNull(late.take(change(t)));
    }

    /** Else a stream of writers would keep a reader out for ever, and a stream of readers a writer. */
    @Test
    void whoComesLaterWaitsBehindWhoWaits() {
        TransactionLocks writer = begin();
        TransactionLocks reader = begin();
        TransactionLocks late = begin();
        assertNull(writer.take(change(t)));
        assertEquals(writer.transaction(), holder(reader.take(read(t))));
        assertEquals(reader.transaction(), holder(late.take(change(t))));
        assertNull(writer.take(change(t)), "who holds it already has no queue before it");
        TransactionLocks behind = begin();
        assertEquals(writer.transaction(), holder(behind.take(read(t))));
        reader.withdraw();
        behind.withdraw();
        assertNull(late.take(change(t)));
    }

    @Test
    void aReaderMayChangeWhatItAloneReads() {
        TransactionLocks first = begin();
        TransactionLocks second = begin();
        assertNull(first.take(read(t)));
        assertNull(first.take(change(t)));
        assertEquals(first.transaction(), holder(second.take(read(t))));
        assertEquals(first.transaction(), holder(second.take(change(t))));
        first.end();
        assertNull(second.take(change(t)));
    }

    @Test
    void ofTwoThatReadAndThenChangeTheYoungerIsTheVictim() {
        TransactionLocks older = begin();
        TransactionLocks younger = begin();
        assertNull(older.take(read(t)));
        assertNull(younger.take(read(t)));
        assertEquals(younger.transaction(), holder(older.take(change(t))));
        LockRefusal refusal = younger.take(change(t));
        assertNotNull(refusal);
        assertEquals(younger.transaction(), refusal.victim());
        younger.end();
        assertNull(older.take(change(t)));
    }

    @Test
    void theYoungestOfACircleThroughTwoTablesIsFound_whoeverClosesIt() {
        TransactionLocks older = begin();
        TransactionLocks younger = begin();
        assertNull(older.take(read(t)));
        assertNull(younger.take(read(u)));
        assertEquals(older.transaction(), holder(younger.take(change(t))));
        LockRefusal refusal = older.take(change(u));
        assertNotNull(refusal);
        assertEquals(younger.transaction(), refusal.victim());
    }

    @Test
    void whatIsHeldIsGivenBack() {
        TransactionLocks one = begin();
        assertFalse(one.holdsAny());
        assertNull(one.take(List.of(new TableWish(t, true, true), new TableWish(u, false, true))));
        one.end();
        assertFalse(one.holdsAny());
        assertNull(begin().take(read(t)));
        assertNull(begin().take(read(u)));
    }

    /** Writers give back without the mutex, so also while it is looked for who is in the way. */
    @Test
    @Timeout(60)
    void aWriterMayEndWhileAReaderIsRefused() throws Exception {
        for (int times = 0; times < 500; times++) {
            TransactionLocks writer = begin();
            TransactionLocks reader = begin();
            assertNull(writer.take(change(t)));
            CompletableFuture<Void> ended = CompletableFuture.runAsync(writer::end);
            LockRefusal refusal = reader.take(read(t));
            while (refusal != null) {
                assertEquals(writer.transaction(), refusal.holder());
                Thread.yield();
                refusal = reader.take(read(t));
            }
            ended.get(30, TimeUnit.SECONDS);
            reader.end();
        }
    }

    /** Readers and writers of many threads: never both inside, and nobody is kept out for ever. */
    @Test
    @Timeout(60)
    void readersAndWritersAreNeverInsideTogether() throws Exception {
        AtomicInteger inside = new AtomicInteger(); // writers count up, readers down
        AtomicInteger wrong = new AtomicInteger();
        AtomicInteger number = new AtomicInteger(1_000);
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            boolean reads = i % 3 == 0;
            threads.add(CompletableFuture.runAsync(() -> {
                for (int times = 0; times < 300; times++) {
                    TransactionLocks own = locks.begin(new TransactionId(2, number.incrementAndGet()));
                    while (own.take(reads ? read(t) : change(t)) != null) {
                        Thread.yield();
                    }
                    if (reads ? inside.getAndDecrement() > 0 : inside.getAndIncrement() < 0) {
                        wrong.incrementAndGet();
                    }
                    if (reads) {
                        inside.incrementAndGet();
                    } else {
                        inside.decrementAndGet();
                    }
                    own.end();
                }
            }));
        }
        for (CompletableFuture<Void> thread : threads) {
            thread.get(50, TimeUnit.SECONDS);
        }
        assertEquals(0, wrong.get());
        assertEquals(0, inside.get());
    }

    /** Readers and writers that all wait for one table behind a holder which waits for none; the search begins with the last. */
    private long stepsOfSearch(int waiters) {
        TableLock table = locks.of("T" + waiters);
        TransactionLocks holder = begin();
        assertNull(holder.take(List.of(new TableWish(table, true, true))));
        TransactionLocks last = holder;
        for (int i = 0; i < waiters; i++) {
            last = begin();
            assertNotNull(last.take(i % 2 == 0 ? read(table) : change(table)));
        }
        CircleSearch search = new CircleSearch(last);
        assertEquals(List.of(), search.find());
        return search.steps();
    }

    @Test
    void aSearchTakesAsManyStepsAsThereAreTransactions_notTheirSquare() {
        long of100 = stepsOfSearch(100);
        long of1000 = stepsOfSearch(1_000);
        assertTrue(of100 >= 100, () -> "it looks at everybody: " + of100);
        assertTrue(of1000 <= 11 * of100, () -> of100 + " steps for 100, " + of1000 + " for 1,000");
    }

    /** What each waits for is asked of the table itself here, again and again. */
    private static boolean isInCircle(TransactionLocks through) {
        Set<TransactionLocks> reached = new HashSet<>();
        Deque<TransactionLocks> open = new ArrayDeque<>(List.of(through));
        while (!open.isEmpty()) {
            for (TransactionLocks blocker : blockers(open.remove())) {
                if (reached.add(blocker)) {
                    open.add(blocker);
                }
            }
        }
        return reached.contains(through);
    }

    private static Set<TransactionLocks> blockers(TransactionLocks waiter) {
        TableWish wish = waiter.waiting;
        return wish == null ? Set.of() : wish.table().blockers(waiter, wish);
    }

    @Test
    void aCircleIsFoundIfAndOnlyIfThereIsOne() {
        Random random = new Random(7);
        int circles = 0;
        for (int round = 0; round < 500; round++) {
            List<TransactionLocks> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(begin());
            }
            for (int step = 0; step < 20; step++) {
                TransactionLocks one = all.get(random.nextInt(all.size()));
                boolean shared = random.nextBoolean();
                boolean intent = !shared || random.nextInt(3) == 0;
                if (one.waiting == null) {
                    one.take(List.of(new TableWish(locks.of("R" + round + random.nextInt(3)), shared, intent)));
                }
            }
            for (TransactionLocks each : all) {
                List<TransactionLocks> circle = new CircleSearch(each).find();
                assertEquals(isInCircle(each), !circle.isEmpty());
                for (int i = 0; i < circle.size(); i++) {
                    TransactionLocks waiter = circle.get((i + 1) % circle.size());
                    assertTrue(blockers(waiter).contains(circle.get(i)));
                }
                circles += circle.isEmpty() ? 0 : 1;
            }
        }
        int found = circles;
        assertTrue(found > 100, () -> "circles: " + found);
    }
}
