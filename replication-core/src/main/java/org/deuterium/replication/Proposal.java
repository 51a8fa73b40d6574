package org.deuterium.replication;

import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;

/**
 * What the leader's host wants in the log: an entry that has no place yet.
 *
 * @param dependsOn the timestamps of everything this may be an effect of, in any partition: its own will be later
 */
@SuppressWarnings("ArrayRecordComponent") // the payload is handed on, never compared
public record Proposal(TransactionId transaction, EntryKind kind, byte[] payload, Timestamp dependsOn) {

    /** The effect of nothing outside of its partition. */
    public Proposal(TransactionId transaction, EntryKind kind, byte[] payload) {
        this(transaction, kind, payload, Timestamp.ZERO);
    }

    /** The same, after something more. */
    public Proposal after(Timestamp earlier) {
        return new Proposal(transaction, kind, payload, dependsOn.max(earlier));
    }
}
