package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deuterium.replica.host.DutiesFactory;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.host.LeaderDuties;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.log.DamagedEntryException;
import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.storage.StorageFailedException;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.partition.TransferLeader;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SnapshotChunk;
import org.deuterium.wire.replication.SnapshotRequest;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The database of a leader fails while its transactions take their time: its log goes on, and nothing is lost on the way to another. */
@Timeout(240)
class StuckLeaderTest {

    private static final PartitionId P = PartitionId.HOME;

    /** A receiver of a snapshot says every half second that it is busy. */
    private static final HostSettings SETTINGS = new HostSettings(
            10,
            2,
            1 << 20,
            20_000,
            128L << 20,
            64L << 20,
            1 << 20,
            3_000,
            64L << 20,
            8L << 20,
            LogSettings.DEFAULT,
            ReplicaSettings.DEFAULT,
            StorageSettings.DEFAULT);

    @TempDir
    Path directory;

    private final Map<NodeId, PartitionHost> hosts = new ConcurrentHashMap<>();
    private final AtomicInteger busy = new AtomicInteger();
    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    private FakeCluster cluster;

    private volatile Consumer<NodeId> beforeServing = node -> {};
    private volatile Consumer<NodeId> stepDown = node -> {};

    /** Does what the service does, after the test has had its say. */
    private final class Watched implements LeaderDuties {
        private final NodeId node;
        private final LeaderDuties service;

        Watched(NodeId node, LeaderDuties service) {
            this.node = node;
            this.service = service;
        }

        @Override
        public void beforeServing(Term term) {
            beforeServing.accept(node);
            service.beforeServing(term);
        }

        @Override
        public void serve(Term term) {
            service.serve(term);
        }

        @Override
        public void stepDown() {
            stepDown.accept(node);
            service.stepDown();
        }

        @Override
        public void schemaApplied(long version, @Nullable Failure failure) {
            service.schemaApplied(version, failure);
        }
    }

