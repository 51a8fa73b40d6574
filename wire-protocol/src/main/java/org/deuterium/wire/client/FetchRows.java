package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Asks for the next rows of a cursor; answered by a RowsPage.
 *
 * @param count rows wanted; 0 lets the server choose
 */
public record FetchRows(long cursor, int count) implements Message {

    @Override
    public int code() {
        return ClientMessages.FETCH_ROWS;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVLong(cursor).writeVInt(count);
    }

    static FetchRows decode(WireReader in) {
        return new FetchRows(in.readVLong(), in.readVInt());
    }
}
