package org.deuterium.wire.replication;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * The tail of a chain asks its leader for a lease, or the leader gives it: for the length of a lease from the moment it
 * asked nothing is committed without the tail, so that it may answer strong reads by itself.
 *
 * @param storage the directory of the tail
 * @param startedMillis when the tail's process began, on its own clock: a lease is for that process only
 * @param askedMillis when it asked, on its own clock
 * @param granted false: the tail asks; true: the leader has granted it
 */
public record TailLease(
        PartitionId partition, Term term, StorageId storage, long startedMillis, long askedMillis, boolean granted)
        implements ReplicationMessage {

    /** The leader's answer. */
    public TailLease grant() {
        return new TailLease(partition, term, storage, startedMillis, askedMillis, true);
    }

    @Override
    public Kind kind() {
        return Kind.TAIL_LEASE;
    }

    @Override
    public int code() {
        return ReplicationMessages.TAIL_LEASE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(term.number()).writeString(storage.value());
        out.writeVLong(startedMillis).writeVLong(askedMillis).writeBoolean(granted);
    }

    static TailLease decode(WireReader in) {
        return new TailLease(
                ReplicationMessages.readPartition(in),
                ReplicationMessages.readTerm(in),
                new StorageId(in.readString()),
                in.readVLong(),
                in.readVLong(),
                in.readBoolean());
    }
}
