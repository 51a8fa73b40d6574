package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A branch that has promised it can commit, as a PREPARE entry carries it: {@code vInt participants, vInt each, write
 * set}. It holds its locks until the transaction is decided.
 *
 * @param participants the partitions the transaction wrote, this one among them
 * @param writeSet as of {@link Branch#capture}; empty if nothing changed here in the end
 * @param timestamp that of the PREPARE entry, which is not part of its payload
 */
@SuppressWarnings("ArrayRecordComponent") // the payload of an entry, never compared
public record PreparedTransaction(
        TransactionId transaction, List<PartitionId> participants, byte[] writeSet, Timestamp timestamp) {

    public PreparedTransaction {
        participants = List.copyOf(participants);
    }

    /** On its way into the log. */
    public PreparedTransaction(TransactionId transaction, List<PartitionId> participants, byte[] writeSet) {
        this(transaction, participants, writeSet, Timestamp.ZERO);
    }

    /** As its entry has it. */
    public PreparedTransaction at(Timestamp ofEntry) {
        return new PreparedTransaction(transaction, participants, writeSet, ofEntry);
    }

    /** The payload of the PREPARE entry. */
    public byte[] encode() {
        WireWriter out = new WireWriter();
        writeParticipants(participants, out);
        out.writeRaw(writeSet, 0, writeSet.length);
        return out.toByteArray();
    }

    public static PreparedTransaction decode(TransactionId transaction, byte[] payload) {
        WireReader in = new WireReader(payload);
        List<PartitionId> participants = readParticipants(in);
        byte[] writeSet = new byte[in.remaining()];
        System.arraycopy(in.array(), in.position(), writeSet, 0, writeSet.length);
        return new PreparedTransaction(transaction, participants, writeSet);
    }

    static void writeParticipants(List<PartitionId> participants, WireWriter out) {
        out.writeVInt(participants.size());
        participants.forEach(participant -> out.writeVInt(participant.number()));
    }

    static List<PartitionId> readParticipants(WireReader in) {
        int count = in.readCount();
        List<PartitionId> participants = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            participants.add(new PartitionId(in.readVInt()));
        }
        return participants;
    }
}
