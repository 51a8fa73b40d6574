package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.SnapshotChunk;
import org.deuterium.wire.replication.SnapshotOffer;
import org.deuterium.wire.replication.SnapshotRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot on its way: the way breaks, processes restart, pieces and files are damaged. */
@Timeout(240)
class SnapshotTransferTest {

    private static final PartitionId P = PartitionId.HOME;
    private static final int PIECE = 4 << 10;
    private static final long LOST_AFTER = 8 * PIECE;

    static final HostSettings SMALL_PIECES = new HostSettings(
            10,
            2,
            1 << 20,
            100,
            1 << 20,
            32 << 10,
            PIECE,
            3_000,
            64L << 20,
            64L << 20,
            new LogSettings(16 << 10, 8 << 10),
            ReplicaSettings.DEFAULT,
            StorageSettings.DEFAULT);

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private final List<SnapshotRequest> requests = new CopyOnWriteArrayList<>();
    private final List<SnapshotOffer> offers = new CopyOnWriteArrayList<>();
    private volatile boolean broken = true;
    private NodeId leader;
    private NodeId follower;
    private NodeId third;

    /** A follower takes a snapshot of which only the first pieces arrive. */
    @BeforeEach
    void breakATransfer() throws Exception {
        cluster = new FakeCluster(directory, SMALL_PIECES);
        cluster.arrives = (to, message) -> {
            if (message instanceof SnapshotOffer offer) {
                offers.add(offer);
            } else if (message instanceof SnapshotRequest request && request.step() == SnapshotRequest.Step.PIECE) {
                requests.add(request);
            }
            return !(broken && message instanceof SnapshotChunk chunk && chunk.offset() >= LOST_AFTER);
        };
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL, S VARCHAR(1000))");
        leader = cluster.board.awaitLeader(P);
        follower = leader.equals(id(1)) ? id(2) : id(1);
        third = leader.equals(id(3)) || follower.equals(id(3)) ? id(2) : id(3);
        cluster.stop(follower);
        for (int i = 0; i < 200; i++) {
            cluster.update(
                    P,
                    "INSERT INTO T SELECT X + " + i * 10 + ", X, RANDOM_UUID() || RANDOM_UUID() || RANDOM_UUID()"
                            + " FROM SYSTEM_RANGE(1, 10)");
        }
        FakeCluster.awaitThat(
                "the log is cut, so that the follower needs a snapshot", () -> !Files.exists(firstSegment()));
        start(follower);
        FakeCluster.awaitThat("a transfer that got stuck", () -> arrivingBytes() == LOST_AFTER);
        requests.clear(); // from here on a piece before the gap is asked for only by a transfer that starts over
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private void start(NodeId node) throws Exception {
        cluster.start(Integer.parseInt(node.name().substring(1)));
    }

    private Path firstSegment() {
        return directory.resolve(leader.name()).resolve("log").resolve("segment-0000000000000001.log");
    }

    private Path arriving() {
        return directory
                .resolve(follower.name())
                .resolve("partitions")
                .resolve("snapshots")
                .resolve(P + ".in");
    }

    private long arrivingBytes() {
        return arriving().toFile().length();
    }

    private void assertGoesOn() throws Exception {
        broken = false;
        cluster.awaitEqualReplicas(P, leader, follower);
        long first = requests.stream().mapToLong(SnapshotRequest::offset).min().orElse(-1);
        assertTrue(first >= LOST_AFTER, () -> "asked for again from " + first + " on; " + LOST_AFTER + " were there");
        assertEquals(
                1, offers.stream().mapToLong(SnapshotOffer::transfer).distinct().count(), "snapshots written");
        FakeCluster.awaitThat("no file of the transfer is left", () -> !Files.exists(arriving()));
    }

    @Test
    void itGoesOnWhenTheWayIsOpenAgain() throws Exception {
        String role = cluster.statuses(follower).replicas().get(0).role();
        assertTrue(role.startsWith("SNAPSHOT ") && role.contains(" MB/s)"), role);
        assertGoesOn();
        FakeCluster.awaitThat(
                "an ordinary follower",
                () -> cluster.statuses(follower).replicas().get(0).role().equals("FOLLOWER"));
    }

    /** For a reason of this node: another snapshot would not help, and the leader's is not to blame. */
    @Test
    void whatCannotBePutInPlaceIsTriedAgainAndNotSentAgain() throws Exception {
        Path inTheWay = arriving().getParent().resolveSibling(P + ".incoming");
        Files.createFile(inTheWay); // a directory is to be there
        broken = false;
        FakeCluster.awaitThat("it is said", () -> cluster.statuses(follower)
                .replicas()
                .get(0)
                .role()
                .contains("cannot be put in place, tried again"));
        Files.delete(inTheWay);
        assertGoesOn();
    }

    /** Far more than is kept for followers otherwise; else it would need another snapshot, and so on while others write. */
    @Test
    void itGoesOnThoughTheLogHasGrownMeanwhile() throws Exception {
        Path newest = newestSegment(third);
        for (int i = 200; Files.exists(newest); i++) {
            cluster.update(
                    P,
                    "INSERT INTO T SELECT X + " + i * 10 + ", X, RANDOM_UUID() || RANDOM_UUID() || RANDOM_UUID()"
                            + " FROM SYSTEM_RANGE(1, 10)");
        }
        assertGoesOn();
    }

    private Path newestSegment(NodeId node) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(node.name()).resolve("log"))) {
            return files.filter(file -> file.getFileName().toString().endsWith(".log"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    @Test
    void itGoesOnAfterTheFollowerWasRestarted() throws Exception {
        cluster.stop(follower);
        start(follower);
        assertGoesOn();
    }

    @Test
    void itGoesOnAfterTheLeaderWasRestarted() throws Exception {
        cluster.stop(third); // only the old leader's log is complete then, so it leads again
        cluster.stop(leader);
        start(leader);
        assertEquals(leader, cluster.board.awaitLeader(P));
        assertGoesOn();
    }

    @Test
    void whatWasDamagedOnTheWayIsTakenFromTheBeginning() throws Exception {
        cluster.stop(follower);
        try (FileChannel channel = FileChannel.open(arriving(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {7, 7, 7}), 1000);
        }
        start(follower);
        broken = false;
        cluster.awaitEqualReplicas(P, leader, follower);
        assertEquals(
                2, offers.stream().mapToLong(SnapshotOffer::transfer).distinct().count(), "snapshots written");
    }
}
