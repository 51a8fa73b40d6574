package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Commits a branch (answered by Done once the commit is acknowledged under the partition's ack rule, inside a {@link
 * PositionedAnswer} if the bound wants it) or rolls it back. A rollback of a branch that does not exist is Done.
 *
 * @param bound what the client's session has seen and done until now
 */
public record EndBranch(PartitionId partition, TransactionId transaction, boolean commit, ReadBound bound)
        implements PartitionRequest {

    /** Of no client's session, or a rollback. */
    public EndBranch(PartitionId partition, TransactionId transaction, boolean commit) {
        this(partition, transaction, commit, ReadBound.NONE);
    }

    @Override
    public int code() {
        return PartitionMessages.END_BRANCH;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transaction.origin()).writeVLong(transaction.sequence());
        out.writeBoolean(commit);
        bound.encode(out);
    }

    static EndBranch decode(WireReader in) {
        return new EndBranch(
                new PartitionId(in.readVInt()),
                new TransactionId(in.readLong(), in.readVLong()),
                in.readBoolean(),
                ReadBound.decode(in));
    }
}
