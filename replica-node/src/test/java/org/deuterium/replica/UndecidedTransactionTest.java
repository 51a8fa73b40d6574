package org.deuterium.replica;

import static java.util.stream.Collectors.joining;
import static org.deuterium.replica.FakeCluster.id;
import static org.deuterium.replica.TwoPartitions.BOTH;
import static org.deuterium.replica.TwoPartitions.ONE;
import static org.deuterium.replica.TwoPartitions.TWO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of docs/transactions.md: the test is the router, and stops after any step of a commit over two partitions,
 * while leaders are lost too. In every case the transaction is all or nothing, and over within ten seconds.
 */
@Timeout(240)
class UndecidedTransactionTest {

    private static final long ROUTER = 815;
    private static final int ROWS = 6;

    /** Three times as long as it may take, so that a machine that does other things is no failure. */
    private static final long SOON_MILLIS = 30_000;

    @TempDir
    Path directory;

    private TwoPartitions partitions;
    private FakeCluster cluster;

    /** Where the router stops. */
    enum LastStep {
        STATEMENTS,
        FIRST_PREPARED,
        BOTH_PREPARED,
        FIRST_DECIDED,
        BOTH_DECIDED,
        FINISHED;

        boolean reached(LastStep step) {
            return compareTo(step) >= 0;
        }
    }

    @BeforeEach
    void start() throws Exception {
        partitions = new TwoPartitions(
                directory,
                IntStream.rangeClosed(1, ROWS)
                        .mapToObj(row -> "(" + row + ", 100)")
                        .collect(joining(", ")));
        cluster = partitions.cluster;
    }

    @AfterEach
    void stop() throws Exception {
        partitions.close();
    }

    /** A commit over both partitions, of a session and a row of its own. */
    private final class Transfer {
        private final int row;
        private final LastStep last;
        private int attempts;
        private TransactionId id;
        private Timestamp timestamp = Timestamp.ZERO;

        Transfer(int row, LastStep last) {
            this.row = row;
            this.last = last;
            id = TransactionId.of(ROUTER, row, 0, 0);
        }

        /** As far as it is to go; anew if the machine stood still so long that the leaders gave it up themselves. */
        void run() throws Exception {
            long begunNanos;
            do {
                begunNanos = System.nanoTime();
                id = TransactionId.of(ROUTER, row, ++attempts, 0);
                if (allSteps()) {
                    return;
                }
            } while (TwoPartitions.isLeftAlone(begunNanos));
            fail(this + " was refused");
        }

        private boolean allSteps() throws Exception {
            return statement(ONE, -30)
                    && statement(TWO, 30)
                    && (!last.reached(LastStep.FIRST_PREPARED) || prepare(ONE) instanceof Done)
                    && (!last.reached(LastStep.BOTH_PREPARED) || prepare(TWO) instanceof Done)
                    && (!last.reached(LastStep.FIRST_DECIDED) || decide(ONE))
                    && (!last.reached(LastStep.BOTH_DECIDED) || decide(TWO))
                    && (!last.reached(LastStep.FINISHED) || finish());
        }

        boolean statement(PartitionId partition, int change) throws Exception {
            return cluster.inBranch(partition, id, true, "UPDATE T SET V = V + " + change + " WHERE ID = " + row)
                    instanceof UpdateCounts;
        }

        Message prepare(PartitionId partition) throws Exception {
            Message answer = cluster.ask(new PrepareBranch(partition, id, BOTH));
            if (!(answer instanceof PositionedAnswer prepared)) {
                return answer;
            }
            timestamp = timestamp.max(prepared.timestamp());
            return prepared.answer();
        }

        boolean decide(PartitionId partition) throws Exception {
            return cluster.ask(new DecideBranch(partition, id, true, timestamp)) instanceof PositionedAnswer decided
                    && decided.answer() instanceof Done;
        }

        private boolean finish() throws Exception {
            for (PartitionId partition : BOTH) {
                cluster.ask(new FinishTransaction(partition, id));
            }
            return true;
        }

        /** Once both are prepared it is committed. */
        boolean isCommitted() {
            return last.reached(LastStep.BOTH_PREPARED);
        }

