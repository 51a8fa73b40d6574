package org.deuterium.wire.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * One entry of a partition's replicated log. Two entries of one partition with the same index and term are the same
 * entry. The payload is never changed after the entry was made; entries compare by identity of their place, not by
 * their bytes.
 */
@SuppressWarnings("ArrayRecordComponent") // payloads are never compared and never copied
public record LogEntry(
        Term term, LogIndex index, Timestamp timestamp, TransactionId transaction, EntryKind kind, byte[] payload) {

    /** Appends the entry as it is on the wire and in the log; its partition stands around it. */
    public void encode(WireWriter out) {
        out.writeVLong(term.number()).writeVLong(index.position()).writeVLong(timestamp.value());
        out.writeLong(transaction.origin()).writeVLong(transaction.sequence());
        out.writeByte(kind.code()).writeBytes(payload);
    }

    public static LogEntry decode(WireReader in) {
        return new LogEntry(
                ReplicationMessages.readTerm(in),
                ReplicationMessages.readIndex(in),
                new Timestamp(in.readVLong()),
                new TransactionId(in.readLong(), in.readVLong()),
                EntryKind.ofCode(in.readByte()),
                in.readBytes());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogEntry that && term.equals(that.term) && index.equals(that.index);
    }

    @Override
    public int hashCode() {
        return index.hashCode();
    }

    @Override
    public String toString() {
        return kind + "@" + index + "/" + term;
    }
}
