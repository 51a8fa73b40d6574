package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ReplicaStatuses.ReplicaStatus;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replicas the log cannot help any more: too far behind, an empty disk, a damaged log. All get a snapshot. */
@Timeout(240)
class BehindReplicaTest {

    private static final PartitionId P = PartitionId.HOME;

    /** Tiny segments and frequent checkpoints, so that the log is cut after a few statements. */
    private static final HostSettings CUTS_SOON = new HostSettings(
            10,
            2,
            1 << 20,
            100,
            1 << 20,
            32 << 10,
            4 << 10,
            5_000,
            64L << 20,
            64L << 20,
            new LogSettings(16 << 10, 8 << 10),
            ReplicaSettings.DEFAULT,
            StorageSettings.DEFAULT);

    @TempDir
    Path directory;

    private FakeCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, CUTS_SOON);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL, S VARCHAR(1000))");
        cluster.update(P, "INSERT INTO T VALUES(1, 0, '')");
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aFollowerTooFarBehindGetsASnapshot() throws Exception {
        int follower = aFollower();
        cluster.stop(id(follower));
        writeUntilTheLogIsCut();
        cluster.start(follower);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        cluster.update(P, "UPDATE T SET V = 77 WHERE ID = 1");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        cluster.stop(id(follower));
        cluster.start(follower);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void anEmptiedDiskGetsASnapshotAndVotesAgainOnlyUnderItsNewStorageId() throws Exception {
        int follower = aFollower();
        var before = cluster.board.current(P).storageOf(id(follower));
        cluster.stop(id(follower));
        writeUntilTheLogIsCut();
        deleteTree(directory.resolve("n" + follower));
        cluster.start(follower);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        cluster.update(P, "UPDATE T SET V = 78 WHERE ID = 1");
        FakeCluster.awaitThat("the new directory to vote", () -> {
            ReplicaGroup group = cluster.board.current(P);
            return group.storageOf(id(follower)) != null
                    && !group.storageOf(id(follower)).equals(before);
        });
        assertEquals(78, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }

    @Test
    void aDamagedLogIsFoundAndItsReplicaRebuilt() throws Exception {
        int follower = aFollower();
        for (int i = 2; i <= 10; i++) {
            cluster.update(P, "INSERT INTO T VALUES(" + i + ", 0, '')");
        }
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        cluster.stop(id(follower));
        flipAByte(segments(follower).get(0), 64 + 40);
        cluster.start(follower);
        cluster.update(P, "UPDATE T SET V = 5 WHERE ID = 1");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void theLogOfIdleTimesIsCutToo() throws Exception {
        writeUntilTheLogIsCut();
        FakeCluster.awaitThat("a short log", () -> {
            try {
                long bytes = 0;
                for (Path segment : segments(1)) {
                    bytes += Files.size(segment);
                }
                return bytes < 200 << 10;
            } catch (IOException e) {
                return false; // a segment was deleted under the eyes
            }
        });
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    private int aFollower() throws Exception {
        NodeId leader = cluster.board.awaitLeader(P);
        return leader.equals(id(1)) ? 2 : 1;
    }

    private void writeUntilTheLogIsCut() throws Exception {
        NodeId leader = cluster.board.awaitLeader(P);
        String first = segments(leader).get(0).getFileName().toString();
        for (int i = 0; segments(leader).get(0).getFileName().toString().equals(first); i++) {
            assertTrue(i < 5_000, "the log is never cut");
            cluster.update(P, "UPDATE T SET V = V + 1, S = '" + "x".repeat(500) + "' WHERE ID = 1");
        }
        ReplicaStatus status = cluster.statuses(leader).replicas().get(0);
        assertTrue(status.commitIndex().position() > 10);
    }

    private List<Path> segments(int node) throws IOException {
        return segments(id(node));
    }

    private List<Path> segments(NodeId node) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(node.name()).resolve("log"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("segment"))
                    .sorted()
                    .toList();
        }
    }

    private static void flipAByte(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 0x55)).rewind();
            channel.write(one, offset);
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
