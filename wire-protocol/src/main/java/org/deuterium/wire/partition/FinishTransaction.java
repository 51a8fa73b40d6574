package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Says that every participant's log has the commit of a transaction, so that nobody will ask for it any more; answered by
 * Done at once, and lost without harm.
 */
public record FinishTransaction(PartitionId partition, TransactionId transaction) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.FINISH_TRANSACTION;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transaction.origin()).writeVLong(transaction.sequence());
    }

    static FinishTransaction decode(WireReader in) {
        return new FinishTransaction(new PartitionId(in.readVInt()), new TransactionId(in.readLong(), in.readVLong()));
    }
}
