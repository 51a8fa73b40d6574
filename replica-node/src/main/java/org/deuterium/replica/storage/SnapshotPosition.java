package org.deuterium.replica.storage;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;

/** The place in the log that a stored state is exactly at. */
public record SnapshotPosition(LogIndex index, Term term, long schemaVersion) {

    static final SnapshotPosition EMPTY = new SnapshotPosition(LogIndex.NONE, Term.NONE, 0);
}
