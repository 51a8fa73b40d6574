package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Forgets a prepared statement or closes a cursor; never answered, and no error if it is gone already.
 *
 * @param cursor true for a cursor, false for a prepared statement
 */
public record CloseHandle(boolean cursor, long handle) implements Message {

    @Override
    public int code() {
        return ClientMessages.CLOSE_HANDLE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeBoolean(cursor).writeVLong(handle);
    }

    static CloseHandle decode(WireReader in) {
        return new CloseHandle(in.readBoolean(), in.readVLong());
    }
}
