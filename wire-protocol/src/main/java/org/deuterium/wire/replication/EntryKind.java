package org.deuterium.wire.replication;

import org.deuterium.wire.MalformedMessageException;

/** What the payload of a log entry is. */
public enum EntryKind {
    /** A new leader's first entry, without payload: committing it commits everything before it. */
    TERM_START,
    /** The net write set of one transaction. */
    ROWS,
    /** One change of the schema log. */
    SCHEMA_CHANGE,
    /** A block of values taken from a sequence of the home partition. */
    SEQUENCE_RESERVE;

    private static final EntryKind[] BY_CODE = values();

    /** The byte on the wire and on disk; the order of the constants never changes. */
    public int code() {
        return ordinal();
    }

    public static EntryKind ofCode(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new MalformedMessageException("unknown kind of log entry " + code);
        }
        return BY_CODE[code];
    }
}
