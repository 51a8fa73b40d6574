package org.deuterium.wire.partition;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Rolls a transaction back wherever it is in this node: its branches in the partitions the node leads, and the session
 * of its client if that is here. What is prepared or on its way into the log stays. Answered by {@link
 * TransactionKilled}.
 *
 * @param error what the client is told: {@link ErrorCode#TRANSACTION_ROLLED_BACK} if it may run the transaction again at
 *     once, {@link ErrorCode#TRANSACTION_KILLED} if a person ended it
 * @param reason the text for the client
 */
public record KillTransaction(TransactionId transaction, ErrorCode error, String reason) implements NodeRequest {

    @Override
    public int code() {
        return PartitionMessages.KILL_TRANSACTION;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeLong(transaction.origin()).writeVLong(transaction.sequence());
        out.writeVInt(error.number()).writeString(reason);
    }

    static KillTransaction decode(WireReader in) {
        return new KillTransaction(
                new TransactionId(in.readLong(), in.readVLong()), ErrorCode.ofNumber(in.readVInt()), in.readString());
    }
}
