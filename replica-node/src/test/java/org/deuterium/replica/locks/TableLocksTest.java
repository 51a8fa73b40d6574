package org.deuterium.replica.locks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.wire.TransactionId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
}
