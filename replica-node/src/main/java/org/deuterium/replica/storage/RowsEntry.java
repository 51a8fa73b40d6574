package org.deuterium.replica.storage;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;

/** A committed entry of the log that carries a write set, on its way into H2. */
@SuppressWarnings("ArrayRecordComponent") // the payload of an entry, never compared
public record RowsEntry(LogIndex index, Term term, TransactionId transaction, byte[] writeSet) {

    /** An entry of no client's transaction. */
    public RowsEntry(LogIndex index, Term term, byte[] writeSet) {
        this(index, term, TransactionId.NONE, writeSet);
    }
}
