package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A partition on three nodes of one process, from the branch of a client to all copies. */
@Timeout(240)
class ThreeReplicasTest {

    private static final PartitionId P = PartitionId.HOME;

    @TempDir
    Path directory;

    private FakeCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void whatIsCommittedIsOnAllReplicas() throws Exception {
        for (int i = 1; i <= 50; i++) {
            cluster.update(P, "INSERT INTO T VALUES(" + i + ", 0)");
        }
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID <= 10");
        cluster.update(P, "DELETE FROM T WHERE ID = 50");
        assertEquals(10, cluster.number(P, "SELECT SUM(V) FROM T"));
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void manyClientsAtOnceLoseNothing() throws Exception {
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
        List<CompletableFuture<Message>> answers = new ArrayList<>();
        NodeId leader = cluster.board.awaitLeader(P);
        for (int i = 2; i <= 2_001; i++) {
            CompletableFuture<Message> answer = new CompletableFuture<>();
            cluster.node(leader)
                    .service()
                    .handle(
                            cluster.statement(
                                    P, cluster.newTransaction(), true, true, "INSERT INTO T VALUES(" + i + ", 1)"),
                            answer::complete);
            answers.add(answer);
        }
        for (CompletableFuture<Message> answer : answers) {
            assertInstanceOf(UpdateCounts.class, answer.get(60, TimeUnit.SECONDS));
        }
        assertEquals(2_000, cluster.number(P, "SELECT SUM(V) FROM T"));
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void aLockedRowIsWaitedForAndThenGivenUp() throws Exception {
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
        TransactionId holder = cluster.newTransaction();
        cluster.inBranch(P, holder, true, "UPDATE T SET V = 1 WHERE ID = 1");
        CompletableFuture<Message> second = new CompletableFuture<>();
        cluster.node(cluster.board.awaitLeader(P))
                .service()
                .handle(
                        cluster.statement(
                                P, cluster.newTransaction(), true, true, "UPDATE T SET V = V + 5 WHERE ID = 1"),
                        second::complete);
        assertEquals(new Done(), cluster.end(P, holder, true));
        assertInstanceOf(UpdateCounts.class, second.get(60, TimeUnit.SECONDS));
        assertEquals(6, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));

        TransactionId again = cluster.newTransaction();
        cluster.inBranch(P, again, true, "UPDATE T SET V = 7 WHERE ID = 1");
        cluster.lockTimeoutMillis = 300;
        Failure failure = assertInstanceOf(Failure.class, cluster.autocommit(P, "UPDATE T SET V = 8 WHERE ID = 1"));
        assertEquals(ErrorCode.LOCK_TIMEOUT, failure.error());
        assertEquals(new Done(), cluster.end(P, again, false));
        assertEquals(6, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }

    @Test
    void aNewLeaderHasEverythingAcknowledgedAndOpenBranchesAreRolledBack() throws Exception {
        for (int i = 1; i <= 20; i++) {
            cluster.update(P, "INSERT INTO T VALUES(" + i + ", 1)");
        }
        NodeId first = cluster.board.awaitLeader(P);
        TransactionId open = cluster.newTransaction();
        cluster.inBranch(P, open, true, "UPDATE T SET V = 100");
        FakeCluster.Node cut = cluster.cutOff(first);
        NodeId second = cluster.board.awaitLeader(P);
        assertNotEquals(first, second);
        assertEquals(20, cluster.number(P, "SELECT SUM(V) FROM T"));
        cluster.update(P, "UPDATE T SET V = 2 WHERE ID = 1");
        Failure lost =
                assertInstanceOf(Failure.class, cluster.inBranch(P, open, false, "UPDATE T SET V = 3 WHERE ID = 2"));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, lost.error());
        cluster.reconnect(first, cut);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(21, cluster.number(P, "SELECT SUM(V) FROM T"));
    }

    @Test
    void aCommitInFlightWhenTheLeaderIsCutOffHasAnUnknownOutcome() throws Exception {
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
        NodeId first = cluster.board.awaitLeader(P);
        FakeCluster.Node cut = cluster.cutOff(first);
        CompletableFuture<Message> answer = new CompletableFuture<>();
        cut.service()
                .handle(
                        cluster.statement(P, cluster.newTransaction(), true, true, "UPDATE T SET V = 9 WHERE ID = 1"),
                        answer::complete);
        cluster.board.awaitLeader(P);
        cluster.update(P, "UPDATE T SET V = 5 WHERE ID = 1");
        cluster.reconnect(first, cut);
        Failure failure = assertInstanceOf(Failure.class, answer.get(60, TimeUnit.SECONDS));
        assertEquals(ErrorCode.OUTCOME_UNKNOWN, failure.error());
        assertTrue(failure.message().contains(Long.toHexString(FakeCluster.ORIGIN)), failure.message());
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(5, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }

    @Test
    void aRestartedFollowerCatchesUpFromTheLog() throws Exception {
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
        NodeId leader = cluster.board.awaitLeader(P);
        int follower = leader.equals(id(1)) ? 2 : 1;
        cluster.stop(id(follower));
        for (int i = 2; i <= 100; i++) {
            cluster.update(P, "INSERT INTO T VALUES(" + i + ", 1)");
        }
        cluster.start(follower);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void everythingIsThereOnceAfterAllNodesRestart() throws Exception {
        for (int i = 1; i <= 30; i++) {
            cluster.update(P, "INSERT INTO T VALUES(" + i + ", 1)");
            cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
        }
        for (int i = 1; i <= 3; i++) {
            cluster.stop(id(i));
        }
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        assertEquals(60, cluster.number(P, "SELECT SUM(V) FROM T"));
        cluster.update(P, "INSERT INTO T VALUES(31, 1)");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void identityValuesComeFromReservedBlocksAndNeverTwice() throws Exception {
        cluster.schema(P, "CREATE TABLE I(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V BIGINT)");
        for (int i = 0; i < 40; i++) {
            cluster.update(P, "INSERT INTO I(V) VALUES(" + i + ")");
        }
        cluster.board.reelect(P);
        int acknowledged = 40;
        while (acknowledged < 80) {
            Message answer = cluster.autocommit(P, "INSERT INTO I(V) VALUES(" + acknowledged + ")");
            if (answer instanceof Failure failure) { // the leader changes in the middle: undone, or not known
                assertTrue(
                        failure.error() == ErrorCode.TRANSACTION_ROLLED_BACK
                                || failure.error() == ErrorCode.OUTCOME_UNKNOWN,
                        failure.toString());
            } else {
                acknowledged++;
            }
        }
        assertEquals(0, cluster.number(P, "SELECT COUNT(*) - COUNT(DISTINCT ID) FROM I"));
        assertTrue(cluster.number(P, "SELECT COUNT(*) FROM I") >= 80);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void aSchemaChangeWaitsForOpenBranchesAndRefusesOldPlans() throws Exception {
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
        long oldVersion = cluster.board.decidedVersion();
        assertEquals(1, oldVersion);
        var planned = cluster.statement(P, cluster.newTransaction(), true, true, "UPDATE T SET V = 1 WHERE ID = 1");
        TransactionId open = cluster.newTransaction();
        cluster.inBranch(P, open, true, "UPDATE T SET V = 3 WHERE ID = 1");
        CompletableFuture<Void> change = CompletableFuture.runAsync(() -> {
            try {
                cluster.schema(P, "ALTER TABLE T ADD COLUMN W BIGINT DEFAULT 4");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        FakeCluster.awaitThat("the change to be decided", () -> cluster.board.decidedVersion() == 2);
        cluster.end(P, open, true);
        change.get(60, TimeUnit.SECONDS);
        Failure stale = assertInstanceOf(Failure.class, cluster.ask(planned));
        assertEquals(ErrorCode.STALE_SCHEMA, stale.error());
        assertEquals(7, cluster.number(P, "SELECT SUM(V + W) FROM T"));
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void theBranchesOfAVanishedRouterAreRolledBack() throws Exception {
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
        TransactionId open = new TransactionId(FakeCluster.ORIGIN + 1, 1);
        cluster.inBranch(P, open, true, "UPDATE T SET V = 3 WHERE ID = 1");
        cluster.node(cluster.board.awaitLeader(P)).service().routerGone(open.origin());
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
        assertEquals(1, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }
}
