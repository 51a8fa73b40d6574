package org.deuterium.wire.partition;

import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What of a client's session changes how H2 runs its statements.
 *
 * @param schema the current schema
 * @param timeZone the client's time zone id
 * @param lockTimeoutMillis how long a statement waits for a locked row or table
 */
public record SessionContext(String schema, String timeZone, int lockTimeoutMillis) {

    /** H2's own lock timeout for a new connection is 2 seconds. */
    public static final int DEFAULT_LOCK_TIMEOUT_MILLIS = 2_000;

    public void encode(WireWriter out) {
        out.writeString(schema).writeString(timeZone).writeVInt(lockTimeoutMillis);
    }

    public static SessionContext decode(WireReader in) {
        return new SessionContext(in.readString(), in.readString(), in.readVInt());
    }
}
