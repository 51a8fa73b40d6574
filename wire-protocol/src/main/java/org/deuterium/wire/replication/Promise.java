package org.deuterium.wire.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A voter's answer to {@link PromiseRequest}, sent only when the promise is fsynced.
 *
 * @param term the term promised; in a refusal the later one that was promised before
 * @param granted false if a later term was promised before
 * @param storage the directory that votes
 * @param lastTerm the term of the last entry of its log
 * @param lastIndex the end of its log
 * @param stuck its log is as good as any, but its database cannot go on with it: it should lead only if it must
 */
public record Promise(
        PartitionId partition,
        Term term,
        boolean granted,
        StorageId storage,
        Term lastTerm,
        LogIndex lastIndex,
        boolean stuck)
        implements ReplicationMessage {

    /** A promise of a replica whose database is good. */
    public Promise(
            PartitionId partition, Term term, boolean granted, StorageId storage, Term lastTerm, LogIndex lastIndex) {
        this(partition, term, granted, storage, lastTerm, lastIndex, false);
    }

    @Override
    public Kind kind() {
        return Kind.PROMISE;
    }

    /** Positive if this log is ahead of the other: by the term of the last entry, then by its index. */
    public int compareLogs(Promise other) {
        int byTerm = lastTerm.compareTo(other.lastTerm);
        return byTerm != 0 ? byTerm : lastIndex.compareTo(other.lastIndex);
    }

    @Override
    public int code() {
        return ReplicationMessages.PROMISE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(term.number()).writeBoolean(granted);
        out.writeString(storage.value())
                .writeVLong(lastTerm.number())
                .writeVLong(lastIndex.position())
                .writeBoolean(stuck);
    }

    static Promise decode(WireReader in) {
        return new Promise(
                ReplicationMessages.readPartition(in),
                ReplicationMessages.readTerm(in),
                in.readBoolean(),
                new StorageId(in.readString()),
                ReplicationMessages.readTerm(in),
                ReplicationMessages.readIndex(in),
                in.readBoolean());
    }
}
