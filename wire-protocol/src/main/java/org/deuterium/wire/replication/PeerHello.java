package org.deuterium.wire.replication;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * The first message of a node that connects to another one; answered by Done, or by a Failure if the clusters differ,
 * after which the connection is closed.
 *
 * @param clusterId the cluster the sender belongs to
 * @param node who the sender is
 * @param address where the sender listens itself
 * @param purpose what will be said over the connection
 */
public record PeerHello(String clusterId, NodeId node, NodeAddress address, Purpose purpose) implements Message {

    /** "D2P2": the first bytes of a PeerHello, and with them the version of what nodes say to each other. */
    public static final int MAGIC = 0x44325032;

    /** Who speaks over a connection: it decides which thread of the receiver reads it. */
    public enum Purpose {
        /** Routers ask leaders, operators ask nodes. */
        REQUESTS,
        /** Replicas speak to replicas, and controllers to voters. */
        REPLICATION
    }

    /** A greeting for requests. */
    public PeerHello(String clusterId, NodeId node, NodeAddress address) {
        this(clusterId, node, address, Purpose.REQUESTS);
    }

    /** The same node, come to speak for its replicas. */
    public PeerHello forReplication() {
        return new PeerHello(clusterId, node, address, Purpose.REPLICATION);
    }

    private static final Purpose[] PURPOSES = Purpose.values();

    @Override
    public int code() {
        return PeerMessages.PEER_HELLO;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeInt(MAGIC).writeString(clusterId).writeString(node.name());
        out.writeString(address.host()).writeVInt(address.port());
        out.writeByte(purpose.ordinal());
    }

    static PeerHello decode(WireReader in) {
        if (in.readInt() != MAGIC) {
            throw new MalformedMessageException("the first message does not begin as a Deuterium node's");
        }
        String clusterId = in.readString();
        String node = in.readString();
        String host = in.readString();
        int port = in.readVInt();
        int purpose = in.readByte();
        if (purpose < 0 || purpose >= PURPOSES.length) {
            throw new MalformedMessageException("a peer's greeting: unknown purpose " + purpose);
        }
        try {
            return new PeerHello(clusterId, new NodeId(node), new NodeAddress(host, port), PURPOSES[purpose]);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("a peer's greeting: " + e.getMessage());
        }
    }
}