        /** Its rows can be changed again, so nothing is undecided any more; and they show what became of it. */
        void assertOver() throws Exception {
            for (PartitionId partition : BOTH) {
                FakeCluster.awaitThat(this + ": its row of " + partition + " is free", () -> isFree(partition, row));
            }
            assertEquals(isCommitted() ? 70 : 100, value(ONE), this::toString);
            assertEquals(isCommitted() ? 130 : 100, value(TWO), this::toString);
        }

        long value(PartitionId partition) throws Exception {
            return cluster.number(partition, "SELECT V FROM T WHERE ID = " + row);
        }

        @Override
        public String toString() {
            return "a transfer up to " + last;
        }
    }

    /** Several routers' work at once: each stops after another step. */
    private List<Transfer> run(LastStep... last) throws Exception {
        List<Transfer> all = new ArrayList<>();
        for (LastStep step : last) {
            Transfer transfer = new Transfer(all.size() + 1, step);
            transfer.run();
            all.add(transfer);
        }
        return all;
    }

    private static void assertOver(List<Transfer> transfers) throws Exception {
        long start = System.nanoTime();
        for (Transfer transfer : transfers) {
            transfer.assertOver();
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < SOON_MILLIS, "it took " + millis + " ms");
    }

    private void routerDies() {
        for (int i = 1; i <= 3; i++) {
            try {
                cluster.node(id(i)).service().routerGone(ROUTER);
            } catch (AssertionError isCutOff) {
                assertTrue(isCutOff.getMessage().contains("is not running"));
            }
        }
    }

    private boolean isFree(PartitionId partition, int row) {
        try {
            return cluster.autocommit(partition, "UPDATE T SET V = V WHERE ID = " + row) instanceof UpdateCounts;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private State outcome(PartitionId partition, TransactionId transfer) throws Exception {
        return outcome(new AskOutcome(partition, transfer, transfer)).state();
    }

    private TransactionOutcome outcome(AskOutcome question) throws Exception {
        Message answer = cluster.ask(question);
        Message said = answer instanceof PositionedAnswer covered ? covered.answer() : answer;
        return assertInstanceOf(TransactionOutcome.class, said, answer::toString);
    }

    @Test
    void theRouterDies() throws Exception {
        List<Transfer> transfers = run(LastStep.values());
        routerDies();
        assertOver(transfers);
        partitions.awaitEqualReplicas();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ONE", "TWO", "BOTH"})
    void theRouterAndLeadersDie(String which) throws Exception {
        List<Transfer> transfers = run(
                LastStep.STATEMENTS,
                LastStep.FIRST_PREPARED,
                LastStep.BOTH_PREPARED,
                LastStep.FIRST_DECIDED,
                LastStep.BOTH_DECIDED);
        if (which.equals("BOTH")) {
            cluster.board.reelect(ONE);
            cluster.board.reelect(TWO);
            routerDies();
            assertOver(transfers);
        } else {
            NodeId lost = cluster.board.awaitLeader(which.equals("ONE") ? ONE : TWO);
            FakeCluster.Node node = cluster.cutOff(lost);
            routerDies();
            assertOver(transfers);
            cluster.reconnect(lost, node);
        }
        partitions.awaitEqualReplicas();
    }

    @Test
    void everythingRestarts() throws Exception {
        List<Transfer> transfers = run(LastStep.FIRST_PREPARED, LastStep.BOTH_PREPARED, LastStep.FIRST_DECIDED);
        for (int i = 1; i <= 3; i++) {
            cluster.stop(id(i));
        }
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        assertOver(transfers);
        for (Transfer transfer : transfers) {
            for (PartitionId partition : BOTH) {
                assertEquals(
                        transfer.isCommitted() ? State.COMMITTED : State.ABORTED,
                        outcome(partition, transfer.id),
                        transfer::toString);
            }
        }
        cluster.awaitEqualReplicas(TWO, id(1), id(2), id(3));
    }

    @Test
    void aPreparedRowStaysLockedUnderTheNextLeaderWhileTheOthersCannotBeAsked() throws Exception {
        PartitionId unreachable = new PartitionId(9);
        Transfer transfer = new Transfer(1, LastStep.FIRST_PREPARED);
        cluster.lockTimeoutMillis = 300;
        assertTrue(transfer.statement(ONE, -30));
        Message prepared = cluster.ask(new PrepareBranch(ONE, transfer.id, List.of(ONE, unreachable)));
        transfer.timestamp = TwoPartitions.timestamp(prepared);
        assertRowIsLocked();
        routerDies();
        cluster.board.reelect(ONE);
        assertRowIsLocked();
        assertEquals(100, transfer.value(ONE));
        assertTrue(transfer.decide(ONE));
        assertEquals(70, transfer.value(ONE));
        cluster.lockTimeoutMillis = 20_000;
        assertTrue(isFree(ONE, 1));
        cluster.awaitEqualReplicas(ONE, id(1), id(2), id(3));
    }

    private void assertRowIsLocked() throws Exception {
        Failure failure;
        do { // the change of leader itself rolls a statement back
            Message answer = cluster.autocommit(ONE, "UPDATE T SET V = 0 WHERE ID = 1");
            failure = assertInstanceOf(Failure.class, answer, answer::toString);
        } while (failure.error() == ErrorCode.TRANSACTION_ROLLED_BACK);
        assertEquals(ErrorCode.LOCK_TIMEOUT, failure.error());
    }

    @Test
    void whoAsksForACommitThatNeverCameMakesItImpossible() throws Exception {
        Transfer transfer = run(LastStep.STATEMENTS).get(0);
        assertEquals(State.ABORTED, outcome(ONE, transfer.id));
        Failure refused = assertInstanceOf(Failure.class, transfer.prepare(ONE));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, refused.error());
        Failure late = assertInstanceOf(
                Failure.class, cluster.inBranch(ONE, transfer.id, true, "UPDATE T SET V = 0 WHERE ID = 1"));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, late.error());
        cluster.board.reelect(ONE);
        Failure still = assertInstanceOf(
                Failure.class, cluster.inBranch(ONE, transfer.id, true, "UPDATE T SET V = 0 WHERE ID = 1"));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, still.error());
        routerDies();
        assertOver(List.of(transfer));
    }

