package org.deuterium.replica.log;

import java.util.Arrays;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * Where the entries of one partition lie, by index without gaps, and the newest of them themselves: an array used in a
 * circle that grows at the end, is cut at the end (discard) and at the beginning (old segments).
 */
final class EntryRing {

    private long[] locations = new long[64];
    private int[] checksums = new int[64];
    private @Nullable LogEntry[] entries = new LogEntry[64];
    private int head;
    private int size;
    private long first;
    private long cachedFrom;
    private long cachedBytes;

    EntryRing(long first) {
        this.first = first;
        this.cachedFrom = first;
    }

    long first() {
        return first;
    }

    /** The index after the last one. */
    long end() {
        return first + size;
    }

    long location(long index) {
        return locations[slot(index)];
    }

    /** CRC-32C of the entry's record, as it was written or found sound. */
    int checksum(long index) {
        return checksums[slot(index)];
    }

    /** The entry itself, or null if it is only in its file. */
    @Nullable
    LogEntry cached(long index) {
        return entries[slot(index)];
    }

    void add(long location, int checksum, @Nullable LogEntry entry, int bytes) {
        if (size == locations.length) {
            grow();
        }
        int slot = (head + size) & (locations.length - 1);
        locations[slot] = location;
        checksums[slot] = checksum;
        entries[slot] = entry;
        size++;
        if (entry == null) {
            cachedFrom = end();
        } else {
            cachedBytes += bytes;
        }
    }

    /** Forgets the entries themselves, oldest first, until at most {@code bytes} of them are held. */
    void evictTo(long bytes) {
        while (cachedBytes > bytes && cachedFrom < end()) {
            int slot = slot(cachedFrom++);
            LogEntry entry = entries[slot];
            if (entry != null) {
                cachedBytes -= LogRecords.heapBytes(entry);
                entries[slot] = null;
            }
        }
    }

    void removeFrom(long index) {
        while (end() > index && size > 0) {
            forget(end() - 1);
            size--;
        }
        cachedFrom = Math.min(cachedFrom, end());
    }

    void removeFirst() {
        forget(first);
        head = (head + 1) & (locations.length - 1);
        first++;
        size--;
        cachedFrom = Math.max(cachedFrom, first);
    }

    void restartAt(long index) {
        Arrays.fill(entries, null);
        head = 0;
        size = 0;
        first = index;
        cachedFrom = index;
        cachedBytes = 0;
    }

    private void forget(long index) {
        int slot = slot(index);
        LogEntry entry = entries[slot];
        if (entry != null) {
            cachedBytes -= LogRecords.heapBytes(entry);
            entries[slot] = null;
        }
    }

    private int slot(long index) {
        assert index >= first && index < end() : "index " + index + " is outside " + first + " to " + end();
        return (head + (int) (index - first)) & (locations.length - 1);
    }

    private void grow() {
        long[] newLocations = new long[locations.length * 2];
        int[] newChecksums = new int[locations.length * 2];
        @Nullable LogEntry[] newEntries = new LogEntry[locations.length * 2];
        for (int i = 0; i < size; i++) {
            int slot = (head + i) & (locations.length - 1);
            newLocations[i] = locations[slot];
            newChecksums[i] = checksums[slot];
            newEntries[i] = entries[slot];
        }
        locations = newLocations;
        checksums = newChecksums;
        entries = newEntries;
        head = 0;
    }
}
