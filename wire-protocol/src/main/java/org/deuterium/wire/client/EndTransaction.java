package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** Commits or rolls back the session's transaction, if there is one; answered by Done or a Failure. */
public record EndTransaction(boolean commit) implements Message {

    @Override
    public int code() {
        return ClientMessages.END_TRANSACTION;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeBoolean(commit);
    }

    static EndTransaction decode(WireReader in) {
        return new EndTransaction(in.readBoolean());
    }
}
