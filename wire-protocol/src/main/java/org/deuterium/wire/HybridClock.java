package org.deuterium.wire;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A node's hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva and Leone: "Logical Physical Clocks", OPODIS 2014): the
 * machine's clock, or what was heard of another's if that is later. It reads no clock itself. Leaders give the timestamps
 * of entries by the same rule: later than the log's last entry and than everything the entry depends on, and not before the
 * present.
 */
public final class HybridClock {

    /**
     * A timestamp further ahead of a machine's clock than this is refused: one of the two clocks is wrong. It is half a
     * leader's lease, see {@link #MAX_SKEW_MILLIS}.
     */
    public static final long MAX_AHEAD_MILLIS = 500;

    /**
     * By how much clocks of machines may differ: a leader opens no cut later than so much before the end of its lease, so
     * that the next leader, whose clock says at least this when that lease is over, gives later timestamps.
     */
    public static final long MAX_SKEW_MILLIS = 400;

    private static final long COUNTS_IN_A_MILLISECOND = 1 << 16;

    private final AtomicLong heard = new AtomicLong();

    /** Another node has come so far. */
    public void hear(Timestamp timestamp) {
        long value = timestamp.value();
        if (value > heard.get()) {
            heard.accumulateAndGet(value, Math::max);
        }
    }

    /**
     * A timestamp after the present and after everything heard of.
     *
     * @param nowMicros the machine's clock, microseconds since 1970
     * @param marginMicros how far after the present; what other nodes do in so much time comes before it
     */
    public Timestamp ahead(long nowMicros, long marginMicros) {
        return ofMicros(nowMicros + marginMicros).max(new Timestamp(heard.get() + counts(marginMicros) / 64 + 1));
    }

    /** True if a node whose clock says {@code nowMillis} must not take this timestamp over. */
    public static boolean isTooFarAhead(Timestamp timestamp, long nowMillis) {
        return timestamp.millis() > nowMillis + MAX_AHEAD_MILLIS;
    }

    private static Timestamp ofMicros(long micros) {
        return new Timestamp(Timestamp.ofMillis(micros / 1_000).value() + counts(micros % 1_000));
    }

    /** Timestamps that fit into so much time, if each is the next of the one before. */
    private static long counts(long micros) {
        return micros * COUNTS_IN_A_MILLISECOND / 1_000;
    }
}
