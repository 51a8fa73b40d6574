package org.deuterium.wire.client;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Stops the statement that a session is running; the first and only message of a connection of its own, answered by
 * Done whether or not there was something to stop.
 */
public record CancelStatement(long session, long cancelKey) implements Message {

    @Override
    public int code() {
        return ClientMessages.CANCEL_STATEMENT;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeInt(Hello.MAGIC).writeVLong(session).writeLong(cancelKey);
    }

    static CancelStatement decode(WireReader in) {
        if (in.readInt() != Hello.MAGIC) {
            throw new MalformedMessageException("the first message does not begin as a Deuterium driver's");
        }
        return new CancelStatement(in.readVLong(), in.readLong());
    }
}
