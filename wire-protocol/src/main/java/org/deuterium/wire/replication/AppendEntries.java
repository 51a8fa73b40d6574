package org.deuterium.wire.replication;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/**
 * The leader's entries for a follower, or without entries its heartbeat.
 *
 * @param previousIndex the index before the first entry
 * @param previousTerm the term of the leader's entry there; the follower accepts only if its own has the same
 * @param commitIndex how far the leader knows entries to be committed
 * @param sentMillis the leader's clock when it sent this, for the follower to confirm; 0 if it asks for nothing
 * @param releases the leader relies on no confirmation any more, nor will it: a promise may be given at once
 * @param route where it goes from here along a chain; null if it is for the receiver alone
 * @param entries consecutive, from {@code previousIndex + 1}
 */
public record AppendEntries(
        PartitionId partition,
        Term term,
        LogIndex previousIndex,
        Term previousTerm,
        LogIndex commitIndex,
        long sentMillis,
        boolean releases,
        @Nullable ChainRoute route,
        List<LogEntry> entries)
        implements ReplicationMessage {

    public AppendEntries(
            PartitionId partition,
            Term term,
            LogIndex previousIndex,
            Term previousTerm,
            LogIndex commitIndex,
            long sentMillis,
            boolean releases,
            List<LogEntry> entries) {
        this(partition, term, previousIndex, previousTerm, commitIndex, sentMillis, releases, null, entries);
    }

    public AppendEntries(
            PartitionId partition,
            Term term,
            LogIndex previousIndex,
            Term previousTerm,
            LogIndex commitIndex,
            long sentMillis,
            List<LogEntry> entries) {
        this(partition, term, previousIndex, previousTerm, commitIndex, sentMillis, false, entries);
    }

    /** Entries that ask for no confirmation of the leader. */
    public AppendEntries(
            PartitionId partition,
            Term term,
            LogIndex previousIndex,
            Term previousTerm,
            LogIndex commitIndex,
            List<LogEntry> entries) {
        this(partition, term, previousIndex, previousTerm, commitIndex, 0, entries);
    }

    /** The same for the next member of the chain. */
    public AppendEntries along(ChainRoute way) {
        return new AppendEntries(
                partition, term, previousIndex, previousTerm, commitIndex, sentMillis, releases, way, entries);
    }

    @Override
    public Kind kind() {
        return Kind.APPEND_ENTRIES;
    }

    @Override
    public int code() {
        return ReplicationMessages.APPEND_ENTRIES;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(term.number());
        out.writeVLong(previousIndex.position()).writeVLong(previousTerm.number());
        out.writeVLong(commitIndex.position()).writeVLong(sentMillis);
        out.writeBoolean(releases).writeBoolean(route != null);
        if (route != null) {
            route.encode(out);
        }
        out.writeVInt(entries.size());
        for (LogEntry entry : entries) {
            entry.encode(out);
        }
    }

    static AppendEntries decode(WireReader in) {
        PartitionId partition = ReplicationMessages.readPartition(in);
        Term term = ReplicationMessages.readTerm(in);
        LogIndex previousIndex = ReplicationMessages.readIndex(in);
        Term previousTerm = ReplicationMessages.readTerm(in);
        LogIndex commitIndex = ReplicationMessages.readIndex(in);
        long sentMillis = in.readVLong();
        boolean releases = in.readBoolean();
        ChainRoute route = in.readBoolean() ? ChainRoute.decode(in) : null;
        int count = in.readCount();
        List<LogEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            LogEntry entry = LogEntry.decode(in);
            if (entry.index().position() != previousIndex.position() + 1 + i) {
                throw new MalformedMessageException("entry " + entry.index() + " at place " + i + " after "
                        + previousIndex + ": entries must be consecutive");
            }
            entries.add(entry);
        }
        return new AppendEntries(
                partition, term, previousIndex, previousTerm, commitIndex, sentMillis, releases, route, entries);
    }
}
