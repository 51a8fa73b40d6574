package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.junit.jupiter.api.Test;

/** What the entries of a transaction over several partitions say to people. */
class EntryTextTest {

    private static final TransactionId TRANSACTION = new TransactionId(7, 9);

    private static List<String> lines(EntryKind kind, byte[] payload) {
        return EntryText.lines(new LogEntry(new Term(1), new LogIndex(1), Timestamp.ZERO, TRANSACTION, kind, payload));
    }

    @Test
    void theStepsOfACommitOverSeveralPartitions() {
        List<PartitionId> both = List.of(new PartitionId(3), new PartitionId(4));
        byte[] prepared = new PreparedTransaction(TRANSACTION, both, new byte[0]).encode();
        assertEquals(List.of("can commit, together with [p3, p4]"), lines(EntryKind.PREPARE, prepared));
        assertEquals(List.of("commits"), lines(EntryKind.DECISION, new byte[] {1}));
        assertEquals(List.of("is rolled back"), lines(EntryKind.DECISION, new byte[] {0}));
        assertEquals(
                List.of("is rolled back, and will not be prepared here any more"), lines(EntryKind.ABORT, new byte[0]));
        byte[] finished =
                new WireWriter().writeVInt(1).writeLong(7).writeVLong(9).toByteArray();
        assertEquals(List.of("nobody asks for " + TRANSACTION + " any more"), lines(EntryKind.FINISH, finished));
    }
}
