package org.deuterium.wire.partition;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Tells the elected controller that a node which is gone is lost for good: its replicas are to be others', now. Answered
 * by Done; what comes of it the board shows. A controller that is not elected does nothing.
 */
public record GiveUpNode(NodeId node) implements NodeRequest {

    @Override
    public int code() {
        return PartitionMessages.GIVE_UP_NODE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeString(node.name());
    }

    static GiveUpNode decode(WireReader in) {
        String name = in.readString();
        try {
            return new GiveUpNode(new NodeId(name));
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("no node can be named so: " + e.getMessage());
        }
    }
}
