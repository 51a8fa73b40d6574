package org.deuterium.history.graph;

/**
 * Why one transaction must come before another (Adya, Liskov and O'Neil, "Generalized Isolation Level Definitions", 2000,
 * section 4.4; the last two are of Elle, Kingsbury and Alvaro, 2020, section 5).
 */
public enum EdgeKind {
    /** The second installed the version next after the first one's. */
    WRITE_WRITE("ww"),
    /** The second read the version that the first installed. */
    WRITE_READ("wr"),
    /** The second installed the version next after the one that the first read: an anti-dependency. */
    READ_WRITE("rw"),
    /** The same client did the first, and then the second. */
    PROCESS("process"),
    /** The first was complete before the second began. */
    REAL_TIME("real-time");

    private final String text;

    EdgeKind(String text) {
        this.text = text;
    }

    /** This kind as one bit of a set of kinds. */
    public int bit() {
        return 1 << ordinal();
    }

    @Override
    public String toString() {
        return text;
    }
}
