package org.deuterium.wire.replication;

import org.deuterium.wire.MalformedMessageException;

/** What the entries of a set of partitions say about a write: its rows, its statements, or the smaller of both. */
public enum LogKind {
    /** The changed rows, always. */
    ROW,
    /** The statements; those that need not give the same rows on every replica are refused. */
    STATEMENT,
    /** The statements where they surely give the same rows and take less room, else the rows. */
    MIXED;

    /** What a set of partitions has when nobody said anything. */
    public static final LogKind DEFAULT = MIXED;

    private static final LogKind[] BY_CODE = values();

    public int code() {
        return ordinal();
    }

    public static LogKind ofCode(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new MalformedMessageException("unknown log kind " + code);
        }
        return BY_CODE[code];
    }
}
