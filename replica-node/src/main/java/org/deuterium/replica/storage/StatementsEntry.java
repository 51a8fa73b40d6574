package org.deuterium.replica.storage;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;

/** A committed entry of the log that carries the statements of a transaction, on its way into H2. */
@SuppressWarnings("ArrayRecordComponent") // payloads are never compared and never copied
public record StatementsEntry(LogIndex index, Term term, TransactionId transaction, byte[] statements) {}
