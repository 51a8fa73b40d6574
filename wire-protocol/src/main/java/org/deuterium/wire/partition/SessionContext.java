package org.deuterium.wire.partition;

import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What of a client's session changes how H2 runs its statements.
 *
 * @param schema the current schema
 * @param timeZone the client's time zone id
 * @param lockTimeoutMillis how long a statement waits for a locked row or table
 * @param snapshot true if a branch is to see, from its first statement to its end, the state of that statement's moment; false
 *     at READ COMMITTED
 */
public record SessionContext(String schema, String timeZone, int lockTimeoutMillis, boolean snapshot) {

    /** H2's own lock timeout for a new connection is 2 seconds. */
    public static final int DEFAULT_LOCK_TIMEOUT_MILLIS = 2_000;

    /** At READ COMMITTED. */
    public SessionContext(String schema, String timeZone, int lockTimeoutMillis) {
        this(schema, timeZone, lockTimeoutMillis, false);
    }

    /** The same for branches of a transaction at another level. */
    public SessionContext withSnapshot(boolean wanted) {
        return wanted == snapshot ? this : new SessionContext(schema, timeZone, lockTimeoutMillis, wanted);
    }

    public void encode(WireWriter out) {
        out.writeString(schema)
                .writeString(timeZone)
                .writeVInt(lockTimeoutMillis)
                .writeBoolean(snapshot);
    }

    public static SessionContext decode(WireReader in) {
        return new SessionContext(in.readString(), in.readString(), in.readVInt(), in.readBoolean());
    }
}
