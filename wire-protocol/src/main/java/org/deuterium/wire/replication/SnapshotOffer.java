package org.deuterium.wire.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A leader offers a follower that is too far behind for its log a snapshot of the partition; the follower answers with
 * a {@link SnapshotRequest}.
 *
 * @param term the term the sender leads
 * @param transfer names this snapshot: pieces of it that arrived before a break or a restart still count
 * @param index the last entry the snapshot holds the effect of
 * @param termOfIndex the term of that entry
 * @param lastTimestamp no entry up to there has a later one
 * @param bytes how long the snapshot is
 * @param checksum CRC-32C of all its bytes
 */
public record SnapshotOffer(
        PartitionId partition,
        Term term,
        long transfer,
        LogIndex index,
        Term termOfIndex,
        Timestamp lastTimestamp,
        long bytes,
        int checksum)
        implements Message {

    @Override
    public int code() {
        return ReplicationMessages.SNAPSHOT_OFFER;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(term.number()).writeLong(transfer);
        out.writeVLong(index.position()).writeVLong(termOfIndex.number());
        out.writeVLong(lastTimestamp.value()).writeVLong(bytes).writeInt(checksum);
    }

    public static SnapshotOffer decode(WireReader in) {
        return new SnapshotOffer(
                ReplicationMessages.readPartition(in),
                ReplicationMessages.readTerm(in),
                in.readLong(),
                ReplicationMessages.readIndex(in),
                ReplicationMessages.readTerm(in),
                new Timestamp(in.readVLong()),
                in.readVLong(),
                in.readInt());
    }
}
