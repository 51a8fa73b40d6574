package org.deuterium.replication;

import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;

/** What the leader's host wants in the log: an entry that has no place yet. */
@SuppressWarnings("ArrayRecordComponent") // the payload is handed on, never compared
public record Proposal(TransactionId transaction, EntryKind kind, byte[] payload) {}
