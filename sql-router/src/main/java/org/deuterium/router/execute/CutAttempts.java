package org.deuterium.router.execute;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.HybridClock;
import org.deuterium.wire.Timestamp;

/**
 * The moments at which one statement tries to see several partitions in one state (docs/transactions.md): each a little
 * after the present, so that the partitions have not passed it when they hear of it; after a failure after whatever had
 * passed it, and further.
 */
final class CutAttempts {

    /** A request within a data centre takes less; a longer margin would only make clocks run ahead. */
    private static final long FIRST_MARGIN_MICROS = 2_000;

    private static final long LARGEST_MARGIN_MICROS = 128_000;
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** An attempt that takes so long has waited for an undecided transaction, and held others up. */
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** So often followers are asked, if the session likes that: leaders hold what they are asked for, so there it ends. */
    private static final int AT_FOLLOWERS = 2;

    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 250;

    private final PartitionLeaders leaders;
    private final HybridClock clock;
    private final Timestamp seen;
    private final long startedNanos = System.nanoTime();
    private long attemptNanos;
    private int attempts;
    private boolean wasLong;
    private long marginMicros = FIRST_MARGIN_MICROS;
    private long pauseMillis = FIRST_PAUSE_MILLIS;

    /** @param seen what the session has seen or done comes before every attempt */
    CutAttempts(PartitionLeaders leaders, Timestamp seen) {
        this.leaders = leaders;
        this.clock = leaders.clock();
        this.seen = seen;
    }

    Timestamp next() {
        attemptNanos = System.nanoTime();
        attempts++;
        Instant now = Instant.now();
        long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
        Timestamp moment = clock.ahead(micros, marginMicros).max(seen.next());
        marginMicros = Math.min(4 * marginMicros, LARGEST_MARGIN_MICROS);
        return moment;
    }

    /** True if this attempt had better be at leaders: followers were behind, or did not hear from theirs. */
    boolean needLeaders() {
        return wasLong || attempts > AT_FOLLOWERS;
    }

    /** A partition had passed the last moment, or could not show it in time; false if it is to be left at that. Blocks. */
    boolean goOn() {
        long now = System.nanoTime();
        if (now - startedNanos > GIVE_UP_NANOS) {
            return false;
        }
        if (now - attemptNanos > LONG_NANOS) {
            wasLong = true;
            leaders.changes().next(leaders.changes().count(), pauseMillis).join();
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        }
        return true;
    }
}
