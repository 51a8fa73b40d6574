package org.deuterium.wire;

/**
 * A hybrid logical clock reading: milliseconds since 1970 in the upper 48 bits, a counter in the lower 16.
 * Timestamps of entries rise strictly along a partition's log, across leaders too. (Kulkarni et al. 2014.)
 */
public record Timestamp(long value) implements Comparable<Timestamp> {

    public static final Timestamp ZERO = new Timestamp(0);

    private static final int COUNTER_BITS = 16;

    /** The first timestamp of a millisecond. */
    public static Timestamp ofMillis(long millisSince1970) {
        return new Timestamp(millisSince1970 << COUNTER_BITS);
    }

    public long millis() {
        return value >>> COUNTER_BITS;
    }

    public Timestamp next() {
        return new Timestamp(value + 1);
    }

    public Timestamp max(Timestamp other) {
        return value >= other.value ? this : other;
    }

    @Override
    public int compareTo(Timestamp other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return millis() + "." + (value & ((1 << COUNTER_BITS) - 1));
    }
}
