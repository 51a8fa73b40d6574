package org.deuterium.replica.host;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What a DECISION entry carries: one byte, 1 to commit and 0 to abort, and 8 bytes with the commit's timestamp; entries of
 * older versions have the first byte only.
 */
public final class DecisionPayload {

    private DecisionPayload() {}

    public static byte[] encode(boolean commit, Timestamp timestamp) {
        return new WireWriter()
                .writeBoolean(commit)
                .writeLong(timestamp.value())
                .toByteArray();
    }

    static boolean commits(byte[] payload) {
        if ((payload.length != 1 && payload.length != 1 + Long.BYTES) || payload[0] < 0 || payload[0] > 1) {
            throw new MalformedMessageException("a decision of " + payload.length + " bytes");
        }
        return payload[0] == 1;
    }

    /** The largest timestamp of the transaction's PREPARE entries; ZERO for an abort. */
    static Timestamp timestamp(byte[] payload) {
        return payload.length == 1 ? Timestamp.ZERO : new Timestamp(new WireReader(payload, 1, Long.BYTES).readLong());
    }
}
