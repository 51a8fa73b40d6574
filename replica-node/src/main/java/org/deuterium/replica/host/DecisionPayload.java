package org.deuterium.replica.host;

import org.deuterium.wire.MalformedMessageException;

/** What a DECISION entry carries: one byte, 1 to commit and 0 to abort. */
public final class DecisionPayload {

    private DecisionPayload() {}

    public static byte[] encode(boolean commit) {
        return new byte[] {(byte) (commit ? 1 : 0)};
    }

    static boolean commits(byte[] payload) {
        if (payload.length != 1 || payload[0] < 0 || payload[0] > 1) {
            throw new MalformedMessageException("a decision of " + payload.length + " bytes");
        }
        return payload[0] == 1;
    }
}
