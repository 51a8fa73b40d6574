package org.deuterium.history;

import java.util.Arrays;
import java.util.Locale;

/**
 * One thing a transaction did: appended an element to a list, wrote a register, or read one of them.
 *
 * <p>Elements and values are unique for their key within a history, so that what is read names who wrote it. A read of a
 * register is a list of one value, or of none if nobody has written it.
 */
public final class Operation {

    /** What was done. */
    public enum Kind {
        APPEND,
        WRITE,
        READ
    }

    private final Kind kind;
    private final String key;
    private final long[] values;

    private Operation(Kind kind, String key, long... values) {
        this.kind = kind;
        this.key = key;
        this.values = values;
    }

    public static Operation append(String key, long element) {
        return new Operation(Kind.APPEND, key, element);
    }

    public static Operation write(String key, long value) {
        return new Operation(Kind.WRITE, key, value);
    }

    /** A read, and everything it returned, in order. */
    public static Operation read(String key, long... seen) {
        return new Operation(Kind.READ, key, seen.clone());
    }

    public Kind kind() {
        return kind;
    }

    public boolean isRead() {
        return kind == Kind.READ;
    }

    public String key() {
        return key;
    }

    /** The element appended or the value written. */
    public long value() {
        if (isRead()) {
            throw new IllegalStateException(this + " is a read, which has a list of values");
        }
        return values[0];
    }

    /** How many values a read returned. */
    public int size() {
        return values.length;
    }

    /** A value that a read returned, from 0. */
    public long valueAt(int place) {
        return values[place];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Operation that
                && kind == that.kind
                && key.equals(that.key)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values) * 31 + key.hashCode();
    }

    /** As {@link HistoryText} writes it. */
    @Override
    public String toString() {
        if (!isRead()) {
            return kind.name().toLowerCase(Locale.ROOT) + " " + key + " " + values[0];
        }
        StringBuilder text = new StringBuilder("read ").append(key).append(" [");
        for (int place = 0; place < values.length; place++) {
            text.append(place == 0 ? "" : " ").append(values[place]);
        }
        return text.append(']').toString();
    }
}
