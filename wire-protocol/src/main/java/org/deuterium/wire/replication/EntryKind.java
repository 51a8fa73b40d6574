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
    SEQUENCE_RESERVE,
    /** A branch of a transaction over several partitions: its write set, which waits for the decision. */
    PREPARE,
    /** Whether a prepared branch commits. */
    DECISION,
    /** Transactions whose decision every partition they wrote has in its log. */
    FINISH,
    /** A transaction, and all earlier ones of its session that are not committed, never will be. */
    ABORT,
    /** The statements of one transaction, and a checksum of the rows they changed on the leader. */
    STATEMENT;

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
