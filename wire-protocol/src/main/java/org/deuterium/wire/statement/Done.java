package org.deuterium.wire.statement;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** The request was done and has nothing more to say. */
public record Done() implements Message {

    @Override
    public int code() {
        return StatementMessages.DONE;
    }

    @Override
    public void encode(WireWriter out) {}

    static Done decode(WireReader in) {
        return new Done();
    }
}