    private DutiesFactory watch(NodeId node, DutiesFactory service) {
        return new DutiesFactory() {
            @Override
            public LeaderDuties create(PartitionHost host) {
                hosts.put(node, host);
                return new Watched(node, service.create(host));
            }

            @Override
            public void present(PartitionHost host, LeaderDuties duties) {
                service.present(host, ((Watched) duties).service);
            }

            @Override
            public void removed(PartitionHost host) {
                service.removed(host);
            }
        };
    }

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, SETTINGS);
        cluster.duties = this::watch;
        cluster.arrives = (to, message) -> {
            if (message instanceof SnapshotRequest request && request.step() == SnapshotRequest.Step.BUSY) {
                busy.incrementAndGet();
            }
            return true;
        };
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
    }

    @AfterEach
    void stop() throws Exception {
        mayGoOn.countDown();
        cluster.close();
    }

    private void await() {
        try {
            assertTrue(mayGoOn.await(120, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void fill() throws Exception {
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.update(P, "INSERT INTO T VALUES(1, 0), (2, 0)");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    /** One that has the next leader's database ready beside its own, which its transactions keep. */
    private NodeId stuckLeaderWithWorkUnderWay() throws Exception {
        cluster.createPartition(P);
        fill();
        NodeId leader = cluster.board.awaitLeader(P);
        stepDown = node -> {
            if (node.equals(leader)) {
                await();
            }
        };
        hosts.get(leader).storageFailed(new StorageFailedException("a test says so"));
        FakeCluster.awaitThat(
                "another leader", () -> !leader.equals(cluster.board.current(P).leader()));
        cluster.board.awaitLeader(P);
        FakeCluster.awaitThat("a database that waits to be put in place", () -> busy.get() >= 3);
        return leader;
    }

    @Test
    void itAcknowledgesWhileItsTransactionsEnd() throws Exception {
        NodeId stuck = stuckLeaderWithWorkUnderWay();
        NodeId leader = cluster.board.awaitLeader(P);
        NodeId third = List.of(id(1), id(2), id(3)).stream()
                .filter(node -> !node.equals(stuck) && !node.equals(leader))
                .findFirst()
                .orElseThrow();
        FakeCluster.Node away = cluster.cutOff(third);
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1"); // two logs of three
        mayGoOn.countDown();
        cluster.awaitEqualReplicas(P, stuck, leader);
        cluster.reconnect(third, away);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(1, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }

    /** As when the disk is full at the wrong moment. */
    @Test
    void aDatabaseThatCannotBePutInPlaceCostsNoVote() throws Exception {
        NodeId stuck = stuckLeaderWithWorkUnderWay();
        ReplicaGroup before = cluster.board.current(P);
        Path partitions = directory.resolve(stuck.name()).resolve("partitions");
        Files.move(partitions.resolve(P + ".incoming"), directory.resolve("elsewhere"));
        mayGoOn.countDown();
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(before.replicas(), cluster.board.current(P).replicas(), "nobody has lost its vote");
        FakeCluster.awaitThat(
                "an ordinary follower",
                () -> cluster.statuses(stuck).replicas().get(0).role().equals("FOLLOWER"));
    }

    /** One that is later than everything in the log. */
    private Timestamp closedMomentAt(NodeId leader) throws Exception {
        AtomicReference<Timestamp> closed = new AtomicReference<>(Timestamp.ZERO);
        FakeCluster.awaitThat("a lease that is long enough", () -> {
            closed.set(Timestamp.ofMillis(System.currentTimeMillis() + 300));
            CompletableFuture<Message> answer = new CompletableFuture<>();
            hosts.get(leader).cuts().close(closed.get(), answer::complete);
            return answer.orTimeout(60, TimeUnit.SECONDS).join() instanceof PositionedAnswer position
                    && position.answer() instanceof Done;
        });
        return closed.get();
    }

    /** Its log was found damaged while open transactions ended: there is nothing any more to write a last word to. */
    @Test
    void aHandOverOfAReplicaThatIsGoneWritesNothing() throws Exception {
        cluster.createPartition(P);
        fill();
        NodeId leader = cluster.board.awaitLeader(P);
        PartitionHost gone = hosts.get(leader);
        closedMomentAt(leader);
        gone.storageFailed(new DamagedEntryException(Path.of("a-test-says-so"), 0, null));
        CountDownLatch settled = new CountDownLatch(1);
        gone.cuts().settle(settled::countDown);
        assertTrue(settled.await(60, TimeUnit.SECONDS), "the node's loop has failed");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    /** Where all logs are damaged, or there was one replica, it is all that is left. */
    @Test
    void theDatabaseOfADamagedLogIsThereWhenTheProcessEndsWhileItIsClosed() throws Exception {
        cluster.createPartition(P);
        fill();
        NodeId leader = cluster.board.awaitLeader(P);
        PartitionHost damaged = hosts.get(leader);
        PartitionId another = new PartitionId(1);
        cluster.board.create(another, List.of(leader));
        cluster.schema(another, "CREATE TABLE Q(ID BIGINT PRIMARY KEY)");
        CountDownLatch closing = new CountDownLatch(1);
        stepDown = node -> {
            closing.countDown();
            await();
        };
        damaged.storageFailed(new DamagedEntryException(Path.of("a-test-says-so"), 0, null));
        assertTrue(closing.await(60, TimeUnit.SECONDS));
        cluster.update(another, "INSERT INTO Q VALUES(1)"); // all that the log was told before is durable now

        Path killed = directory.resolve("killed");
        copyTree(directory.resolve(leader.name()), killed.resolve(leader.name()));
        try (FakeCluster afterwards = new FakeCluster(killed, SETTINGS)) {
            afterwards.start(Integer.parseInt(leader.name().substring(1)));
            Path partitions = killed.resolve(leader.name()).resolve("partitions");
            assertTrue(Files.exists(partitions.resolve(P.toString()))
                    || Files.exists(partitions.resolve(P + ".broken-1")));
        }
        mayGoOn.countDown();
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                try {
                    Files.copy(file, copy);
                } catch (NoSuchFileException e) {
                    assertFalse(file.toString().endsWith(".mv.db"), e::toString); // a node that runs deletes others
                }
            }
        }
    }

    /** Nobody is disturbed for it: what is open in the partition goes on. */
    @Test
    void theLeadIsNotHandedToAStuckReplica() throws Exception {
        cluster.createPartition(P);
        fill();
        NodeId leader = cluster.board.awaitLeader(P);
        NodeId follower = leader.equals(id(1)) ? id(2) : id(1);
        cluster.arrives = (to, message) -> !(message instanceof SnapshotChunk);
        hosts.get(follower).storageFailed(new StorageFailedException("a test says so"));
        TransactionId open = cluster.newTransaction();
        cluster.ask(cluster.statement(P, open, true, false, "UPDATE T SET V = V + 1 WHERE ID = 1"));
        AtomicReference<@Nullable Failure> refused = new AtomicReference<>();
        FakeCluster.awaitThat("a leader that knows", () -> {
            CompletableFuture<@Nullable Failure> answer = new CompletableFuture<>();
            hosts.get(leader).requests().refusalOfTransfer(follower, answer::complete);
            refused.set(answer.orTimeout(60, TimeUnit.SECONDS).join());
            return refused.get() != null;
        });
        Message told = cluster.ask(new TransferLeader(P, follower, 1));
        Failure failure = assertInstanceOf(Failure.class, told);
        assertEquals(ErrorCode.TOO_FEW_IN_SYNC, failure.error(), failure::message);
        assertTrue(failure.message().contains("STUCK"), failure.message());
        assertEquals(leader, cluster.board.awaitLeader(P));
        Message ended = cluster.ask(cluster.statement(P, open, false, true, "UPDATE T SET V = V + 1 WHERE ID = 1"));
        assertFalse(ended instanceof Failure, ended::toString);
    }

    /** It gives its lease up early, so the clocks alone would not keep the next leader from going back. */
    @Test
    void theNextLeaderGoesOnAfterTheMomentsThatWereClosed() throws Exception {
        cluster.createPartition(P);
        fill();
        NodeId leader = cluster.board.awaitLeader(P);
        Timestamp closed = closedMomentAt(leader);
        hosts.get(leader).storageFailed(new StorageFailedException("a test says so"));
        FakeCluster.awaitThat(
                "another leader", () -> !leader.equals(cluster.board.current(P).leader()));
        Message written = cluster.ask(
                cluster.statement(P, cluster.newTransaction(), true, true, "UPDATE T SET V = V + 1 WHERE ID = 1")
                        .at(ReadBound.atLeader(Timestamp.ZERO)));
        PositionedAnswer position = assertInstanceOf(PositionedAnswer.class, written, written::toString);
        assertTrue(position.timestamp().compareTo(closed) > 0);
    }

    /** The step may be the one that adopts prepared transactions, which have to be ended then. */
    @Test
    void itsTransactionsAreEndedOnlyAfterTheStepOfTheApplierThatIsUnderWay() throws Exception {
        CountDownLatch serving = new CountDownLatch(1);
        CountDownLatch steppedDown = new CountDownLatch(1);
        beforeServing = node -> {
            serving.countDown();
            await();
        };
        cluster.createPartition(P);
        assertTrue(serving.await(60, TimeUnit.SECONDS));
        NodeId leader = cluster.board.awaitLeader(P);
        stepDown = node -> {
            if (node.equals(leader)) {
                steppedDown.countDown();
            }
        };
        hosts.get(leader).storageFailed(new StorageFailedException("a test says so"));
        FakeCluster.awaitThat(
                "it is stuck",
                () -> cluster.statuses(leader).replicas().get(0).role().contains("STUCK after "));
        assertFalse(steppedDown.await(500, TimeUnit.MILLISECONDS));
        mayGoOn.countDown();
        assertTrue(steppedDown.await(60, TimeUnit.SECONDS));
        fill();
    }
}
