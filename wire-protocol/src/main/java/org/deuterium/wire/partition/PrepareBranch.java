package org.deuterium.wire.partition;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Asks a branch of a transaction over several partitions to promise that it can commit; answered by a PositionedAnswer
 * with Done and the timestamp of its PREPARE once that is acknowledged under the partition's ack rule, or by a Failure:
 * unless that says that the outcome is unknown, the branch is rolled back and will never be prepared. The transaction is committed as soon as all participants have it.
 *
 * @param participants all partitions where it has a branch: one that only holds locks promises to hold them until the
 *     decision, and could not stop the others from committing otherwise
 * @param dependsOn nothing that the session has seen or done has a later timestamp; the PREPARE gets a later one, and so does
 *     the commit: no effect without its cause
 */
public record PrepareBranch(
        PartitionId partition, TransactionId transaction, List<PartitionId> participants, Timestamp dependsOn)
        implements PartitionRequest {

    /** Of a session that has seen and done nothing. */
    public PrepareBranch(PartitionId partition, TransactionId transaction, List<PartitionId> participants) {
        this(partition, transaction, participants, Timestamp.ZERO);
    }

    public PrepareBranch {
        participants = List.copyOf(participants);
    }

    @Override
    public int code() {
        return PartitionMessages.PREPARE_BRANCH;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeLong(transaction.origin()).writeVLong(transaction.sequence());
        out.writeVInt(participants.size());
        participants.forEach(participant -> out.writeVInt(participant.number()));
        out.writeVLong(dependsOn.value());
    }

    static PrepareBranch decode(WireReader in) {
        PartitionId partition = new PartitionId(in.readVInt());
        TransactionId transaction = new TransactionId(in.readLong(), in.readVLong());
        int count = in.readCount();
        List<PartitionId> participants = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            participants.add(new PartitionId(in.readVInt()));
        }
        return new PrepareBranch(partition, transaction, participants, new Timestamp(in.readVLong()));
    }
}
