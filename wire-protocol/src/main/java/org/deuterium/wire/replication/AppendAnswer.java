package org.deuterium.wire.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A follower's answer to {@link AppendEntries}.
 *
 * @param term the follower's term; if it is later than the leader's, the leader is none any more
 * @param storage the directory that acknowledges
 * @param accepted whether the logs agreed before the entries sent
 * @param index if accepted: everything up to here is fsynced and the same as the leader's. If not: the
 *     {@code previousIndex} that was refused
 * @param hintIndex if not accepted: the greatest index where the logs may agree
 * @param hintTerm if not accepted: the term of the follower's entry there
 */
public record AppendAnswer(
        PartitionId partition,
        Term term,
        StorageId storage,
        boolean accepted,
        LogIndex index,
        LogIndex hintIndex,
        Term hintTerm)
        implements ReplicationMessage {

    public static AppendAnswer accepted(PartitionId partition, Term term, StorageId storage, LogIndex durable) {
        return new AppendAnswer(partition, term, storage, true, durable, LogIndex.NONE, Term.NONE);
    }

    @Override
    public Kind kind() {
        return Kind.APPEND_ANSWER;
    }

    @Override
    public int code() {
        return ReplicationMessages.APPEND_ANSWER;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(term.number()).writeString(storage.value());
        out.writeBoolean(accepted).writeVLong(index.position());
        out.writeVLong(hintIndex.position()).writeVLong(hintTerm.number());
    }

    static AppendAnswer decode(WireReader in) {
        return new AppendAnswer(
                ReplicationMessages.readPartition(in),
                ReplicationMessages.readTerm(in),
                new StorageId(in.readString()),
                in.readBoolean(),
                ReplicationMessages.readIndex(in),
                ReplicationMessages.readIndex(in),
                ReplicationMessages.readTerm(in));
    }
}
