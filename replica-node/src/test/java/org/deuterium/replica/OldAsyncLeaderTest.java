package org.deuterium.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.Done;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader that committed alone under ASYNC comes back: with files, H2 and the log of a node. */
@Timeout(240)
class OldAsyncLeaderTest {

    private static final PartitionId P = PartitionId.HOME;

    @TempDir
    Path root;

    @Test
    void whatItCommittedAloneIsSetAsideAndASnapshotTakesItsPlaceUnderTheSameVote() throws Exception {
        try (FakeCluster cluster = new FakeCluster(root, HostSettings.DEFAULT)) {
            for (int i = 1; i <= 3; i++) {
                cluster.start(i);
            }
            cluster.createPartition(P);
            cluster.schema(P, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            cluster.update(P, "INSERT INTO T VALUES (1, 0)");
            Message changed = cluster.ask(new ChangeAckRule(P, AckRule.ASYNC, 20_000));
            assertInstanceOf(Done.class, changed, changed::toString);

            NodeId old = cluster.board.awaitLeader(P);
            cluster.arrives = (to, message) -> to.equals(old)
                    || !(message instanceof AppendEntries append
                            && !append.entries().isEmpty());
            for (int i = 0; i < 5; i++) {
                cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
            }
            ReplicaGroup before = cluster.board.current(P);
            FakeCluster.Node gone = cluster.cutOff(old);
            cluster.arrives = (to, message) -> true;
            cluster.board.awaitLeader(P);
            cluster.update(P, "UPDATE T SET V = V + 100 WHERE ID = 1");

            cluster.reconnect(old, gone);
            cluster.awaitEqualReplicas(P, FakeCluster.id(1), FakeCluster.id(2), FakeCluster.id(3));
            assertEquals(100, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
            assertEquals(before.storageOf(old), cluster.board.current(P).storageOf(old), "it kept its vote");
            try (Stream<Path> tails = Files.list(gone.directory().tails())) {
                assertFalse(tails.toList().isEmpty(), "nothing was set aside");
            }

            cluster.stop(old);
            cluster.update(P, "UPDATE T SET V = V + 100 WHERE ID = 1");
            cluster.start(Integer.parseInt(old.name().substring(1)));
            cluster.awaitEqualReplicas(P, FakeCluster.id(1), FakeCluster.id(2), FakeCluster.id(3));
            assertEquals(before.storageOf(old), cluster.board.current(P).storageOf(old), "its log is sound");
        }
    }
}
