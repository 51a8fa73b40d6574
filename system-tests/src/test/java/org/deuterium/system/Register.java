package org.deuterium.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** One register, as its only writer and its readers know it: what was tried, acknowledged and shown, and what it holds. */
final class Register {

    /** Not known, since an outcome is not: to be read. */
    static final long UNKNOWN = -1;

    /**
     * A write that was acknowledged and is not there any more.
     *
     * @param allowed it was acknowledged while the ack rule allowed that
     */
    record Loss(int key, long value, boolean allowed) {}

    final int key;

    /** The greatest value that anybody has tried to write. */
    final AtomicLong attempted = new AtomicLong();

    /** The greatest value that was acknowledged to the writer or shown to a reader. */
    final AtomicLong known = new AtomicLong();

    /** Of the writer: what the register holds, if nothing was lost meanwhile. */
    long held = UNKNOWN;

    /** Of the writer: the values that were acknowledged and count as there, and whether each may be lost. */
    private final TreeMap<Long, Boolean> acknowledged = new TreeMap<>();

    Register(int key) {
        this.key = key;
    }

    void acknowledged(long value, boolean mayBeLost) {
        acknowledged.put(value, mayBeLost);
        held = value;
        known.accumulateAndGet(value, Math::max);
    }

    /** The writer has read what the register holds; returns what is lost, each write once. */
    List<Loss> holds(long value) {
        held = value;
        Map<Long, Boolean> gone = acknowledged.tailMap(value, false);
        List<Loss> losses = new ArrayList<>();
        gone.forEach((lost, allowed) -> losses.add(new Loss(key, lost, allowed)));
        gone.clear();
        return losses;
    }
}
