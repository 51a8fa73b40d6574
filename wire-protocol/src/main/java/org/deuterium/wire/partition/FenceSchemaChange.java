package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Makes a partition ready for a schema change that is proposed but not decided: the leader holds new work back, waits
 * for open transactions on the tables concerned, checks the data against the change, and answers Done or a Failure.
 * Held work goes on when the schema log decides the version, or drops it.
 *
 * @param version the version the change will have
 * @param sql the change as partitions run it
 */
public record FenceSchemaChange(PartitionId partition, long version, String sql) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.FENCE_SCHEMA_CHANGE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(version).writeString(sql);
    }

    static FenceSchemaChange decode(WireReader in) {
        return new FenceSchemaChange(new PartitionId(in.readVInt()), in.readVLong(), in.readString());
    }
}
