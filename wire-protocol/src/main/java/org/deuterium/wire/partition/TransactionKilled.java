package org.deuterium.wire.partition;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What one node did for {@link KillTransaction}.
 *
 * @param ended branches that are, or in a moment will be, rolled back
 * @param committing branches that are prepared or on their way into the log: only the log ends them
 * @param session true if the transaction's client is connected to this node and will be told
 */
public record TransactionKilled(int ended, int committing, boolean session) implements Message {

    @Override
    public int code() {
        return PartitionMessages.TRANSACTION_KILLED;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(ended).writeVInt(committing).writeBoolean(session);
    }

    static TransactionKilled decode(WireReader in) {
        return new TransactionKilled(in.readVInt(), in.readVInt(), in.readBoolean());
    }
}
