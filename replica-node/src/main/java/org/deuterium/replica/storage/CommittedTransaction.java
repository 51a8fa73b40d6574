package org.deuterium.replica.storage;

import java.util.List;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A commit over several partitions that one of them may still ask for.
 *
 * @param participants the partitions it wrote
 * @param timestamp the largest of its PREPARE entries: cuts from there on show it
 */
public record CommittedTransaction(List<PartitionId> participants, Timestamp timestamp) {

    public CommittedTransaction {
        participants = List.copyOf(participants);
    }

    byte[] encode() {
        WireWriter out = new WireWriter().writeLong(timestamp.value());
        PreparedTransaction.writeParticipants(participants, out);
        return out.toByteArray();
    }

    static CommittedTransaction decode(WireReader in) {
        Timestamp timestamp = new Timestamp(in.readLong());
        return new CommittedTransaction(PreparedTransaction.readParticipants(in), timestamp);
    }
}
