package org.deuterium.wire.partition;

import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Asks the leader to hand the partition over to another of its replicas; answered by Done when that one leads, or by a
 * Failure if it does not.
 */
public record TransferLeader(PartitionId partition, NodeId to, int timeoutMillis) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.TRANSFER_LEADER;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeString(to.name()).writeVInt(timeoutMillis);
    }

    static TransferLeader decode(WireReader in) {
        return new TransferLeader(new PartitionId(in.readVInt()), new NodeId(in.readString()), in.readVInt());
    }
}
