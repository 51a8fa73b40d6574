package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.replication.Effects.SendFromLog;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * What the log holds of the entries a follower lacks.
 *
 * @param message null if nothing could be read
 * @param last the last entry in it
 */
record CatchUpMessage(@Nullable AppendEntries message, LogIndex last, long bytes) {

    static CatchUpMessage read(List<LogEntry> read, PartitionId partition, SendFromLog send) {
        List<LogEntry> entries = new ArrayList<>();
        long bytes = 0;
        for (LogEntry entry : read) {
            if (entry.index().isAfter(send.through())) {
                break;
            }
            entries.add(entry);
            bytes += entry.payload().length;
        }
        LogIndex previous = new LogIndex(send.from().position() - 1);
        AppendEntries message = entries.isEmpty()
                ? null
                : new AppendEntries(
                        partition,
                        send.term(),
                        previous,
                        send.previousTerm(),
                        send.commitIndex(),
                        send.sentMillis(),
                        entries);
        return new CatchUpMessage(message, previous.plus(entries.size()), bytes);
    }
}
