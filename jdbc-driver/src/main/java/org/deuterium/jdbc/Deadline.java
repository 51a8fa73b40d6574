package org.deuterium.jdbc;

import java.util.concurrent.TimeUnit;

/**
 * The moment at which waiting ends, or none.
 *
 * @param nanos of {@link System#nanoTime}
 * @param never true if there is no such moment
 */
record Deadline(long nanos, boolean never) {

    static final Deadline NONE = new Deadline(0, true);

    /** @param millis from now; 0: none, as JDBC means it */
    static Deadline inMillis(long millis) {
        return millis == 0 ? NONE : new Deadline(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), false);
    }

    boolean isOver() {
        return !never && nanos - System.nanoTime() <= 0;
    }

    Deadline orEarlier(Deadline other) {
        if (never || other.never) {
            return never ? other : this;
        }
        return other.nanos - nanos < 0 ? other : this;
    }

    /** As sockets want it: 0 if there is no end, else at least 1. */
    int millisLeft() {
        if (never) {
            return 0;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime());
        return (int) Math.max(1, Math.min(left, Integer.MAX_VALUE));
    }
}
