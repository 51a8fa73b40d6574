package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Commits a branch (answered by Done once the commit is acknowledged under the partition's ack rule) or rolls it back.
 * A rollback of a branch that does not exist is Done.
 */
public record EndBranch(PartitionId partition, TransactionId transaction, boolean commit) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.END_BRANCH;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transaction.origin()).writeVLong(transaction.sequence());
        out.writeBoolean(commit);
    }

    static EndBranch decode(WireReader in) {
        return new EndBranch(
                new PartitionId(in.readVInt()), new TransactionId(in.readLong(), in.readVLong()), in.readBoolean());
    }
}
