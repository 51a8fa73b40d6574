package org.deuterium.wire.replication;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageFamily;
import org.deuterium.wire.WireReader;

/** How one node opens a connection to another: codes 128 to 139. */
public final class PeerMessages implements MessageFamily {

    static final int PEER_HELLO = 128;

    @Override
    public int firstCode() {
        return 128;
    }

    @Override
    public int lastCode() {
        return 139;
    }

    @Override
    public Message decode(int code, WireReader payload) {
        if (code == PEER_HELLO) {
            return PeerHello.decode(payload);
        }
        throw new MalformedMessageException("no peer message has code " + code);
    }
}
