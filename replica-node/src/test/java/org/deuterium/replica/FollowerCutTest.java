package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.deuterium.replica.TwoPartitions.ONE;
import static org.deuterium.replica.TwoPartitions.TWO;
import static org.deuterium.replica.TwoPartitions.await;
import static org.deuterium.replica.TwoPartitions.isLeftAlone;
import static org.deuterium.replica.TwoPartitions.isMissed;
import static org.deuterium.replica.TwoPartitions.sometimes;
import static org.deuterium.replica.TwoPartitions.timestamp;
import static org.deuterium.replica.TwoPartitions.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.partition.TransferLeader;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What followers show of a moment that a router names. A cut that a slow machine gave up is made again. */
@Timeout(240)
class FollowerCutTest {

    private static final String READ = "SELECT CAST(V AS BIGINT) FROM T WHERE ID = 1";

    @TempDir
    Path directory;

    private TwoPartitions partitions;
    private FakeCluster cluster;
    private int moved;

    @BeforeEach
    void start() throws Exception {
        partitions = new TwoPartitions(directory, "(1, 100), (2, 0)");
        cluster = partitions.cluster;
        partitions.awaitEqualReplicas();
    }

    @AfterEach
    void stop() throws Exception {
        partitions.close();
    }

    private NodeId leader(PartitionId partition) {
        return cluster.board.current(partition).leader();
    }

    private NodeId follower(PartitionId partition) {
        return leader(partition).equals(id(1)) ? id(2) : id(1);
    }

    private static Timestamp soon() {
        return Timestamp.ofMillis(System.currentTimeMillis() + 20);
    }

    private CompletableFuture<Message> readAt(Timestamp cut, PartitionId partition, NodeId node, LogIndex least) {
        return readAt(cut, partition, node, new ReadBound(true, Timestamp.ZERO, true, least, true, false, 0, 100));
    }

