package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** Asks whether the session lives; answered by Done. */
public record Ping() implements Message {

    @Override
    public int code() {
        return ClientMessages.PING;
    }

    @Override
    public void encode(WireWriter out) {}

    static Ping decode(WireReader in) {
        return new Ping();
    }
}
