package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Sets a savepoint in an open branch, or rolls the branch back to one; answered by Done or a Failure. A leader without
 * the branch answers TRANSACTION_ROLLED_BACK.
 *
 * @param savepoint its number in the transaction; routers map the client's names to numbers that only rise, and never
 *     ask for one that the branch has not set, but for {@link #BEGINNING}
 * @param rollback true to undo what the branch did after it (the savepoint stays), false to set it
 */
public record BranchSavepoint(PartitionId partition, TransactionId transaction, int savepoint, boolean rollback)
        implements PartitionRequest {

    /** Going back to it undoes all changes of the branch, which stays open with its table locks; nobody sets it. */
    public static final int BEGINNING = 0;

    @Override
    public int code() {
        return PartitionMessages.BRANCH_SAVEPOINT;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transaction.origin()).writeVLong(transaction.sequence());
        out.writeVInt(savepoint).writeBoolean(rollback);
    }

    static BranchSavepoint decode(WireReader in) {
        return new BranchSavepoint(
                new PartitionId(in.readVInt()),
                new TransactionId(in.readLong(), in.readVLong()),
                in.readVInt(),
                in.readBoolean());
    }
}
