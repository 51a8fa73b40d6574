package org.deuterium.wire.replication;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.junit.jupiter.api.Test;

/** What replicas say to each other comes back as it was sent. */
class ReplicationMessagesTest {

    private static final MessageCodec CODEC = new MessageCodec(List.of(new ReplicationMessages()));
    private static final PartitionId PARTITION = new PartitionId(300);

    private static Message back(Message message) {
        WireWriter out = new WireWriter();
        message.encode(out);
        return CODEC.decode(message.code(), new WireReader(out.toByteArray()));
    }

    @Test
    void promisesAndAnswers() {
        for (ReplicationMessage message : List.of(
                new PromiseRequest(PARTITION, new Term(4)),
                new TailLease(PARTITION, new Term(4), new StorageId("s"), 5, 1_700_000_000_000L, false).grant(),
                new Promise(PARTITION, new Term(4), true, new StorageId("s"), new Term(3), new LogIndex(1L << 40)),
                AppendAnswer.accepted(PARTITION, new Term(4), new StorageId("s"), new LogIndex(8)),
                AppendAnswer.accepted(PARTITION, new Term(4), 1_700_000_000_000L, new StorageId("s"), new LogIndex(8))
                        .ofChain(3, new LogIndex(6)),
                new AppendEntries(
                                PARTITION,
                                new Term(5),
                                new LogIndex(11),
                                new Term(3),
                                new LogIndex(10),
                                1_700_000_000_000L,
                                true,
                                List.of())
                        .along(new ChainRoute(3, new NodeId("n1"), List.of(new NodeId("n2"), new NodeId("n3")))),
                new AppendAnswer(
                        PARTITION,
                        new Term(4),
                        new StorageId(""),
                        false,
                        new LogIndex(9),
                        new LogIndex(7),
                        new Term(2)))) {
            assertEquals(message, back(message));
        }
    }

    @Test
    void entriesWithEverythingInThem() {
        LogEntry entry = new LogEntry(
                new Term(4),
                new LogIndex(12),
                Timestamp.ofMillis(1_700_000_000_000L).next(),
                new TransactionId(-7, 99),
                EntryKind.SEQUENCE_RESERVE,
                new byte[] {1, 2, 3});
        AppendEntries sent = new AppendEntries(
                PARTITION, new Term(5), new LogIndex(11), new Term(3), new LogIndex(10), List.of(entry));
        AppendEntries got = (AppendEntries) back(sent);
        assertEquals(sent, got);
        LogEntry same = got.entries().get(0);
        assertEquals(entry.timestamp(), same.timestamp());
        assertEquals(entry.transaction(), same.transaction());
        assertEquals(entry.kind(), same.kind());
        assertArrayEquals(entry.payload(), same.payload());
    }

    @Test
    void entriesThatDoNotFollowEachOtherAreRefused() {
        LogEntry entry = new LogEntry(
                new Term(4), new LogIndex(12), Timestamp.ZERO, TransactionId.NONE, EntryKind.ROWS, new byte[0]);
        AppendEntries gap = new AppendEntries(
                PARTITION, new Term(5), new LogIndex(10), new Term(3), new LogIndex(10), List.of(entry));
        assertThrows(MalformedMessageException.class, () -> back(gap));
    }

    @Test
    void garbageEndsInOneKindOfException() {
        Random random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(50)];
            random.nextBytes(bytes);
            try {
                CODEC.decode(140 + random.nextInt(52), new WireReader(bytes));
            } catch (MalformedMessageException refused) {
                assertNotNull(refused.getMessage());
            }
        }
    }
}
