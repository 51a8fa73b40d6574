package org.deuterium.wire.replication;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What a look at another node gave.
 *
 * @param refused its machine answered that nobody listens there: the process has ended. False also if nothing is known
 */
public record NodeProbed(boolean refused) implements Message {

    @Override
    public int code() {
        return PeerMessages.NODE_PROBED;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeByte(refused ? 1 : 0);
    }

    static NodeProbed decode(WireReader in) {
        return new NodeProbed(in.readByte() != 0);
    }
}
