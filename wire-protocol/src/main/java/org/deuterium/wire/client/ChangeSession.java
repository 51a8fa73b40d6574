package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Sets a property of the session; answered by Done or a Failure.
 *
 * @param property one of schema, readOnly, isolation (a number of java.sql.Connection), lockTimeoutMillis,
 *     timeZone, applicationName, readPreference, maxStaleness, readYourWrites, monotonicReads, consistentPrefix,
 *     sessionToken (empty to forget); and in a {@link Hello} only: resumed (the session had another router before)
 */
public record ChangeSession(String property, String value) implements Message {

    @Override
    public int code() {
        return ClientMessages.CHANGE_SESSION;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeString(property).writeString(value);
    }

    static ChangeSession decode(WireReader in) {
        return new ChangeSession(in.readString(), in.readString());
    }
}
