package org.deuterium.replica.host;

import java.util.concurrent.TimeUnit;

/**
 * The clock of durations and deadlines: no step of the machine's clock reaches it, and it stands still while the machine is
 * suspended. What it shows says nothing outside of this process. For timestamps and cuts there is the machine's own clock.
 */
public final class MonotonicClock {

    /** Longer than any duration that is measured, so that a moment of 0 is long past. */
    private static final long FIRST_MILLIS = 1_000_000_000;

    private static final long START_NANOS = System.nanoTime();

    private MonotonicClock() {}

    /** Milliseconds that never fall. */
    public static long millis() {
        return FIRST_MILLIS + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - START_NANOS);
    }
}
