package org.deuterium.replica.host;

import java.util.List;
import org.deuterium.replica.log.DamagedEntryException;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replica.storage.EntryText;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.LogEntry;

/** Says in words which entry a database failed on, and why. */
final class FailedEntry {

    private static final int MOST_CHARACTERS = 300;

    private static final int MOST_CAUSES = 8;

    private FailedEntry() {}

    /** Why, down to what was behind it: that a disk is full, where H2 says only that the database has been closed. */
    static String reason(Throwable failure) {
        StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
        Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++) {
            String message = cause.getMessage();
            if (message != null && text.indexOf(message) < 0) {
                text.append(": ").append(message);
            }
            cause = cause.getCause();
        }
        return text.toString();
    }

    /**
     * @param shows the last entry the database shows
     * @param tried the last of those it was given together; the failure is that of one of them
     */
    static String words(ReplicationLog log, PartitionId partition, LogIndex shows, LogIndex tried, Throwable cause) {
        StringBuilder text = new StringBuilder();
        text.append(reason(cause)).append("; it happened with ").append(shows.next());
        if (tried.isAfter(shows.next())) {
            text.append(" to ").append(tried);
        }
        try {
            List<LogEntry> entries = log.entries(partition, shows.next(), 0);
            if (!entries.isEmpty()) {
                LogEntry entry = entries.get(0);
                text.append(", which begins with ")
                        .append(entry.kind())
                        .append(" of ")
                        .append(entry.transaction());
                text.append(' ').append(EntryText.beginning(entry, MOST_CHARACTERS));
            }
        } catch (DamagedEntryException e) {
            text.append(", which cannot be read: ").append(e.getMessage());
        }
        return text.length() <= MOST_CHARACTERS ? text.toString() : text.substring(0, MOST_CHARACTERS) + "…";
    }
}
