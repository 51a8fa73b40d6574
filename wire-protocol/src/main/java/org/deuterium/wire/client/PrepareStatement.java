package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** Checks a statement and remembers it; answered by {@link StatementPrepared} or a Failure. */
public record PrepareStatement(String sql) implements Message {

    @Override
    public int code() {
        return ClientMessages.PREPARE_STATEMENT;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeString(sql);
    }

    static PrepareStatement decode(WireReader in) {
        return new PrepareStatement(in.readString());
    }
}
