package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What leaders show of a moment that a router names, while a transaction over two partitions is half way. */
@Timeout(120)
class ConsistentCutTest {

    private static final PartitionId ONE = PartitionId.HOME;
    private static final PartitionId TWO = new PartitionId(1);
    private static final List<PartitionId> BOTH = List.of(ONE, TWO);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private int moved;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(ONE);
        cluster.createPartition(TWO);
        cluster.schema(ONE, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.ask(new AwaitSchema(TWO, cluster.board.decidedVersion()));
        for (PartitionId partition : BOTH) {
            cluster.update(partition, "INSERT INTO T VALUES(1, 100), (2, 0)");
        }
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private ExecuteInBranch atCut(PartitionId partition, Timestamp cut) {
        ExecuteInBranch plain = cluster.statement(
                partition, cluster.newTransaction(), true, true, "SELECT CAST(V AS BIGINT) FROM T WHERE ID = 1");
        return new ExecuteInBranch(
                plain.partition(),
                plain.schemaVersion(),
                plain.transaction(),
                true,
                true,
                plain.brief(),
                plain.session(),
                plain.sql(),
                plain.parameters(),
                plain.fetchSize(),
                plain.maxRows(),
                plain.timeoutMillis(),
                plain.keys(),
                plain.wantColumns(),
                0,
                ReadBound.atLeader(Timestamp.ZERO).atCut(cut));
    }

    private CompletableFuture<Message> ask(ExecuteInBranch request) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        cluster.node(cluster.board.current(request.partition()).leader())
                .service()
                .handle(request, answer::complete);
        return answer;
    }

    private static Message await(CompletableFuture<Message> answer) throws Exception {
        return answer.get(30, TimeUnit.SECONDS);
    }

    private static boolean isMissed(Message answer) {
        return answer instanceof PositionedAnswer positioned
                && positioned.answer() instanceof Failure failure
                && failure.error() == ErrorCode.CUT_MISSED;
    }

    private static long value(Message answer) {
        RowsPage page = assertInstanceOf(
                RowsPage.class,
                assertInstanceOf(PositionedAnswer.class, answer, answer::toString)
                        .answer());
        assertEquals(1, page.rowCount());
        WireReader in = new WireReader(page.rows());
        in.readByte();
        return in.readZLong();
    }

    private static Timestamp timestamp(Message prepared) {
        return assertInstanceOf(PositionedAnswer.class, prepared, prepared::toString)
                .timestamp();
    }

    /** A router's clock, so far ahead that the leaders have not passed it. */
    private static Timestamp soon() {
        return Timestamp.ofMillis(System.currentTimeMillis() + 50);
    }

    /** Takes one from the first partition to the second, up to where both are prepared; gives the commit's timestamp. */
    private Timestamp prepareTransfer(TransactionId transfer) throws Exception {
        cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = V - 1 WHERE ID = 1");
        cluster.inBranch(TWO, transfer, true, "UPDATE T SET V = V + 1 WHERE ID = 1");
        return timestamp(cluster.ask(new PrepareBranch(ONE, transfer, BOTH)))
                .max(timestamp(cluster.ask(new PrepareBranch(TWO, transfer, BOTH))));
    }

    private void decide(PartitionId partition, TransactionId transfer, Timestamp commit) throws Exception {
        Message answer = cluster.ask(new DecideBranch(partition, transfer, true, commit));
        assertInstanceOf(PositionedAnswer.class, answer, answer::toString);
    }

    /** False if the machine was so slow that a leader gave the cut up; nothing is told by that. */
    private boolean oneTransferIsSeenWholeOrNotAtAll() throws Exception {
        TransactionId transfer = cluster.newTransaction();
        Timestamp commit = prepareTransfer(transfer);
        decide(ONE, transfer, commit);
        moved++;
        long shownByTheSecond = cluster.number(TWO, "SELECT V FROM T WHERE ID = 1");
        assertEquals(100 + moved - 1, shownByTheSecond, "a plain read sees half of it now: the anomaly");
        Timestamp cut = soon();
        CompletableFuture<Message> first = ask(atCut(ONE, cut));
        CompletableFuture<Message> second = ask(atCut(TWO, cut));
        CompletableFuture<Message> heldBack = new CompletableFuture<>();
        cluster.node(cluster.board.current(TWO).leader())
                .service()
                .handle(
                        cluster.statement(
                                TWO, cluster.newTransaction(), true, true, "UPDATE T SET V = V + 1 WHERE ID = 2"),
                        heldBack::complete);
        decide(TWO, transfer, commit);
        await(heldBack);
        Message one = await(first);
        Message two = await(second);
        if (isMissed(one) || isMissed(two)) {
            return false;
        }
        assertEquals(100 - moved, value(one));
        assertEquals(100 + moved, value(two), "decided behind the cut, with an earlier timestamp");
        return true;
    }

    @Test
    void aCutWaitsForTheDecisionsOfWhatWasPreparedBeforeIt() throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        int seen = 0;
        while (seen < 5) {
            assertTrue(System.nanoTime() < deadline, "no cut was made in time");
            seen += oneTransferIsSeenWholeOrNotAtAll() ? 1 : 0;
        }
        cluster.awaitEqualReplicas(TWO, id(1), id(2), id(3));
    }

    @Test
    void whatIsCommittedLaterThanTheCutIsNotInItAlthoughItWasPreparedBefore() throws Exception {
        TransactionId transfer = cluster.newTransaction();
        cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = V - 1 WHERE ID = 1");
        cluster.ask(new PrepareBranch(ONE, transfer, BOTH));
        Timestamp cut = soon();
        CompletableFuture<Message> read = ask(atCut(ONE, cut));
        decide(ONE, transfer, cut.next());
        Message answer = await(read);
        assertTrue(isMissed(answer) || value(answer) == 100, answer::toString);
        assertEquals(99, cluster.number(ONE, "SELECT V FROM T WHERE ID = 1"));
    }

    @Test
    void aLeaderDoesNotShowTheStateOfAMomentThatItHasPassed() throws Exception {
        Timestamp before = Timestamp.ofMillis(System.currentTimeMillis() - 1_000);
        Message answer = await(ask(atCut(ONE, before)));
        assertTrue(isMissed(answer), answer::toString);
        assertFalse(((PositionedAnswer) answer).timestamp().compareTo(before) <= 0, "it says how far it is");
    }

    @Test
    void anUndecidedTransactionHoldsNobodyUpForLong() throws Exception {
        TransactionId transfer = cluster.newTransaction();
        prepareTransfer(transfer);
        CompletableFuture<Message> read = ask(atCut(ONE, soon()));
        cluster.update(ONE, "UPDATE T SET V = V + 1 WHERE ID = 2");
        assertTrue(isMissed(await(read)));
    }

    @Test
    void theTimestampOfANodeWhoseClockIsFarAheadIsRefused() throws Exception {
        Message answer = await(ask(atCut(ONE, Timestamp.ofMillis(System.currentTimeMillis() + 60_000))));
        assertEquals(
                ErrorCode.CLOCK_AHEAD,
                assertInstanceOf(Failure.class, answer, answer::toString).error());
    }
}
