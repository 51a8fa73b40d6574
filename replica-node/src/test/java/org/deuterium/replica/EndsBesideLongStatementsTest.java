package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.deuterium.replica.TwoPartitions.ONE;
import static org.deuterium.replica.TwoPartitions.TWO;
import static org.deuterium.replica.TwoPartitions.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.service.PartitionService;
import org.deuterium.replica.service.ServedStorage;
import org.deuterium.replica.storage.ClosedGate;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.CancelBranch;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.KillTransaction;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More long statements than a node runs at once, in one partition: transactions of another one still come to their ends. */
@Timeout(240)
class EndsBesideLongStatementsTest {

    private static final int MORE_THAN_RUN_AT_ONCE = 40;

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private PartitionService leader;
    private final List<CompletableFuture<Message>> longOnes = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        cluster.start(1);
        for (PartitionId partition : TwoPartitions.BOTH) {
            cluster.board.create(partition, List.of(id(1)));
            cluster.board.awaitLeader(partition);
        }
        cluster.schema(ONE, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.ask(new AwaitSchema(TWO, cluster.board.decidedVersion()));
        cluster.update(TWO, "INSERT INTO T VALUES (1, 0), (2, 0), (3, 0)");
        leader = cluster.node(id(1)).service();
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    /** As a report: nobody knows how many rows it touches. */
    private ExecuteInBranch longStatement(
            PartitionId partition, TransactionId transaction, boolean begins, String sql, int lockTimeoutMillis) {
        ExecuteInBranch brief = cluster.statement(partition, transaction, begins, false, sql);
        return new ExecuteInBranch(
                partition,
                brief.schemaVersion(),
                transaction,
                begins,
                false,
                false,
                new SessionContext("PUBLIC", "UTC", lockTimeoutMillis),
                sql,
                brief.parameters(),
                brief.fetchSize(),
                brief.maxRows(),
                brief.timeoutMillis(),
                brief.keys(),
                brief.wantColumns());
    }

    private CompletableFuture<Message> ask(PartitionRequest request) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        leader.handle(request, answer::complete);
        return answer;
    }

    /** A transaction that has run a long statement which changed one row of the second partition. */
    private TransactionId changed(int row) throws Exception {
        TransactionId transaction = cluster.newTransaction();
        String sql = "UPDATE T SET V = V + 1 WHERE ID = " + row;
        assertInstanceOf(UpdateCounts.class, await(ask(longStatement(TWO, transaction, true, sql, 20_000))));
        return transaction;
    }

    /** A checkpoint holds up the changes of the first partition, each on a thread that runs long statements. */
    private ClosedGate busy() {
        ClosedGate checkpoint = new ClosedGate(ServedStorage.of(leader, ONE));
        for (int i = 0; i < MORE_THAN_RUN_AT_ONCE; i++) {
            longOnes.add(ask(
                    longStatement(ONE, cluster.newTransaction(), true, "UPDATE T SET V = V + 1 WHERE ID < 0", 20_000)));
        }
        return checkpoint;
    }

    private void assertStillBusy() {
        assertTrue(longOnes.stream().noneMatch(CompletableFuture::isDone), "the long statements ran all the time");
    }

    private void assertAllDone() throws Exception {
        for (CompletableFuture<Message> each : longOnes) {
            assertInstanceOf(UpdateCounts.class, await(each));
        }
    }

    @Test
    void commitsRollbacksSavepointsAndPreparesDoNotWait() throws Exception {
        TransactionId commits = changed(1);
        TransactionId rollsBack = changed(2);
        TransactionId prepares = changed(3);
        try (ClosedGate busy = busy()) {
            assertEquals(new Done(), await(ask(new EndBranch(TWO, commits, true))));
            assertEquals(new Done(), await(ask(new BranchSavepoint(TWO, rollsBack, 1, false))));
            assertEquals(new Done(), await(ask(new BranchSavepoint(TWO, rollsBack, 1, true))));
            assertEquals(new Done(), await(ask(new EndBranch(TWO, rollsBack, false))));
            assertInstanceOf(PositionedAnswer.class, await(ask(new PrepareBranch(TWO, prepares, List.of(TWO)))));
            assertStillBusy();
        }
        assertAllDone();
        assertEquals(1, cluster.number(TWO, "SELECT SUM(V) FROM T WHERE ID < 3"));
    }

    @Test
    void whoWaitsForARowGetsItAsSoonAsItIsFree() throws Exception {
        TransactionId holder = changed(1);
        String sql = "UPDATE T SET V = V + 10 WHERE ID = 1";
        CompletableFuture<Message> waiter = ask(cluster.statement(TWO, cluster.newTransaction(), true, true, sql));
        try (ClosedGate busy = busy()) {
            assertEquals(new Done(), await(ask(new EndBranch(TWO, holder, true))));
            assertInstanceOf(UpdateCounts.class, await(waiter));
            assertStillBusy();
        }
        assertAllDone();
    }

    @Test
    void whoWaitsForARowIsToldThatItWasCanceledOrWaitedTooLong() throws Exception {
        changed(1);
        String sql = "UPDATE T SET V = V + 10 WHERE ID = 1";
        TransactionId canceled = cluster.newTransaction();
        CompletableFuture<Message> toBeCanceled = ask(longStatement(TWO, canceled, true, sql, 200_000));
        CompletableFuture<Message> late = ask(longStatement(TWO, cluster.newTransaction(), true, sql, 2_000));
        FakeCluster.awaitThat("both wait", () -> late.isDone() || ServedStorage.waiting(leader, TWO) == 2);
        try (ClosedGate busy = busy()) {
            assertEquals(new Done(), await(ask(new CancelBranch(TWO, canceled))));
            assertEquals(ErrorCode.STATEMENT_CANCELED, ((Failure) await(toBeCanceled)).error());
            assertEquals(ErrorCode.LOCK_TIMEOUT, ((Failure) await(late)).error());
            assertStillBusy();
        }
        assertAllDone();
    }

    @Test
    void whoseTurnHasNotComeIsCanceledOrKilledAtOnce() throws Exception {
        TransactionId canceled = cluster.newTransaction();
        TransactionId killed = cluster.newTransaction();
        TransactionId ofThePast = cluster.newTransaction();
        try (ClosedGate busy = busy()) {
            CompletableFuture<Message> first = ask(longStatement(TWO, canceled, true, "SELECT V FROM T", 20_000));
            CompletableFuture<Message> second = ask(longStatement(TWO, killed, true, "SELECT V FROM T", 20_000));
            assertEquals(new Done(), await(ask(new CancelBranch(TWO, canceled))));
            assertEquals(ErrorCode.STATEMENT_CANCELED, ((Failure) await(first)).error());
            leader.handle(new KillTransaction(killed, ErrorCode.TRANSACTION_ROLLED_BACK, "because"), answer -> {});
            assertEquals("because", ((Failure) await(second)).message());
            assertEquals(new Done(), await(ask(new EndBranch(TWO, canceled, true))), "its transaction goes on");
            ReadBound asOf = ReadBound.NONE.atRetained(Timestamp.ofMillis(System.currentTimeMillis()));
            CompletableFuture<Message> third = ask(longStatement(TWO, ofThePast, true, "SELECT V FROM T", 20_000)
                    .at(asOf));
            assertEquals(new Done(), await(ask(new CancelBranch(TWO, ofThePast))));
            Failure ended = (Failure) await(third);
            assertEquals(ErrorCode.STATEMENT_CANCELED, ended.error());
            assertTrue(ended.transactionEnded(), "a transaction AS OF is run again");
            assertStillBusy();
        }
        assertAllDone();
    }
}
