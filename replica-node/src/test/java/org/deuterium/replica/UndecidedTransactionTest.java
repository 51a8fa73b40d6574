package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
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
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The table of docs/transactions.md: the test is the router, and stops after any step of a commit over two partitions,
 * while leaders are lost too. In every case the transaction is all or nothing, and over within ten seconds.
 */
@Timeout(180)
class UndecidedTransactionTest {

    private static final PartitionId ONE = PartitionId.HOME;
    private static final PartitionId TWO = new PartitionId(1);
    private static final List<PartitionId> BOTH = List.of(ONE, TWO);
    private static final long ROUTER = 815;

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private TransactionId transfer;
    private Timestamp timestamp = Timestamp.ZERO;

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
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(ONE);
        cluster.createPartition(TWO);
        cluster.schema(ONE, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.ask(new org.deuterium.wire.partition.AwaitSchema(TWO, cluster.board.decidedVersion()));
        for (PartitionId partition : BOTH) {
            cluster.update(partition, "INSERT INTO T VALUES(1, 100)");
        }
        transfer = TransactionId.of(ROUTER, 3, 7, 0);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private void statements() throws Exception {
        assertInstanceOf(
                UpdateCounts.class, cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = V - 30 WHERE ID = 1"));
        assertInstanceOf(
                UpdateCounts.class, cluster.inBranch(TWO, transfer, true, "UPDATE T SET V = V + 30 WHERE ID = 1"));
    }

    private Message prepare(PartitionId partition) throws Exception {
        Message answer = cluster.ask(new PrepareBranch(partition, transfer, BOTH));
        if (!(answer instanceof PositionedAnswer prepared)) {
            return answer;
        }
        timestamp = timestamp.max(prepared.timestamp());
        return prepared.answer();
    }

    private void decide(PartitionId partition) throws Exception {
        Message answer = cluster.ask(new DecideBranch(partition, transfer, true, timestamp));
        assertEquals(
                new Done(),
                assertInstanceOf(PositionedAnswer.class, answer, answer::toString)
                        .answer());
    }

    private void run(LastStep last) throws Exception {
        statements();
        if (last.reached(LastStep.FIRST_PREPARED)) {
            assertEquals(new Done(), prepare(ONE));
        }
        if (last.reached(LastStep.BOTH_PREPARED)) {
            assertEquals(new Done(), prepare(TWO));
        }
        if (last.reached(LastStep.FIRST_DECIDED)) {
            decide(ONE);
        }
        if (last.reached(LastStep.BOTH_DECIDED)) {
            decide(TWO);
        }
        if (last.reached(LastStep.FINISHED)) {
            for (PartitionId partition : BOTH) {
                cluster.ask(new FinishTransaction(partition, transfer));
            }
        }
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

    /** Both rows can be changed again, so nothing is undecided any more; answers what the transfer did in each. */
    private void assertOver(boolean committed) throws Exception {
        long start = System.nanoTime();
        for (PartitionId partition : BOTH) {
            FakeCluster.awaitThat("the row of " + partition + " to be free", () -> isFree(partition));
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 10_000, "it took " + millis + " ms");
        assertEquals(committed ? 70 : 100, cluster.number(ONE, "SELECT V FROM T"));
        assertEquals(committed ? 130 : 100, cluster.number(TWO, "SELECT V FROM T"));
    }

    private boolean isFree(PartitionId partition) {
        try {
            return cluster.autocommit(partition, "UPDATE T SET V = V WHERE ID = 1") instanceof UpdateCounts;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private State outcome(PartitionId partition) throws Exception {
        Message answer = cluster.ask(new AskOutcome(partition, transfer, transfer));
        return assertInstanceOf(TransactionOutcome.class, answer, answer::toString)
                .state();
    }

    @ParameterizedTest
    @CsvSource({
        "STATEMENTS, false",
        "FIRST_PREPARED, false",
        "BOTH_PREPARED, true",
        "FIRST_DECIDED, true",
        "BOTH_DECIDED, true",
        "FINISHED, true"
    })
    void theRouterDies(LastStep last, boolean committed) throws Exception {
        run(last);
        routerDies();
        assertOver(committed);
        cluster.awaitEqualReplicas(ONE, id(1), id(2), id(3));
        cluster.awaitEqualReplicas(TWO, id(1), id(2), id(3));
    }

    @ParameterizedTest
    @CsvSource({
        "STATEMENTS, ONE, false", "STATEMENTS, TWO, false", "STATEMENTS, BOTH, false",
        "FIRST_PREPARED, ONE, false", "FIRST_PREPARED, TWO, false", "FIRST_PREPARED, BOTH, false",
        "BOTH_PREPARED, ONE, true", "BOTH_PREPARED, TWO, true", "BOTH_PREPARED, BOTH, true",
        "FIRST_DECIDED, ONE, true", "FIRST_DECIDED, TWO, true", "FIRST_DECIDED, BOTH, true",
        "BOTH_DECIDED, ONE, true", "BOTH_DECIDED, TWO, true", "BOTH_DECIDED, BOTH, true"
    })
    void theRouterAndLeadersDie(LastStep last, String which, boolean committed) throws Exception {
        run(last);
        if (which.equals("BOTH")) {
            cluster.board.reelect(ONE);
            cluster.board.reelect(TWO);
            routerDies();
            assertOver(committed);
        } else {
            NodeId lost = cluster.board.awaitLeader(which.equals("ONE") ? ONE : TWO);
            FakeCluster.Node node = cluster.cutOff(lost);
            routerDies();
            assertOver(committed);
            cluster.reconnect(lost, node);
        }
        cluster.awaitEqualReplicas(ONE, id(1), id(2), id(3));
        cluster.awaitEqualReplicas(TWO, id(1), id(2), id(3));
    }

    @ParameterizedTest
    @CsvSource({"FIRST_PREPARED, false", "BOTH_PREPARED, true", "FIRST_DECIDED, true"})
    void everythingRestarts(LastStep last, boolean committed) throws Exception {
        run(last);
        for (int i = 1; i <= 3; i++) {
            cluster.stop(id(i));
        }
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        assertOver(committed);
        assertEquals(committed ? State.COMMITTED : State.ABORTED, outcome(ONE));
        assertEquals(committed ? State.COMMITTED : State.ABORTED, outcome(TWO));
        cluster.awaitEqualReplicas(TWO, id(1), id(2), id(3));
    }

    @Test
    void aPreparedRowStaysLockedUnderTheNextLeaderWhileTheOthersCannotBeAsked() throws Exception {
        PartitionId unreachable = new PartitionId(9);
        cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = 70 WHERE ID = 1");
        cluster.ask(new PrepareBranch(ONE, transfer, List.of(ONE, unreachable)));
        assertRowIsLocked();
        routerDies();
        cluster.board.reelect(ONE);
        assertRowIsLocked();
        assertEquals(100, cluster.number(ONE, "SELECT V FROM T"));
        decide(ONE);
        assertEquals(70, cluster.number(ONE, "SELECT V FROM T"));
        assertTrue(isFree(ONE));
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
        statements();
        assertEquals(State.ABORTED, outcome(ONE));
        Failure refused = assertInstanceOf(Failure.class, prepare(ONE));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, refused.error());
        Failure late = assertInstanceOf(
                Failure.class, cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = 0 WHERE ID = 1"));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, late.error());
        cluster.board.reelect(ONE);
        Failure still = assertInstanceOf(
                Failure.class, cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = 0 WHERE ID = 1"));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, still.error());
        routerDies();
        assertOver(false);
    }

    @Test
    void aCommitOfOnePartitionInFlightIsKnownAfterwards() throws Exception {
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
                assertInstanceOf(Failure.class, answer.get(20, TimeUnit.SECONDS))
                        .error());
        assertEquals(100, cluster.number(ONE, "SELECT V FROM T"));

        TransactionId next = TransactionId.of(ROUTER, 3, 9, 0);
        assertInstanceOf(
                UpdateCounts.class,
                cluster.ask(cluster.statement(ONE, next, true, true, "UPDATE T SET V = V + 1 WHERE ID = 1")));
        cluster.board.reelect(ONE);
        assertEquals(new TransactionOutcome(State.COMMITTED, 1), cluster.ask(new AskOutcome(ONE, next, next)));
        assertEquals(
                State.FORGOTTEN,
                ((TransactionOutcome) cluster.ask(new AskOutcome(ONE, transfer, transfer))).state(),
                "the session has gone on since");
    }
}
