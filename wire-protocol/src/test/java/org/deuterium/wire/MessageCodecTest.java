package org.deuterium.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deuterium.wire.client.CancelStatement;
import org.deuterium.wire.client.ClientMessages;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.Welcome;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.partition.AskPrepared;
import org.deuterium.wire.partition.AskRetained;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.DescribeDigests;
import org.deuterium.wire.partition.DescribeTransactions;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.GiveUpNode;
import org.deuterium.wire.partition.HoldMoment;
import org.deuterium.wire.partition.KillTransaction;
import org.deuterium.wire.partition.PartitionMessages;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.partition.ReplicaDigests;
import org.deuterium.wire.partition.ReplicaStatuses;
import org.deuterium.wire.partition.RetainedMoments;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.partition.TransactionStatuses;
import org.deuterium.wire.partition.TransactionStatuses.BranchStatus;
import org.deuterium.wire.partition.TransactionStatuses.ClientTransaction;
import org.deuterium.wire.partition.TransactionStatuses.LockWait;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.StatementMessages;
import org.deuterium.wire.statement.TransactionOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message that is sent is understood, and nothing else is. */
class MessageCodecTest {

    private static final MessageCodec CODEC =
            new MessageCodec(List.of(new StatementMessages(), new ClientMessages(), new PartitionMessages()));

    static Stream<Message> messages() {
        SessionContext session = new SessionContext("PUBLIC", "Europe/Berlin", 2000);
        ColumnDescription column = new ColumnDescription(
                "L", "N", "S", "T", ValueType.INTEGER, "INTEGER", 4, 32, 0, 11, 2, true, "java.lang.Integer");
        TransactionId transaction = new TransactionId(-5, 77);
        return Stream.of(
                Failure.of(ErrorCode.LOCK_TIMEOUT, "row of T locked"),
                new Hello(1, "db", "sa", "secret", Map.of("schema", "PUBLIC")),
                new Welcome(1, 9, -4, "node-1", "2.5.252", null, -8),
                new EndTransaction(true),
                new CloseHandle(true, 12),
                new CancelStatement(3, 4),
                new EndBranch(new PartitionId(4), transaction, true),
                new BranchSavepoint(new PartitionId(4), transaction, 3, true),
                new AwaitSchema(PartitionId.HOME, 12),
                new SequenceBlock(-10, -1, 32),
                new PrepareBranch(
                        new PartitionId(3),
                        transaction,
                        List.of(new PartitionId(3), new PartitionId(5)),
                        new Timestamp(77L << 16)),
                new DecideBranch(new PartitionId(3), transaction, true, new Timestamp(77)),
                DecideBranch.abort(new PartitionId(3), transaction),
                new AskPrepared(new PartitionId(3), transaction),
                new AskOutcome(new PartitionId(3), transaction, transaction.lastOfSession()),
                new FinishTransaction(new PartitionId(3), transaction),
                new TransactionOutcome(TransactionOutcome.State.FORGOTTEN, 3),
                statuses(),
                new EndBranch(new PartitionId(4), transaction, true, ReadBound.atLeader(new Timestamp(77L << 16))),
                new AskPosition(new PartitionId(6), Timestamp.ofMillis(1_800_000_000_000L)),
                new HoldMoment(new PartitionId(6), Timestamp.ofMillis(1_800_000_000_000L), true),
                new AskRetained(new PartitionId(7)),
                new RetainedMoments(30_000, List.of(new Timestamp(5L << 16), new Timestamp(6L << 16))),
                new PositionedAnswer(
                        new LogIndex(12), new Timestamp((5L << 16) + 3), Failure.of(ErrorCode.NOT_READY, "later")),
                new DescribeTransactions(true),
                new GiveUpNode(new NodeId("n4")),
                new KillTransaction(transaction, ErrorCode.TRANSACTION_KILLED, "why"),
                new TransactionStatuses(
                        new NodeId("n1"),
                        List.of(
                                new BranchStatus(PartitionId.HOME, transaction, "IDLE", 17, "SELECT 1", null),
                                new BranchStatus(
                                        new PartitionId(3),
                                        transaction,
                                        "WAITING",
                                        18,
                                        "",
                                        new LockWait(5, 6, 200, new TransactionId(-6, 78)))),
                        List.of(new ClientTransaction(
                                transaction, false, "SA", "/127.0.0.1:9", "IDLE", "READ COMMITTED", 300, 100, ""))),
                new DescribeDigests(new PartitionId(5)),
                new ReplicaDigests(
                        new LogIndex(77), List.of(new ReplicaDigests.TableDigest("PUBLIC.T", 3, Long.MIN_VALUE))),
                new org.deuterium.wire.client.StatementPrepared(5, true, List.of(column), List.of(column, column)),
                new org.deuterium.wire.client.Ping());
    }

