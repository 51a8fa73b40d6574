package org.deuterium.wire;

/** The position of an entry in one partition's replicated log; the first entry has 1, and 0 is "no entry". */
public record LogIndex(long position) implements Comparable<LogIndex> {

    public static final LogIndex NONE = new LogIndex(0);

    public LogIndex {
        if (position < 0) {
            throw new IllegalArgumentException("log index " + position + " is negative");
        }
    }

    public LogIndex next() {
        return new LogIndex(position + 1);
    }

    public LogIndex plus(long entries) {
        return new LogIndex(position + entries);
    }

    public boolean isAfter(LogIndex other) {
        return position > other.position;
    }

    public LogIndex min(LogIndex other) {
        return position <= other.position ? this : other;
    }

    public LogIndex max(LogIndex other) {
        return position >= other.position ? this : other;
    }

    @Override
    public int compareTo(LogIndex other) {
        return Long.compare(position, other.position);
    }

    @Override
    public String toString() {
        return "i" + position;
    }
}