    @Test
    void aCommitOfOnePartitionInFlightIsKnownAfterwards() throws Exception {
        TransactionId earlier = TransactionId.of(ROUTER, 3, 7, 0);
        TransactionId alone = TransactionId.of(ROUTER, 3, 8, 0);
        NodeId first = cluster.board.awaitLeader(ONE);
        FakeCluster.Node cut = cluster.cutOff(first);
        CompletableFuture<Message> answer = new CompletableFuture<>();
        cut.service()
                .handle(cluster.statement(ONE, alone, true, true, "UPDATE T SET V = 9 WHERE ID = 1"), answer::complete);
        cluster.board.awaitLeader(ONE);
        assertEquals(
                TransactionOutcome.of(State.ABORTED),
                cluster.ask(new AskOutcome(ONE, alone, alone)),
                "its leader could reach nobody");
        cluster.reconnect(first, cut);
        assertEquals(
                ErrorCode.OUTCOME_UNKNOWN,
                assertInstanceOf(Failure.class, answer.get(60, TimeUnit.SECONDS))
                        .error());
        assertEquals(100, partitions.valueOfOne(ONE));

        TransactionId next = TransactionId.of(ROUTER, 3, 9, 0);
        assertInstanceOf(
                UpdateCounts.class,
                cluster.ask(cluster.statement(ONE, next, true, true, "UPDATE T SET V = V + 1 WHERE ID = 1")));
        cluster.board.reelect(ONE);
        Message committed = cluster.ask(new AskOutcome(ONE, next, next));
        PositionedAnswer covered = assertInstanceOf(PositionedAnswer.class, committed, committed::toString);
        assertEquals(new TransactionOutcome(State.COMMITTED, 1), covered.answer());
        assertTrue(covered.index().isAfter(LogIndex.NONE), "who reads at a follower then must know how far it is");
        assertEquals(
                State.FORGOTTEN,
                outcome(new AskOutcome(ONE, earlier, earlier)).state(),
                "the session has gone on since");
    }
}
