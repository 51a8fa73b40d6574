package org.deuterium.replica.storage;

import org.deuterium.wire.replication.EntryKind;

/** What a transaction changed, as its entry of the log says it: ROWS or STATEMENT. Without payload nothing changed. */
@SuppressWarnings("ArrayRecordComponent") // payloads are never compared and never copied
public record LoggedChanges(EntryKind kind, byte[] payload) {

    static final LoggedChanges NONE = new LoggedChanges(EntryKind.ROWS, WriteSetCapture.NOTHING);

    public boolean isEmpty() {
        return payload.length == 0;
    }
}
