package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A replica that could not be made comes to be when what was in the way is gone, without a restart. */
@Timeout(120)
class ReplicaMakingTest {

    private static final PartitionId P = PartitionId.HOME;

    @TempDir
    Path directory;

    @Test
    void itIsTriedAgain() throws Exception {
        try (FakeCluster cluster = new FakeCluster(directory, SnapshotTransferTest.SMALL_PIECES)) {
            for (int i = 1; i <= 3; i++) {
                cluster.start(i);
            }
            Path partitions = directory.resolve(id(3).name()).resolve("partitions");
            Path aside = partitions.resolveSibling("aside");
            Files.move(partitions, aside);
            Files.createFile(partitions);
            FutureTask<Void> formed = new FutureTask<>(() -> {
                cluster.createPartition(P); // waits for all three
                return null;
            });
            new Thread(formed, "former").start();
            FakeCluster.awaitThat("it is said why", () -> cluster.statuses(id(3)).replicas().stream()
                    .anyMatch(replica -> replica.role().contains("it cannot be made yet")));
            Files.delete(partitions);
            Files.move(aside, partitions);
            formed.get(60, TimeUnit.SECONDS);
            cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY)");
            cluster.update(P, "INSERT INTO T VALUES (1)");
            NodeId leader = cluster.board.awaitLeader(P);
            cluster.awaitEqualReplicas(P, leader, id(3));
        }
    }
}
