package org.deuterium.wire.partition;

import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** Asks a node to digest every row of its replica of a partition, led or not; answered by {@link ReplicaDigests}. */
public record DescribeDigests(PartitionId partition) implements Message {

    @Override
    public int code() {
        return PartitionMessages.DESCRIBE_DIGESTS;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number());
    }

    static DescribeDigests decode(WireReader in) {
        return new DescribeDigests(new PartitionId(in.readVInt()));
    }
}
