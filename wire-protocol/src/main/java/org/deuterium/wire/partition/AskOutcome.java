package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Asks whether one of a session's latest transactions was committed; answered by a TransactionOutcome: ABORTED, or,
 * in a PositionedAnswer that covers what it did, COMMITTED or FORGOTTEN; after any decision that is still open. A leader that finds nothing logs ABORT before it answers; what
 * comes later under these identities is refused.
 *
 * @param from the first transaction in question
 * @param through the last one, of the same session: the same, or the last the session could ever begin
 */
public record AskOutcome(PartitionId partition, TransactionId from, TransactionId through) implements PartitionRequest {

    public AskOutcome {
        if (from.origin() != through.origin()
                || from.session() != through.session()
                || from.sequence() > through.sequence()) {
            throw new IllegalArgumentException("transactions " + from + " to " + through + " are none of one session");
        }
    }

    @Override
    public int code() {
        return PartitionMessages.ASK_OUTCOME;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(from.origin());
        out.writeVLong(from.sequence()).writeVLong(through.sequence());
    }

    static AskOutcome decode(WireReader in) {
        PartitionId partition = new PartitionId(in.readVInt());
        long origin = in.readLong();
        return new AskOutcome(
                partition, new TransactionId(origin, in.readVLong()), new TransactionId(origin, in.readVLong()));
    }
}