    private CompletableFuture<Message> readAt(Timestamp cut, PartitionId partition, NodeId node, ReadBound bound) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        cluster.node(node)
                .service()
                .handle(
                        cluster.statement(partition, cluster.newTransaction(), true, true, READ)
                                .at(bound.atCut(cut)),
                        answer::complete);
        return answer;
    }

    private CompletableFuture<Message> readAt(Timestamp cut, PartitionId partition) {
        return readAt(cut, partition, follower(partition), LogIndex.NONE);
    }

    /** True if both parts were shown. */
    private boolean oneTransferIsSeenWhole() throws Exception {
        TransactionId transfer = cluster.newTransaction();
        Timestamp commit = partitions.prepareTransfer(transfer);
        partitions.decide(ONE, transfer, commit);
        moved++;
        Timestamp cut = soon();
        CompletableFuture<Message> first = readAt(cut, ONE);
        CompletableFuture<Message> second = readAt(cut, TWO);
        cluster.update(TWO, "UPDATE T SET V = V + 1 WHERE ID = 2"); // perhaps behind the cut, before the decision
        partitions.decide(TWO, transfer, commit);
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
        sometimes(5, this::oneTransferIsSeenWhole);
        cluster.awaitEqualReplicas(TWO, id(1), id(2), id(3));
    }

    @Test
    void anUndecidedTransactionIsNotShownAndIsNotWaitedForLong() throws Exception {
        sometimes(1, () -> {
            TransactionId transfer = cluster.newTransaction();
            long preparedNanos = System.nanoTime();
            Timestamp commit = partitions.prepareTransfer(transfer);
            moved++;
            boolean missed = isMissed(await(readAt(soon(), ONE)));
            assertTrue(missed || isLeftAlone(preparedNanos), "it is shown, or was waited for");
            partitions.decide(ONE, transfer, commit);
            partitions.decide(TWO, transfer, commit);
            return missed;
        });
        sometimes(1, () -> {
            Message later = await(readAt(soon(), ONE));
            return !isMissed(later) && value(later) == 100 - moved;
        });
    }

    @Test
    void whatIsCommittedLaterThanTheCutIsNotInItAlthoughItWasPreparedBefore() throws Exception {
        sometimes(1, () -> {
            TransactionId transfer = cluster.newTransaction();
            cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = V - 1 WHERE ID = 1");
            partitions.prepareFirst(transfer);
            Timestamp cut = soon();
            CompletableFuture<Message> read = readAt(cut, ONE);
            partitions.decide(ONE, transfer, cut.next());
            Message answer = await(read);
            assertTrue(isMissed(answer) || value(answer) == 100, answer::toString);
            return true;
        });
        cluster.awaitEqualReplicas(ONE, id(1), id(2), id(3));
    }

    @Test
    void aFollowerDoesNotShowAMomentThatItHasPassed() throws Exception {
        Timestamp before = Timestamp.ofMillis(System.currentTimeMillis() - 60_000);
        Message answer = await(readAt(before, ONE));
        assertTrue(isMissed(answer), answer::toString);
        assertTrue(timestamp(answer).compareTo(before) > 0, "it says how far it is");
    }

    @Test
    void theMomentMustNotBeBeforeWhatTheSessionHasSeen() throws Exception {
        Message answer = await(readAt(soon(), ONE, follower(ONE), new LogIndex(1_000_000)));
        assertTrue(isMissed(answer), answer::toString);
    }

    @Test
    void aLaterEntryClosesTheMomentIfTheLeaderCannotBeAsked() throws Exception {
        cluster.asksLeader = node -> false;
        assertTrue(isMissed(await(readAt(soon(), ONE))), "nobody knows what else may come");
        sometimes(1, () -> {
            Timestamp cut = soon();
            CompletableFuture<Message> read = readAt(cut, ONE);
            Message written;
            do {
                written = cluster.ask(cluster.statement(
                                ONE, cluster.newTransaction(), true, true, "UPDATE T SET V = V + 1 WHERE ID = 2")
                        .at(ReadBound.atLeader(Timestamp.ZERO)));
            } while (timestamp(written).compareTo(cut) <= 0);
            Message answer = await(read);
            return !isMissed(answer) && value(answer) == 100;
        });
    }

    @Test
    void aBoundOnStalenessHoldsAtACutToo() throws Exception {
        ReadBound fresh = new ReadBound(true, Timestamp.ZERO, true, LogIndex.NONE, true, false, 300, 5_000);
        sometimes(1, () -> {
            Message answer = await(readAt(soon(), ONE, follower(ONE), fresh));
            return !isMissed(answer) && value(answer) == 100;
        });
        NodeId follower = follower(ONE);
        FakeCluster.Node cut = cluster.cutOff(follower);
        long cutNanos = System.nanoTime();
        CompletableFuture<Message> refused = new CompletableFuture<>();
        while (!refused.isDone()) {
            CompletableFuture<Message> read = new CompletableFuture<>();
            long askedNanos = System.nanoTime();
            ReadBound bound = new ReadBound(true, Timestamp.ZERO, true, LogIndex.NONE, true, false, 300, 1);
            cut.service()
                    .handle(
                            cluster.statement(ONE, cluster.newTransaction(), true, true, READ)
                                    .at(bound.atCut(soon())),
                            read::complete);
            Message answer = await(read);
            if (answer instanceof Failure failure && failure.error() == ErrorCode.REPLICA_BEHIND) {
                refused.complete(answer);
            } else {
                assertTrue(isMissed(answer), "it cannot know what a moment shows: " + answer);
                assertTrue(TimeUnit.NANOSECONDS.toMillis(askedNanos - cutNanos) <= 300, "not even asked for");
            }
        }
        cluster.reconnect(follower, cut);
    }

    @Test
    void theTailOfAChainShowsAtACutWhatWasAcknowledged() throws Exception {
        Message changed = cluster.ask(new ChangeAckRule(ONE, AckRule.chain(2), 20_000));
        assertInstanceOf(Done.class, changed, changed::toString);
        for (int i = 1; i <= 3; i++) {
            int shown = 100 + i;
            cluster.update(ONE, "UPDATE T SET V = V + 1 WHERE ID = 1");
            sometimes(1, () -> {
                NodeId tail = cluster.board.current(ONE).tail(); // another one, if it was silent for too long
                if (tail == null) {
                    return false;
                }
                Message answer = await(readAt(soon(), ONE, tail, ReadBound.atTail(Timestamp.ZERO, 100)));
                boolean noLease = answer instanceof Failure failure && failure.error() == ErrorCode.REPLICA_BEHIND;
                return !noLease && !isMissed(answer) && value(answer) == shown;
            });
        }
    }

    /** A moment ahead that the leader has closed, as far as its lease allows. */
    private Timestamp closedMoment() throws Exception {
        CompletableFuture<Timestamp> closed = new CompletableFuture<>();
        sometimes(1, () -> {
            Timestamp at = Timestamp.ofMillis(System.currentTimeMillis() + 300);
            return cluster.ask(new AskPosition(ONE, at)) instanceof PositionedAnswer answer
                    && answer.answer() instanceof Done
                    && closed.complete(at);
        });
        return closed.get();
    }

    private Timestamp timestampOfAWrite() throws Exception {
        Message written = FakeCluster.askUntilDone(() -> cluster.ask(
                cluster.statement(ONE, cluster.newTransaction(), true, true, "UPDATE T SET V = V + 1 WHERE ID = 2")
                        .at(ReadBound.atLeader(Timestamp.ZERO))));
        Timestamp timestamp = timestamp(written);
        assertInstanceOf(UpdateCounts.class, ((PositionedAnswer) written).answer(), written::toString);
        return timestamp;
    }

    @Test
    void whatAClosedMomentExcludesIsExcludedUnderTheNextLeaderToo() throws Exception {
        NodeId former = leader(ONE);
        Timestamp closed = closedMoment();
        Message handedOver = cluster.ask(new TransferLeader(ONE, follower(ONE), 20_000));
        assertInstanceOf(Done.class, handedOver, handedOver::toString);
        assertFalse(former.equals(leader(ONE)));
        assertTrue(timestampOfAWrite().compareTo(closed) > 0);
    }

    /** The old leader closes a moment after an entry that nobody else ever gets, and is lost. */
    @Test
    void anEntryThatIsTakenBackIsInNoCut() throws Exception {
        NodeId former = leader(ONE);
        NodeId follower = follower(ONE);
        cluster.arrives = (to, message) -> !(message instanceof AppendEntries append
                && append.partition().equals(ONE)
                && !append.entries().isEmpty());
        CompletableFuture<Message> lost = new CompletableFuture<>();
        cluster.node(former)
                .service()
                .handle(
                        cluster.statement(ONE, cluster.newTransaction(), true, true, "UPDATE T SET V = 0 WHERE ID = 1"),
                        lost::complete);
        Timestamp cut = soon();
        Message answer = await(readAt(cut, ONE, follower, LogIndex.NONE));
        assertTrue(isMissed(answer), () -> "it waits for what its leader's log has: " + answer);
        FakeCluster.Node gone = cluster.cutOff(former);
        cluster.arrives = (to, message) -> true;
        assertTrue(timestampOfAWrite().compareTo(cut) > 0, "the next leader goes on after the closed moment");
        cluster.reconnect(former, gone);
        cluster.awaitEqualReplicas(ONE, id(1), id(2), id(3));
        sometimes(3, () -> {
            Message later = await(readAt(soon(), ONE, former, LogIndex.NONE));
            return !isMissed(later) && value(later) == 100;
        });
        assertFalse(await(lost) instanceof UpdateCounts);
    }
}
