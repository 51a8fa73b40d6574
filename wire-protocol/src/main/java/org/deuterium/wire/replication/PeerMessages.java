package org.deuterium.wire.replication;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageFamily;
import org.deuterium.wire.WireReader;

/** How one node opens a connection to another, and what nodes ask about a third one: codes 128 to 139. */
public final class PeerMessages implements MessageFamily {

    static final int PEER_HELLO = 128;
    static final int PROBE_NODE = 129;
    static final int NODE_PROBED = 130;
    static final int SILENT_LEADER = 131;

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
        return switch (code) {
            case PEER_HELLO -> PeerHello.decode(payload);
            case PROBE_NODE -> ProbeNode.decode(payload);
            case NODE_PROBED -> NodeProbed.decode(payload);
            case SILENT_LEADER -> SilentLeader.decode(payload);
            default -> throw new MalformedMessageException("no peer message has code " + code);
        };
    }
}
