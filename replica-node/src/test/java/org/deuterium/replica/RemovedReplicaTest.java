package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.service.ServedStorage;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who waits at a replica that goes from its node is told so: the link to the node stands, so nobody else would say it. */
class RemovedReplicaTest {

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
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private void assertRefused(ErrorCode expected, CompletableFuture<Message> question) throws Exception {
        Failure failure = assertInstanceOf(Failure.class, question.get(30, TimeUnit.SECONDS));
        assertEquals(expected, failure.error(), failure::message);
    }

    @Test
    void aReadThatWaitsAtAFollowerGoesToTheLeader() throws Exception {
        NodeId leader = cluster.board.awaitLeader(P);
        FakeCluster.Node follower = cluster.node(leader.equals(id(1)) ? id(2) : id(1));
        ExecuteInBranch plain = cluster.statement(P, cluster.newTransaction(), true, true, "SELECT V FROM T");
        ReadBound never =
                new ReadBound(true, Timestamp.ZERO, true, new LogIndex(1_000_000), false, false, 0, Integer.MAX_VALUE);
        CompletableFuture<Message> answer = new CompletableFuture<>();
        follower.service().handle(plain.at(never), answer::complete);
        ServedStorage.remove(follower.service(), P);
        assertRefused(ErrorCode.REPLICA_BEHIND, answer);
    }

    @Test
    void aQuestionThatWaitsForADecisionGoesToTheNextLeader() throws Exception {
        TransactionId undecided = cluster.newTransaction();
        cluster.inBranch(P, undecided, true, "UPDATE T SET V = 1 WHERE ID = 1");
        cluster.ask(new PrepareBranch(P, undecided, List.of(P, new PartitionId(99))));
        FakeCluster.Node leader = cluster.node(cluster.board.awaitLeader(P));
        CompletableFuture<Message> answer = new CompletableFuture<>();
        leader.service().handle(new AskOutcome(P, undecided, undecided), answer::complete);
        ServedStorage.remove(leader.service(), P);
        assertRefused(ErrorCode.NOT_READY, answer);
    }
}
