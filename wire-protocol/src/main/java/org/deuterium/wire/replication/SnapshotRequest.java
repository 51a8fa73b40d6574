package org.deuterium.wire.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What a follower says about a snapshot that was offered.
 *
 * @param transfer the snapshot's name in its offer; 0 if none was offered
 * @param offset how much of it is here; an index if it is wanted
 */
public record SnapshotRequest(PartitionId partition, long transfer, Step step, long offset) implements Message {

    /** How far the follower is. */
    public enum Step {
        /** It asks for the piece at the offset. */
        PIECE,
        /** It has all of it and is putting it in place. */
        BUSY,
        /** It wants nothing more: it is done, or never wanted it. */
        END,
        /** What arrived does not have the offer's checksum: another snapshot is to be made. */
        DAMAGED,
        /** Nothing was offered, but its database failed: it wants one that shows the entry at the offset. */
        WANTED;

        static Step ofCode(int code) {
            if (code < 0 || code >= values().length) {
                throw new MalformedMessageException("no step of a snapshot has code " + code);
            }
            return values()[code];
        }
    }

    /** Nothing was offered: asks for a snapshot that shows this entry. */
    public static SnapshotRequest wanted(PartitionId partition, LogIndex mustShow) {
        return new SnapshotRequest(partition, 0, Step.WANTED, mustShow.position());
    }

    @Override
    public int code() {
        return ReplicationMessages.SNAPSHOT_REQUEST;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transfer).writeByte(step.ordinal());
        out.writeVLong(offset);
    }

    static SnapshotRequest decode(WireReader in) {
        return new SnapshotRequest(
                ReplicationMessages.readPartition(in), in.readLong(), Step.ofCode(in.readByte()), in.readVLong());
    }
}
