package org.deuterium.replica;

import static org.deuterium.replica.TwoPartitions.BOTH;
import static org.deuterium.replica.TwoPartitions.ONE;
import static org.deuterium.replica.TwoPartitions.TWO;
import static org.deuterium.replica.TwoPartitions.await;
import static org.deuterium.replica.TwoPartitions.isLeftAlone;
import static org.deuterium.replica.TwoPartitions.isMissed;
import static org.deuterium.replica.TwoPartitions.sometimes;
import static org.deuterium.replica.TwoPartitions.timestamp;
import static org.deuterium.replica.TwoPartitions.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What leaders show of a moment that a router names, while a transaction over two partitions is half way. */
@Timeout(240)
class ConsistentCutTest {

    @TempDir
    static Path directory;

    private static TwoPartitions partitions;
    private static FakeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        partitions = new TwoPartitions(directory, "(1, 100), (2, 0)");
        cluster = partitions.cluster;
    }

    @AfterAll
    static void stop() throws Exception {
        partitions.close();
    }

    private static CompletableFuture<Message> ask(ExecuteInBranch request) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        cluster.node(cluster.board.current(request.partition()).leader())
                .service()
                .handle(request, answer::complete);
        return answer;
    }

    private static CompletableFuture<Message> readAt(Timestamp cut, PartitionId partition) {
        return ask(cluster.statement(
                        partition, cluster.newTransaction(), true, true, "SELECT CAST(V AS BIGINT) FROM T WHERE ID = 1")
                .at(ReadBound.atLeader(Timestamp.ZERO).atCut(cut)));
    }

    /** A router's clock, so far ahead that the leaders have not passed it. */
    private static Timestamp soon() {
        return Timestamp.ofMillis(System.currentTimeMillis() + 50);
    }

    /** False if the machine was so slow that a leader gave the cut up; nothing is told by that. */
    private static boolean oneTransferIsSeenWholeOrNotAtAll() throws Exception {
        long beforeInOne = partitions.valueOfOne(ONE);
        long beforeInTwo = partitions.valueOfOne(TWO);
        TransactionId transfer = cluster.newTransaction();
        long preparedNanos = System.nanoTime();
        Timestamp commit = partitions.prepareTransfer(transfer);
        partitions.decide(ONE, transfer, commit);
        boolean half = partitions.valueOfOne(TWO) == beforeInTwo;
        assertTrue(half || isLeftAlone(preparedNanos), "a plain read sees half of it now: the anomaly");
        Timestamp cut = soon();
        CompletableFuture<Message> first = readAt(cut, ONE);
        CompletableFuture<Message> second = readAt(cut, TWO);
        CompletableFuture<Message> heldBack = ask(
                cluster.statement(TWO, cluster.newTransaction(), true, true, "UPDATE T SET V = V + 1 WHERE ID = 2"));
        partitions.decide(TWO, transfer, commit);
        await(heldBack);
        Message one = await(first);
        Message two = await(second);
        if (!half || isMissed(one) || isMissed(two)) {
            return false;
        }
        assertEquals(beforeInOne - 1, value(one));
        assertEquals(beforeInTwo + 1, value(two), "decided behind the cut, with an earlier timestamp");
        return true;
    }

    @Test
    void aCutWaitsForTheDecisionsOfWhatWasPreparedBeforeIt() throws Exception {
        sometimes(5, ConsistentCutTest::oneTransferIsSeenWholeOrNotAtAll);
        partitions.awaitEqualReplicas();
    }

    @Test
    void whatIsCommittedLaterThanTheCutIsNotInItAlthoughItWasPreparedBefore() throws Exception {
        sometimes(1, () -> {
            long before = partitions.valueOfOne(ONE);
            TransactionId transfer = cluster.newTransaction();
            cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = V - 1 WHERE ID = 1");
            long preparedNanos = System.nanoTime();
            partitions.prepareFirst(transfer);
            Timestamp cut = soon();
            CompletableFuture<Message> read = readAt(cut, ONE);
            partitions.decide(ONE, transfer, cut.next());
            Message answer = await(read);
            assertTrue(isMissed(answer) || value(answer) == before, answer::toString);
            if (isLeftAlone(preparedNanos)) {
                return false; // perhaps rolled back, because the other partition knows nothing of it
            }
            assertEquals(before - 1, partitions.valueOfOne(ONE));
            return true;
        });
    }

    /** Else the log, and all who hear of it, would be as far ahead, and nobody could close a moment of the present. */
    @Test
    void aWriteAfterWhatOnlyAWrongClockSaysIsRefused() throws Exception {
        Timestamp ahead = Timestamp.ofMillis(System.currentTimeMillis() + 50_000);
        TransactionId transfer = cluster.newTransaction();
        cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = V - 1 WHERE ID = 1");
        assertEquals(ErrorCode.CLOCK_AHEAD, refusal(cluster.ask(new PrepareBranch(ONE, transfer, BOTH, ahead))));
        String change = "UPDATE T SET V = V + 1 WHERE ID = 2";
        assertEquals(ErrorCode.CLOCK_AHEAD, refusal(askAfter(ahead, change)));
        askAfter(ahead, "SELECT V FROM T WHERE ID = 2"); // shows what there is
        Timestamp written = timestamp(askAfter(Timestamp.ZERO, change));
        assertTrue(written.compareTo(ahead) < 0, written::toString);
    }

    private static Message askAfter(Timestamp seen, String sql) throws Exception {
        return cluster.ask(cluster.statement(ONE, cluster.newTransaction(), true, true, sql)
                .at(ReadBound.atLeader(seen)));
    }

    private static ErrorCode refusal(Message answer) {
        return assertInstanceOf(Failure.class, answer, answer::toString).error();
    }

    @Test
    void whatIsPreparedComesAfterAllThatItsSessionHasSeen() throws Exception {
        TransactionId transfer = cluster.newTransaction();
        cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = V - 1 WHERE ID = 1");
        Timestamp seen = Timestamp.ofMillis(System.currentTimeMillis() + 300); // by a leader whose clock is ahead
        Message prepared = cluster.ask(new PrepareBranch(ONE, transfer, BOTH, seen));
        assertTrue(timestamp(prepared).compareTo(seen) > 0, prepared::toString);
        cluster.ask(DecideBranch.abort(ONE, transfer));
    }

    @Test
    void aLeaderDoesNotShowTheStateOfAMomentThatItHasPassed() throws Exception {
        Timestamp before = Timestamp.ofMillis(System.currentTimeMillis() - 1_000);
        Message answer = await(readAt(before, ONE));
        assertTrue(isMissed(answer), answer::toString);
        assertTrue(timestamp(answer).compareTo(before) > 0, "it says how far it is");
    }

    @Test
    void anUndecidedTransactionHoldsNobodyUpForLong() throws Exception {
        sometimes(1, () -> {
            TransactionId transfer = cluster.newTransaction();
            long preparedNanos = System.nanoTime();
            Timestamp commit = partitions.prepareTransfer(transfer);
            CompletableFuture<Message> read = readAt(soon(), ONE);
            cluster.update(ONE, "UPDATE T SET V = V + 1 WHERE ID = 2");
            boolean missed = isMissed(await(read));
            assertTrue(missed || isLeftAlone(preparedNanos), "it is shown, or was waited for");
            for (PartitionId partition : BOTH) {
                partitions.decide(partition, transfer, commit);
            }
            return missed;
        });
    }

    @Test
    void theTimestampOfANodeWhoseClockIsFarAheadIsRefused() throws Exception {
        Message answer = await(readAt(Timestamp.ofMillis(System.currentTimeMillis() + 60_000), ONE));
        assertEquals(
                ErrorCode.CLOCK_AHEAD,
                assertInstanceOf(Failure.class, answer, answer::toString).error());
    }
}
