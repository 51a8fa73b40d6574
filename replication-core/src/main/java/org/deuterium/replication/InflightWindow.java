package org.deuterium.replication;

/** The messages with entries that are on the way to one follower: a ring of their last indexes and sizes. */
final class InflightWindow {

    private static final int FIRST_CAPACITY = 16;

    private final int maxMessages;
    private final long maxBytes;
    private long[] lastIndexes = new long[FIRST_CAPACITY];
    private long[] sizes = new long[FIRST_CAPACITY];
    private int start;
    private int count;
    private long bytes;

    InflightWindow(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    boolean full() {
        return count >= maxMessages || bytes >= maxBytes;
    }

    void add(long lastIndex, long size) {
        if (count == lastIndexes.length) {
            grow();
        }
        int place = (start + count) & (lastIndexes.length - 1);
        lastIndexes[place] = lastIndex;
        sizes[place] = size;
        count++;
        bytes += size;
    }

    void freeThrough(long index) {
        while (count > 0 && lastIndexes[start] <= index) {
            bytes -= sizes[start];
            start = (start + 1) & (lastIndexes.length - 1);
            count--;
        }
    }

    void clear() {
        start = 0;
        count = 0;
        bytes = 0;
    }

    private void grow() {
        int capacity = lastIndexes.length;
        long[] moreIndexes = new long[capacity * 2];
        long[] moreSizes = new long[capacity * 2];
        for (int i = 0; i < count; i++) {
            moreIndexes[i] = lastIndexes[(start + i) & (capacity - 1)];
            moreSizes[i] = sizes[(start + i) & (capacity - 1)];
        }
        lastIndexes = moreIndexes;
        sizes = moreSizes;
        start = 0;
    }
}
