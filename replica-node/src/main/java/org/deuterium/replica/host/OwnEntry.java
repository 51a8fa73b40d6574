package org.deuterium.replica.host;

import org.deuterium.wire.replication.LogEntry;

/** An entry that was appended here for somebody who waits. */
record OwnEntry(LogEntry entry, PendingEntry pending) {

    long index() {
        return entry.index().position();
    }
}
