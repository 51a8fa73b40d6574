package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** Answered by Done as soon as the leader has applied this version of the schema, or by a Failure if it cannot. */
public record AwaitSchema(PartitionId partition, long version) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.AWAIT_SCHEMA;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(version);
    }

    static AwaitSchema decode(WireReader in) {
        return new AwaitSchema(new PartitionId(in.readVInt()), in.readVLong());
    }
}
