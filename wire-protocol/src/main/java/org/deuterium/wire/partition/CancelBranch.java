package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** Stops the statement a branch is running, if any; answered by Done. */
public record CancelBranch(PartitionId partition, TransactionId transaction) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.CANCEL_BRANCH;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transaction.origin()).writeVLong(transaction.sequence());
    }

    static CancelBranch decode(WireReader in) {
        return new CancelBranch(new PartitionId(in.readVInt()), new TransactionId(in.readLong(), in.readVLong()));
    }
}