    private static ReplicaStatuses statuses() {
        return new ReplicaStatuses(
                new NodeId("n1"),
                List.of(new ReplicaStatuses.ReplicaStatus(
                        PartitionId.HOME,
                        "LEADER",
                        new Term(2),
                        new LogIndex(9),
                        new LogIndex(8),
                        new LogIndex(7),
                        new Timestamp(5L << 16),
                        3)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void comesBackAsItWasSent(Message message) {
        assertEquals(message, decodeFrame(message));
    }

    @Test
    void statementsComeBackWithTheirBytes() {
        ParameterRows parameters = new ParameterRows(2, 1, new byte[] {4, 2, 4, 4});
        ExecuteStatement client = new ExecuteStatement(
                0,
                "SELECT ?",
                parameters,
                true,
                100,
                5,
                1000,
                new KeysWanted(KeysWanted.Kind.NAMES, List.of("ID")),
                true);
        ExecuteStatement back = assertInstanceOf(ExecuteStatement.class, decodeFrame(client));
        assertEquals(client.sql(), back.sql());
        assertEquals(client.keys(), back.keys());
        assertEquals(4, back.parameters().values().length);
        ExecuteInBranch branch = new ExecuteInBranch(
                new PartitionId(3),
                7,
                new TransactionId(1, 2),
                true,
                false,
                true,
                new SessionContext("S", "UTC", 9),
                "UPDATE T SET A = ?",
                parameters,
                0,
                0,
                0,
                KeysWanted.ALL,
                true,
                1_500,
                1_764_190_000_123_456L,
                new ReadBound(true, new Timestamp(9L << 16), true, new LogIndex(300), true, false, 2_000, 50));
        ExecuteInBranch same = assertInstanceOf(ExecuteInBranch.class, decodeFrame(branch));
        assertEquals(branch.sql(), same.sql());
        assertEquals(branch.bound(), same.bound());
        assertEquals(1_500, same.lockMillisUsed());
        assertEquals(branch.momentMicros(), same.momentMicros());
        ReadBound strong = ReadBound.atTail(new Timestamp(9L << 16), 50);
        assertEquals(
                strong,
                assertInstanceOf(ExecuteInBranch.class, decodeFrame(branch.at(strong)))
                        .bound());
        ReadBound past = ReadBound.NONE.atRetained(new Timestamp(9L << 16));
        assertEquals(
                past,
                assertInstanceOf(ExecuteInBranch.class, decodeFrame(branch.at(past)))
                        .bound());
        assertEquals(
                List.of(true, false, true, true),
                List.of(same.begins(), same.ends(), same.brief(), same.wantColumns()));
        RowsPage page = assertInstanceOf(RowsPage.class, decodeFrame(new RowsPage(null, 1, new byte[] {1, 1}, 4)));
        assertEquals(4, page.cursor());
    }

    @Test
    void bytesTooManyAndUnknownCodesAreRefused() {
        assertThrows(MalformedMessageException.class, () -> CODEC.decode(27, new WireReader(new byte[] {1})));
        assertThrows(MalformedMessageException.class, () -> CODEC.decode(63, new WireReader(new byte[0])));
        assertThrows(MalformedMessageException.class, () -> CODEC.decode(255, new WireReader(new byte[0])));
        assertThrows(
                MalformedMessageException.class,
                () -> CODEC.decode(
                        16, new WireReader("GET / HTTP/1.1".getBytes(java.nio.charset.StandardCharsets.US_ASCII))));
    }

    @Test
    void garbageEndsInOneKindOfException() {
        Random random = new Random(11);
        for (int round = 0; round < 50_000; round++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            try {
                CODEC.decode(random.nextInt(128), new WireReader(bytes));
            } catch (MalformedMessageException refused) {
                assertEquals(true, refused.getMessage() != null);
            }
        }
    }

    @Test
    void aFrameTooLargeIsNotSent() {
        RowsPage tooLarge = new RowsPage(null, 1, new byte[MessageCodec.MAX_FRAME_BYTES], 0);
        WireWriter out = new WireWriter();
        assertThrows(OversizedMessageException.class, () -> MessageCodec.encodeFrame(tooLarge, 1, out));
    }

    private static Message decodeFrame(Message message) {
        WireWriter out = new WireWriter();
        MessageCodec.encodeFrame(message, 42, out);
        WireReader in = new WireReader(out.toByteArray());
        assertEquals(out.size() - 4, in.readInt());
        int code = in.readByte();
        assertEquals(42, in.readInt());
        return CODEC.decode(code, in);
    }
}
