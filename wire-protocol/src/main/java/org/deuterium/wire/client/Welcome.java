package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/**
 * The log-in worked.
 *
 * @param session the number of the session on this node, for {@link CancelStatement}
 * @param cancelKey a secret that a CancelStatement for this session must carry
 * @param node the node's id
 * @param databaseVersion H2's version, as DatabaseMetaData.getDatabaseProductVersion gives it
 * @param homeLeader host:port of the node that led the home partition when this was said, or null if unknown
 * @param origin what the identities of all transactions of this node's clients begin with: see {@link
 *     org.deuterium.wire.TransactionId}
 */
public record Welcome(
        int protocolVersion,
        long session,
        long cancelKey,
        String node,
        String databaseVersion,
        @Nullable String homeLeader,
        long origin)
        implements Message {

    @Override
    public int code() {
        return ClientMessages.WELCOME;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(protocolVersion).writeVLong(session).writeLong(cancelKey).writeString(node);
        out.writeString(databaseVersion).writeNullableString(homeLeader).writeLong(origin);
    }

    static Welcome decode(WireReader in) {
        return new Welcome(
                in.readVInt(),
                in.readVLong(),
                in.readLong(),
                in.readString(),
                in.readString(),
                in.readNullableString(),
                in.readLong());
    }
}
