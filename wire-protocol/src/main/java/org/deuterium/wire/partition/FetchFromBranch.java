package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Asks for the next rows of a cursor at a leader; answered by a RowsPage.
 *
 * @param count rows wanted; 0 lets the leader choose
 */
public record FetchFromBranch(PartitionId partition, long cursor, int count) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.FETCH_FROM_BRANCH;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(cursor).writeVInt(count);
    }

    static FetchFromBranch decode(WireReader in) {
        return new FetchFromBranch(new PartitionId(in.readVInt()), in.readVLong(), in.readVInt());
    }
}
