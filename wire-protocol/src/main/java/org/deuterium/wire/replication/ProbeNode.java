package org.deuterium.wire.replication;

import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A node that found nobody listening where another one used to be asks a second one to look as well; answered by
 * NodeProbed.
 *
 * @param node the node that seems to be gone
 * @param instance the process it was; another process of that node is none of this question's business
 */
public record ProbeNode(NodeId node, String instance) implements Message {

    @Override
    public int code() {
        return PeerMessages.PROBE_NODE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeString(node.name()).writeString(instance);
    }

    static ProbeNode decode(WireReader in) {
        return new ProbeNode(new NodeId(in.readString()), in.readString());
    }
}
