package org.deuterium.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.service.ServedStorage;
import org.deuterium.replica.storage.ClosedGate;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.RowsPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A thread that hands in the end of a transaction has other clients to serve: it never waits for a checkpoint. */
@Timeout(240)
class EndsDuringCheckpointTest {

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

    private void assertEndDoesNotWait(String sql, Class<? extends Message> answered) throws Exception {
        FakeCluster.Node leader = cluster.node(cluster.board.awaitLeader(P));
        TransactionId transaction = cluster.newTransaction();
        assertInstanceOf(answered, cluster.inBranch(P, transaction, true, sql));
        CompletableFuture<Message> answer = new CompletableFuture<>();
        try (ClosedGate checkpoint = new ClosedGate(ServedStorage.of(leader.service(), P))) {
            CompletableFuture.runAsync(
                            () -> leader.service().handle(new EndBranch(P, transaction, true), answer::complete))
                    .get(60, TimeUnit.SECONDS);
        }
        assertEquals(new Done(), answer.get(60, TimeUnit.SECONDS));
    }

    @Test
    void rowsThatWereOnlyLockedAreGivenBackByAWorker() throws Exception {
        assertEndDoesNotWait("SELECT V FROM T WHERE ID = 1 FOR UPDATE", RowsPage.class);
    }
}
