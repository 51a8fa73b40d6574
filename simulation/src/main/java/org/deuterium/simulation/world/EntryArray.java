package org.deuterium.simulation.world;

import java.util.Arrays;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** The entries of a log after its base, by index. */
final class EntryArray {

    private long base;
    private long baseTerm;
    private @Nullable LogEntry[] held = new LogEntry[64];
    private int first;
    private int count;

    long base() {
        return base;
    }

    long baseTerm() {
        return baseTerm;
    }

    long lastIndex() {
        return base + count;
    }

    @Nullable
    LogEntry get(long index) {
        return index <= base || index > base + count ? null : held[first + (int) (index - base) - 1];
    }

    void append(LogEntry entry) {
        if (entry.index().position() != base + count + 1) {
            throw new IllegalStateException("a host writes " + entry + " after i" + lastIndex());
        }
        if (first + count == held.length) {
            if (first > count) {
                System.arraycopy(held, first, held, 0, count);
                Arrays.fill(held, count, first + count, null);
                first = 0;
            } else {
                held = Arrays.copyOf(held, held.length * 2);
            }
        }
        held[first + count++] = entry;
    }

    void discardAfter(long index) {
        while (count > 0 && base + count > index) {
            held[first + --count] = null;
        }
    }

    void cutThrough(long index) {
        LogEntry at = get(index);
        if (at == null) {
            return;
        }
        int gone = (int) (index - base);
        Arrays.fill(held, first, first + gone, null);
        first += gone;
        count -= gone;
        base = index;
        baseTerm = at.term().number();
    }

    void startAfter(long index, long term) {
        Arrays.fill(held, first, first + count, null);
        first = 0;
        count = 0;
        base = index;
        baseTerm = term;
    }

    void become(EntryArray other) {
        base = other.base;
        baseTerm = other.baseTerm;
        first = 0;
        count = other.count;
        held = Arrays.copyOfRange(other.held, other.first, other.first + Math.max(64, other.count));
        Arrays.fill(held, count, held.length, null);
    }
}
