package org.deuterium.wire.partition;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** Asks a node about all replicas it hosts; answered by {@link ReplicaStatuses}. */
public record DescribeReplicas() implements Message {

    @Override
    public int code() {
        return PartitionMessages.DESCRIBE_REPLICAS;
    }

    @Override
    public void encode(WireWriter out) {}

    static DescribeReplicas decode(WireReader in) {
        return new DescribeReplicas();
    }
}
