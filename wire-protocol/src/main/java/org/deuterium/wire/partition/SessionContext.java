package org.deuterium.wire.partition;

import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What of a client's session changes how H2 runs its statements.
 *
 * @param schema the current schema
 * @param timeZone the client's time zone id
 * @param lockTimeoutMillis how long a statement waits for a locked row or table
 * @param isolation what the branch of a transaction is kept apart from
 */
public record SessionContext(String schema, String timeZone, int lockTimeoutMillis, Isolation isolation) {

    /** H2's own lock timeout for a new connection is 2 seconds. */
    public static final int DEFAULT_LOCK_TIMEOUT_MILLIS = 2_000;

    /** At READ COMMITTED. */
    public SessionContext(String schema, String timeZone, int lockTimeoutMillis) {
        this(schema, timeZone, lockTimeoutMillis, Isolation.READ_COMMITTED);
    }

    /** The same for branches of a transaction at another level. */
    public SessionContext with(Isolation wanted) {
        return wanted == isolation ? this : new SessionContext(schema, timeZone, lockTimeoutMillis, wanted);
    }

    /** True if a branch is to see, from its first statement to its end, the state of that statement's moment. */
    public boolean isSnapshot() {
        return isolation.isSnapshot();
    }

    /** True if a branch is to change and lock nothing. */
    public boolean isReadOnly() {
        return isolation == Isolation.READ_ONLY;
    }

    /** True if a branch is to lock the tables it reads. */
    public boolean isSerializable() {
        return isolation == Isolation.SERIALIZABLE;
    }

    public void encode(WireWriter out) {
        out.writeString(schema)
                .writeString(timeZone)
                .writeVInt(lockTimeoutMillis)
                .writeVInt(isolation.ordinal());
    }

    public static SessionContext decode(WireReader in) {
        return new SessionContext(in.readString(), in.readString(), in.readVInt(), Isolation.of(in.readVInt()));
    }
}
