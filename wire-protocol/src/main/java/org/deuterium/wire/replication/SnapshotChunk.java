package org.deuterium.wire.replication;

import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A piece of a snapshot, in answer to a {@link SnapshotRequest}; the next one is sent when it is asked for.
 *
 * @param checksum CRC-32C of the bytes
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are handed on, never compared
public record SnapshotChunk(PartitionId partition, long transfer, long offset, int checksum, byte[] bytes)
        implements Message {

    @Override
    public int code() {
        return ReplicationMessages.SNAPSHOT_CHUNK;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number())
                .writeLong(transfer)
                .writeVLong(offset)
                .writeInt(checksum)
                .writeBytes(bytes);
    }

    static SnapshotChunk decode(WireReader in) {
        return new SnapshotChunk(
                ReplicationMessages.readPartition(in), in.readLong(), in.readVLong(), in.readInt(), in.readBytes());
    }
}
