package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.service.PartitionService;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.FenceSchemaChange;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Work that a fence holds back at the leader. */
@Timeout(240)
class HeldWorkTest {

    private static final PartitionId P = PartitionId.HOME;
    private static final String CHANGE = "ALTER TABLE T ADD COLUMN W BIGINT";

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private PartitionService leader;

    @BeforeEach
    void fence() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
        leader = cluster.node(cluster.board.awaitLeader(P)).service();
        cluster.board.propose(2);
        assertEquals(new Done(), cluster.ask(new FenceSchemaChange(P, 2, CHANGE)));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aHeldRequestWhoseLinkBreaksOpensNoBranch() throws Exception {
        TransactionId lost = new TransactionId(FakeCluster.ORIGIN + 1, 1);
        AtomicBoolean gone = new AtomicBoolean();
        CompletableFuture<Message> answer = new CompletableFuture<>();
        leader.handle(
                cluster.statement(P, lost, true, false, "UPDATE T SET V = 3 WHERE ID = 1"),
                answer::complete,
                gone::get);
        gone.set(true);
        leader.routerGone(lost.origin());
        cluster.schema(P, CHANGE);
        Failure failure = assertInstanceOf(Failure.class, answer.get(60, TimeUnit.SECONDS));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, failure.error());
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
        assertEquals(1, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void aProposalThatIsNeverDecidedHoldsNobodyForEver() throws Exception {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        leader.handle(
                cluster.statement(P, cluster.newTransaction(), true, true, "UPDATE T SET V = 3 WHERE ID = 1"),
                answer::complete);
        Failure failure = assertInstanceOf(Failure.class, answer.get(60, TimeUnit.SECONDS));
        assertEquals(ErrorCode.NOT_READY, failure.error());
        cluster.board.propose(0);
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
        assertEquals(1, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }

    /** It may be decided any moment, on the word of the leader before: its data must stay as that one checked it. */
    @Test
    void theNextLeaderKeepsTheFenceOfAProposalThatIsOpen() throws Exception {
        cluster.stop(cluster.board.awaitLeader(P));
        PartitionService next = cluster.node(cluster.board.awaitLeader(P)).service();
        CompletableFuture<Message> answer = new CompletableFuture<>();
        while (!answer.isDone()) {
            CompletableFuture<Message> tried = new CompletableFuture<>();
            next.handle(
                    cluster.statement(P, cluster.newTransaction(), true, true, "INSERT INTO T VALUES(2, 0)"),
                    tried::complete);
            try {
                Message reply = tried.get(1, TimeUnit.SECONDS);
                boolean serves = !(reply instanceof Failure failure) || failure.error() != ErrorCode.NOT_LEADER;
                assertFalse(serves, () -> "not held back: " + reply);
            } catch (TimeoutException e) {
                answer = tried;
                cluster.schema(P, CHANGE);
                answer.get(20, TimeUnit.SECONDS);
            }
        }
        Failure planAgain = assertInstanceOf(Failure.class, answer.join());
        assertEquals(ErrorCode.STALE_SCHEMA, planAgain.error());
    }

    @Test
    void aSchemaChangeWaitsLongerThanALockForOpenTransactions() throws Exception {
        cluster.schema(P, CHANGE);
        TransactionId open = cluster.newTransaction();
        cluster.inBranch(P, open, true, "UPDATE T SET V = 5 WHERE ID = 1");
        cluster.board.propose(3);
        CompletableFuture<Message> fenced = new CompletableFuture<>();
        leader.handle(new FenceSchemaChange(P, 3, "ALTER TABLE T ADD COLUMN X BIGINT"), fenced::complete);
        assertThrows(TimeoutException.class, () -> fenced.get(2_500, TimeUnit.MILLISECONDS), "it goes on waiting");
        cluster.end(P, open, true);
        assertEquals(new Done(), fenced.get(60, TimeUnit.SECONDS));
    }
}
