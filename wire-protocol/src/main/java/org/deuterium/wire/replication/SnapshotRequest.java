package org.deuterium.wire.replication;

import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A follower asks for the next piece of a snapshot that was offered. With the offset at the snapshot's end it says that
 * it wants nothing more: it has it all, or never wanted it.
 */
public record SnapshotRequest(PartitionId partition, long transfer, long offset) implements Message {

    @Override
    public int code() {
        return ReplicationMessages.SNAPSHOT_REQUEST;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transfer).writeVLong(offset);
    }

    static SnapshotRequest decode(WireReader in) {
        return new SnapshotRequest(ReplicationMessages.readPartition(in), in.readLong(), in.readVLong());
    }
}
