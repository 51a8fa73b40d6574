package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.partition.ReplicaStatuses.ReplicaStatus;
import org.deuterium.wire.replication.ReplaceReplica;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SnapshotChunk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of a replica are damaged, cut or gone: it is found, said, and made good from a peer; under a new storage id if the
 * log is concerned. What is merely not there, or not to be had, is left alone.
 */
@Timeout(240)
class DamagedDiskTest {

    private static final PartitionId P = PartitionId.HOME;
    private static final String NEEDLE = "a-value-that-lies-in-one-place-only";

    private static final HostSettings LOOKS_OFTEN = new HostSettings(
            10,
            2,
            1 << 20,
            100,
            1 << 20,
            1 << 20,
            16 << 10,
            3_000,
            64L << 20,
            64L << 20,
            new LogSettings(64 << 10, 4 << 10),
            ReplicaSettings.DEFAULT,
            StorageSettings.DEFAULT);

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private NodeId leader;
    private NodeId follower;
    private StorageId before;

    /** Three replicas that have stored everything, with a log of several segments. */
    @BeforeEach
    void fill() throws Exception {
        cluster = new FakeCluster(directory, LOOKS_OFTEN);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL, S VARCHAR(1000))");
        leader = cluster.board.awaitLeader(P);
        follower = leader.equals(id(1)) ? id(2) : id(1);
        cluster.update(P, "INSERT INTO T VALUES(0, 0, '" + NEEDLE + "')");
        for (int i = 1; i < 150; i++) {
            cluster.update(
                    P,
                    "INSERT INTO T SELECT X + " + i * 10 + ", X, RANDOM_UUID() || RANDOM_UUID() || RANDOM_UUID()"
                            + " FROM SYSTEM_RANGE(1, 10)");
        }
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        before = storageOf(follower);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private StorageId storageOf(NodeId node) {
        ReplicaGroup group = cluster.board.current(P);
        return group.storageOf(node);
    }

    private Path databaseOf(NodeId node) {
        return directory
                .resolve(node.name())
                .resolve("partitions")
                .resolve(P.toString())
                .resolve("replica.mv.db");
    }

