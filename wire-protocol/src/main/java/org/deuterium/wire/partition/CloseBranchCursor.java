package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** Closes a cursor at a leader; answered by Done, also when it is gone already. */
public record CloseBranchCursor(PartitionId partition, long cursor) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.CLOSE_BRANCH_CURSOR;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(cursor);
    }

    static CloseBranchCursor decode(WireReader in) {
        return new CloseBranchCursor(new PartitionId(in.readVInt()), in.readVLong());
    }
}
