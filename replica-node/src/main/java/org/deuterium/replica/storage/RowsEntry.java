package org.deuterium.replica.storage;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;

/** A committed entry of the log that carries a write set, on its way into H2. */
public record RowsEntry(LogIndex index, Term term, byte[] writeSet) {}
