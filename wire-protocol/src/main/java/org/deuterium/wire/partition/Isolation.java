package org.deuterium.wire.partition;

import org.deuterium.wire.MalformedMessageException;

/** What a transaction is kept apart from, as its branches have to know it. */
public enum Isolation {
    /** Each statement sees what is committed when it starts. */
    READ_COMMITTED("READ COMMITTED"),
    /** All statements see the state of the first one's moment; REPEATABLE READ is the same. */
    SNAPSHOT("SNAPSHOT"),
    /** What the transaction has read stays as it is until its end: the tables are locked. */
    SERIALIZABLE("SERIALIZABLE"),
    /** SERIALIZABLE, and nothing is changed or locked: all statements see the state of one moment of all partitions. */
    READ_ONLY("SERIALIZABLE READ ONLY");

    private static final Isolation[] ALL = values();

    private final String sql;

    Isolation(String sql) {
        this.sql = sql;
    }

    /** True if all statements see the state of one moment. */
    public boolean isSnapshot() {
        return this == SNAPSHOT || this == READ_ONLY;
    }

    /** Its name in SQL. */
    public String sql() {
        return sql;
    }

    static Isolation of(int code) {
        if (code < 0 || code >= ALL.length) {
            throw new MalformedMessageException("isolation " + code);
        }
        return ALL[code];
    }
}
