package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How many bytes a second a snapshot may send. */
class PaceTest {

    @Test
    void noMoreBytesASecondThanAllowed() {
        Pace pace = new Pace(10_000_000);
        pace.pass(10_000_000); // what a second of idleness may have saved up
        long start = System.nanoTime();
        for (int i = 0; i < 30; i++) {
            pace.pass(100_000);
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= 250, () -> "3 MB at 10 MB a second took " + millis + " ms");
    }
}
