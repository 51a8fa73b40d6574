package org.deuterium.wire.replication;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * The way of entries along a chain (van Renesse and Schneider, OSDI 2004): each member passes them to the next one, and the
 * last one's acknowledgement comes back the same way. The leader lays the way for each message, so members need to know
 * nothing of the group.
 *
 * @param number which chain of this term's leader it is; acknowledgements of another one count for nothing
 * @param leader where the message began
 * @param rest the members after the receiver, the tail last
 */
public record ChainRoute(int number, NodeId leader, List<NodeId> rest) {

    public ChainRoute {
        rest = List.copyOf(rest);
    }

    /** The way as the next member sees it. */
    public ChainRoute afterNext() {
        return new ChainRoute(number, leader, rest.subList(1, rest.size()));
    }

    void encode(WireWriter out) {
        out.writeVInt(number).writeString(leader.name()).writeVInt(rest.size());
        rest.forEach(node -> out.writeString(node.name()));
    }

    static ChainRoute decode(WireReader in) {
        int number = in.readVInt();
        NodeId leader = readNode(in);
        int count = in.readCount();
        List<NodeId> rest = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            rest.add(readNode(in));
        }
        return new ChainRoute(number, leader, rest);
    }

    private static NodeId readNode(WireReader in) {
        String name = in.readString();
        try {
            return new NodeId(name);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("a chain leads to a node that cannot be: " + e.getMessage());
        }
    }
}
