package org.deuterium.simulation.world;

import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * What an H2 shows: the entries applied to it, in their order. Never changed, only added to, so that a checkpoint or a
 * snapshot is one reference.
 */
public final class Content {

    public static final Content EMPTY = new Content(null, null, 0);

    private final @Nullable Content before;
    private final @Nullable LogEntry last;
    private final long size;

    private Content(@Nullable Content before, @Nullable LogEntry last, long size) {
        this.before = before;
        this.last = last;
        this.size = size;
    }

    public Content with(LogEntry entry) {
        return new Content(this, entry, size + 1);
    }

    /** How many entries were applied; without a mistake this is the index of the last one. */
    public long size() {
        return size;
    }

    /** The entry applied last; null before the first. */
    public @Nullable LogEntry last() {
        return last;
    }

    /** This content before its last entry; null if it is empty. */
    public @Nullable Content before() {
        return before;
    }
}
