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
 * @param confirmsMillis the latest {@code sentMillis} of this term's leader that was heard here: from then on nobody
 *     else gets this voter's promise for the length of a lease; 0 if none
 * @param storage the directory that acknowledges
 * @param accepted whether the logs agreed before the entries sent
 * @param index if accepted: everything up to here is fsynced and the same as the leader's. If not: the
 *     {@code previousIndex} that was refused
 * @param routeNumber the chain whose acknowledgement this is too; 0 if it is of none
 * @param throughTail everything up to here is fsynced by the sender and everybody after it in that chain
 * @param hintIndex if not accepted: the greatest index where the logs may agree
 * @param hintTerm if not accepted: the term of the follower's entry there
 * @param parted if not accepted: what the follower has committed is not in the leader's log (only ASYNC lets that
 *     happen), so that nothing but a snapshot helps
 * @param stuck the follower's database cannot go on with the log: it acknowledges, but should not be handed the lead
 */
public record AppendAnswer(
        PartitionId partition,
        Term term,
        long confirmsMillis,
        StorageId storage,
        boolean accepted,
        LogIndex index,
        int routeNumber,
        LogIndex throughTail,
        LogIndex hintIndex,
        Term hintTerm,
        boolean parted,
        boolean stuck)
        implements ReplicationMessage {

    public AppendAnswer(
            PartitionId partition,
            Term term,
            long confirmsMillis,
            StorageId storage,
            boolean accepted,
            LogIndex index,
            LogIndex hintIndex,
            Term hintTerm) {
        this(
                partition,
                term,
                confirmsMillis,
                storage,
                accepted,
                index,
                0,
                LogIndex.NONE,
                hintIndex,
                hintTerm,
                false,
                false);
    }

    /** An answer that confirms nobody. */
    public AppendAnswer(
            PartitionId partition,
            Term term,
            StorageId storage,
            boolean accepted,
            LogIndex index,
            LogIndex hintIndex,
            Term hintTerm) {
        this(partition, term, 0, storage, accepted, index, hintIndex, hintTerm);
    }

    /** To a leader of the past: there is a later term. */
    public static AppendAnswer ofLaterTerm(PartitionId partition, Term term, StorageId storage, LogIndex index) {
        return new AppendAnswer(partition, term, storage, false, index, LogIndex.NONE, Term.NONE);
    }

    public static AppendAnswer accepted(PartitionId partition, Term term, StorageId storage, LogIndex durable) {
        return accepted(partition, term, 0, storage, durable);
    }

    public static AppendAnswer accepted(
            PartitionId partition, Term term, long confirmsMillis, StorageId storage, LogIndex durable) {
        return new AppendAnswer(partition, term, confirmsMillis, storage, true, durable, LogIndex.NONE, Term.NONE);
    }

    /** The same, telling also how far a chain is. */
    public AppendAnswer ofChain(int number, LogIndex throughItsTail) {
        return new AppendAnswer(
                partition,
                term,
                confirmsMillis,
                storage,
                accepted,
                index,
                number,
                throughItsTail,
                hintIndex,
                hintTerm,
                parted,
                stuck);
    }

    /** The same, of a follower whose database can go on, or cannot. */
    public AppendAnswer stuck(boolean on) {
        return on == stuck
                ? this
                : new AppendAnswer(
                        partition,
                        term,
                        confirmsMillis,
                        storage,
                        accepted,
                        index,
                        routeNumber,
                        throughTail,
                        hintIndex,
                        hintTerm,
                        parted,
                        on);
    }

    /** A refusal of everything but a snapshot. */
    public static AppendAnswer parted(
            PartitionId partition, Term term, long confirmsMillis, StorageId storage, LogIndex refused) {
        return new AppendAnswer(
                partition,
                term,
                confirmsMillis,
                storage,
                false,
                refused,
                0,
                LogIndex.NONE,
                LogIndex.NONE,
                Term.NONE,
                true,
                false);
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
        out.writeVInt(partition.number()).writeVLong(term.number()).writeVLong(confirmsMillis);
        out.writeString(storage.value());
        out.writeBoolean(accepted).writeVLong(index.position());
        out.writeVInt(routeNumber).writeVLong(throughTail.position());
        out.writeVLong(hintIndex.position()).writeVLong(hintTerm.number()).writeBoolean(parted);
        out.writeBoolean(stuck);
    }

    static AppendAnswer decode(WireReader in) {
        return new AppendAnswer(
                ReplicationMessages.readPartition(in),
                ReplicationMessages.readTerm(in),
                in.readVLong(),
                new StorageId(in.readString()),
                in.readBoolean(),
                ReplicationMessages.readIndex(in),
                in.readVInt(),
                ReplicationMessages.readIndex(in),
                ReplicationMessages.readIndex(in),
                ReplicationMessages.readTerm(in),
                in.readBoolean(),
                in.readBoolean());
    }
}