    private List<Path> segmentsOf(NodeId node) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(node.name()).resolve("log"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("segment"))
                    .sorted()
                    .toList();
        }
    }

    private void start(NodeId node) throws Exception {
        cluster.start(Integer.parseInt(node.name().substring(1)));
    }

    private static void flip(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 0x04)).rewind();
            channel.write(one, offset);
        }
    }

    private static void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    /** Flips a bit of the value wherever it lies in the database. */
    private static void damageTheNeedle(Path database) throws IOException {
        String content = Files.readString(database, StandardCharsets.ISO_8859_1);
        int found = 0;
        for (int at = content.indexOf(NEEDLE); at >= 0; at = content.indexOf(NEEDLE, at + 1)) {
            flip(database, at + 3);
            found++;
        }
        assertTrue(found > 0, "the value is not stored in " + database);
    }

    private static void deleteTree(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private String roleOf(NodeId node) {
        List<ReplicaStatus> statuses = cluster.statuses(node).replicas();
        return statuses.isEmpty() ? "" : statuses.get(0).role();
    }

    /** The peer's database comes only when that has been seen. */
    private void assertSaysWhileItIsRebuilt(String words) throws Exception {
        cluster.arrives = (to, message) -> !(message instanceof SnapshotChunk);
        start(follower);
        FakeCluster.awaitThat(words, () -> roleOf(follower).contains(words));
        boolean keeps = !words.contains("gone");
        assertEquals(keeps, keptAside() == 1, "a database is kept until there is another");
        cluster.arrives = (to, message) -> true;
    }

    /** Another directory votes at last, and the rows are those of the others. */
    private void assertRebuilt(NodeId node, StorageId old) throws Exception {
        FakeCluster.awaitThat("a new storage id of " + node, () -> {
            StorageId now = storageOf(node);
            return now != null && !now.equals(old);
        });
        assertMadeGood(node);
    }

    /** How many databases of the follower are kept although they are of no use. */
    private long keptAside() {
        try (Stream<Path> files = Files.list(databaseOf(follower).getParent().getParent())) {
            return files.filter(file -> file.getFileName().toString().contains(".broken-"))
                    .count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Object fileKey(NodeId node) {
        try {
            Path database = databaseOf(node);
            return Files.readAttributes(database, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return e.toString(); // it is being replaced
        }
    }

    /** Its log is good: the same directory votes, and only the database came from another. */
    private void assertDatabaseReplaced(NodeId node, Object file, StorageId old) throws Exception {
        FakeCluster.awaitThat("another database of " + node, () -> !file.equals(fileKey(node)));
        assertMadeGood(node);
        assertEquals(old, storageOf(node));
    }

    /** Perhaps from its own log, if H2 still had an older state that is sound. */
    private void assertMadeGood(NodeId node) throws Exception {
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 0");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(1, cluster.number(P, "SELECT COUNT(*) FROM T WHERE S = '" + NEEDLE + "'"));
        FakeCluster.awaitThat(
                "an ordinary replica", () -> List.of("FOLLOWER", "LEADER").contains(roleOf(node)));
        FakeCluster.awaitThat("nothing kept aside any more", () -> keptAside() == 0);
    }

    @Test
    void aByteInTheMiddleOfTheLog() throws Exception {
        cluster.stop(follower);
        List<Path> segments = segmentsOf(follower);
        flip(segments.get(segments.size() / 2), 30_000);
        assertSaysWhileItIsRebuilt("REBUILT FROM A PEER: ");
        assertRebuilt(follower, before);
    }

    @Test
    void aLogThatWasCut() throws Exception {
        cluster.stop(follower);
        List<Path> segments = segmentsOf(follower);
        cut(segments.get(segments.size() - 1), 2_000);
        assertSaysWhileItIsRebuilt("it was cut");
        assertRebuilt(follower, before);
    }

    @Test
    void theHeaderOfTheNewestSegment() throws Exception {
        cluster.stop(follower);
        List<Path> segments = segmentsOf(follower);
        flip(segments.get(segments.size() - 1), 10);
        start(follower);
        assertRebuilt(follower, before);
    }

    @Test
    void anEntryThatIsReadAgainWhileTheNodeRuns() throws Exception {
        StorageId ofLeader = storageOf(leader);
        cluster.stop(follower);
        for (int i = 0; i < 40; i++) {
            cluster.update(P, "UPDATE T SET S = '" + "y".repeat(900) + i + "' WHERE ID = 11");
        }
        for (Path segment : segmentsOf(leader)) {
            String content = Files.readString(segment, StandardCharsets.ISO_8859_1);
            for (int at = content.indexOf("y".repeat(900)); at >= 0; at = content.indexOf("y".repeat(900), at + 900)) {
                flip(segment, at);
            }
        }
        start(follower); // the leader has to read the entries for it
        assertRebuilt(leader, ofLeader);
        assertEquals(0, cluster.number(P, "SELECT COUNT(*) FROM T WHERE S LIKE '%}%'"));
    }

    @Test
    void aByteOfTheDatabaseAtRest() throws Exception {
        cluster.stop(follower);
        damageTheNeedle(databaseOf(follower));
        start(follower);
        assertMadeGood(follower);
    }

    @Test
    void aByteOfTheDatabaseWhileTheFollowerRuns() throws Exception {
        FakeCluster.awaitThat("a checkpoint", () -> {
            try {
                return Files.readString(databaseOf(follower), StandardCharsets.ISO_8859_1)
                        .contains(NEEDLE);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        Object file = fileKey(follower);
        damageTheNeedle(databaseOf(follower));
        assertDatabaseReplaced(follower, file, before);
    }

    @Test
    void aByteOfTheDatabaseWhileTheLeaderRuns() throws Exception {
        StorageId ofLeader = storageOf(leader);
        FakeCluster.awaitThat("a checkpoint", () -> {
            try {
                return Files.readString(databaseOf(leader), StandardCharsets.ISO_8859_1)
                        .contains(NEEDLE);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        Object file = fileKey(leader);
        damageTheNeedle(databaseOf(leader));
        assertDatabaseReplaced(leader, file, ofLeader);
    }

    @Test
    void aDatabaseThatWasCut() throws Exception {
        cluster.stop(follower);
        cut(databaseOf(follower), Files.size(databaseOf(follower)) / 2 / 4096 * 4096);
        start(follower);
        assertMadeGood(follower);
    }

    /** Its log is sound: it votes on, and its log begins early enough to make the database anew without anybody's help. */
    @Test
    void aDatabaseWithoutItsHeader() throws Exception {
        cluster.stop(follower);
        flip(databaseOf(follower), 20);
        flip(databaseOf(follower), 4096 + 20);
        cluster.arrives = (to, message) -> !(message instanceof SnapshotChunk);
        start(follower);
        assertMadeGood(follower);
        assertEquals(before, storageOf(follower));
    }

    /** Nothing is changed if too much waits for a checkpoint. */
    private void updateManyBytes() {
        try {
            cluster.autocommit(P, "UPDATE T SET S = '" + "z".repeat(900) + "', V = V + 1 WHERE ID BETWEEN 10 AND 49");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** It votes on, but what its log does not hold any more must come from a peer. */
    @Test
    void aDirectoryThatIsGone() throws Exception {
        Path first = segmentsOf(follower).get(0);
        FakeCluster.awaitThat("a log that is cut", () -> {
            updateManyBytes();
            return !Files.exists(first);
        });
        cluster.stop(follower);
        deleteTree(databaseOf(follower).getParent());
        assertSaysWhileItIsRebuilt("its directory is gone");
        assertMadeGood(follower);
        assertEquals(before, storageOf(follower));
    }

    /** All nodes of a cluster may come up so, after the same mistake or the same loss of power. */
    @Test
    void whatIsNotToBeHadIsLeftAlone() throws Exception {
        cluster.stop(follower);
        Path data = directory.resolve(follower.name());
        for (String disk : List.of("log", "partitions")) {
            Path elsewhere = Files.move(data.resolve(disk), directory.resolve("elsewhere"));
            Files.createDirectory(data.resolve(disk)); // a place to mount something
            IOException refused = assertThrows(IOException.class, () -> start(follower));
            assertTrue(refused.getMessage().contains("mount or bring"), refused.getMessage());
            Files.delete(data.resolve(disk));
            Files.move(elsewhere, data.resolve(disk));
        }
        try (FileChannel console = FileChannel.open(databaseOf(follower), StandardOpenOption.WRITE)) {
            console.lock();
            IOException refused = assertThrows(IOException.class, () -> start(follower));
            assertTrue(refused.getMessage().contains("left as it is"), refused.getMessage());
        }
        start(follower);
        assertMadeGood(follower);
        assertEquals(before, storageOf(follower));
    }

    /** The controller asks; the fourth node gets all, and the lost one gives up what it has when it comes back. */
    @Test
    void theNodeIsLostAndAnotherTakesItsPlace() throws Exception {
        cluster.stop(follower);
        cluster.start(4);
        FakeCluster.awaitThat("the replica on the fourth node", () -> {
            cluster.node(leader).host().onPeerMessage(leader, new ReplaceReplica(P, follower, id(4)));
            return cluster.board.current(P).hasReplica(id(4));
        });
        NodeId third = List.of(id(1), id(2), id(3)).stream()
                .filter(node -> !node.equals(leader) && !node.equals(follower))
                .findFirst()
                .orElseThrow();
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 0");
        cluster.awaitEqualReplicas(P, leader, third, id(4));
        FakeCluster.awaitThat("the fourth node votes", () -> storageOf(id(4)) != null);
        start(follower);
        FakeCluster.awaitThat(
                "nothing of the partition on the lost node",
                () -> cluster.statuses(follower).replicas().isEmpty() && !Files.exists(databaseOf(follower)));
    }

    @Test
    void everythingOfTheNodeIsGone() throws Exception {
        cluster.stop(follower);
        deleteTree(directory.resolve(follower.name()));
        start(follower);
        assertRebuilt(follower, before);
    }
}
