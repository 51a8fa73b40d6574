package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.LogIndex;
import org.junit.jupiter.api.Test;

/** When a replica whose database failed asks for another. */
class StuckDatabaseTest {

    private final StuckDatabase stuck = new StuckDatabase();
    private long now = 5_000_000;

    private void fail(long shows, long tried) {
        stuck.failed("a row was another one", new LogIndex(shows), new LogIndex(tried), now);
    }

    private long pauseMillis() {
        long from = now;
        while (!stuck.asksNow(now)) {
            now += 100;
        }
        return now - from;
    }

    @Test
    void atOnceTheFirstTimeThenAfterAPauseThatGrows() {
        assertFalse(stuck.asksNow(now));
        fail(6, 9);
        assertEquals(0, pauseMillis());
        assertFalse(stuck.asksNow(now + 100), "it has just asked");
        assertTrue(stuck.asksNow(now + 500), "the answer may be lost");
        long before = 0;
        for (int i = 0; i < 12; i++) {
            stuck.recovered(now);
            assertFalse(stuck.asksNow(now));
            fail(10, 10);
            long pause = pauseMillis();
            assertTrue(pause == 600_000 || pause == Math.max(2_000, 2 * before), pause + " after " + before);
            before = pause;
        }
        stuck.recovered(now);
        now += 600_001;
        fail(20, 20);
        assertEquals(0, pauseMillis());
    }

    @Test
    void anotherThatCouldNotBePutInPlaceIsAskedForAfterAPauseThatGrows() {
        fail(6, 9);
        assertEquals(0, pauseMillis());
        for (long pause = 2_000; pause <= 8_000; pause *= 2) {
            stuck.failedAgain("no space left on device", now);
            assertTrue(String.valueOf(stuck.words(false, now)).contains("no space left"), stuck.words(false, now));
            assertEquals(pause, pauseMillis());
            assertEquals(new LogIndex(9), stuck.mustShow());
        }
    }

    @Test
    void aLeaderSaysThatItHasNobodyToAsk() {
        fail(6, 9);
        assertTrue(String.valueOf(stuck.words(true, now)).startsWith("STUCK after i6, it leads until another"));
    }

    @Test
    void itWantsADatabaseThatShowsAllItFailedOnAndSaysWhy() {
        fail(6, 9);
        assertEquals(new LogIndex(9), stuck.mustShow());
        assertTrue(
                String.valueOf(stuck.words(false, now)).startsWith("STUCK after i6, it asks its leader"),
                stuck.words(false, now));
        stuck.recovered(now);
        assertNull(stuck.words(false, now));
        fail(12, 4);
        assertEquals(new LogIndex(12), stuck.mustShow());
        assertTrue(String.valueOf(stuck.words(false, now)).contains("in 3 s it asks"), stuck.words(false, now));
    }
}
