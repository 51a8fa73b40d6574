package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Asks a participant whether a transaction is prepared there; answered by a TransactionOutcome: PREPARED, COMMITTED, or
 * ABORTED. A participant that finds nothing logs ABORT before it answers, so that the answer stays true.
 */
public record AskPrepared(PartitionId partition, TransactionId transaction) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.ASK_PREPARED;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transaction.origin()).writeVLong(transaction.sequence());
    }

    static AskPrepared decode(WireReader in) {
        return new AskPrepared(new PartitionId(in.readVInt()), new TransactionId(in.readLong(), in.readVLong()));
    }
}
