package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Ends a branch of a transaction over several partitions; answered by a PositionedAnswer with Done
 * once its leader's H2 shows that, also if it did so before: asked again it changes nothing.
 *
 * @param commit true only if every participant has prepared
 * @param timestamp the largest timestamp of its PREPARE entries, at which a consistent cut shows it; ZERO without commit
 */
public record DecideBranch(PartitionId partition, TransactionId transaction, boolean commit, Timestamp timestamp)
        implements PartitionRequest {

    /** Rolls the branch back. */
    public static DecideBranch abort(PartitionId partition, TransactionId transaction) {
        return new DecideBranch(partition, transaction, false, Timestamp.ZERO);
    }

    @Override
    public int code() {
        return PartitionMessages.DECIDE_BRANCH;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transaction.origin()).writeVLong(transaction.sequence());
        out.writeBoolean(commit).writeVLong(timestamp.value());
    }

    static DecideBranch decode(WireReader in) {
        return new DecideBranch(
                new PartitionId(in.readVInt()),
                new TransactionId(in.readLong(), in.readVLong()),
                in.readBoolean(),
                new Timestamp(in.readVLong()));
    }
}
