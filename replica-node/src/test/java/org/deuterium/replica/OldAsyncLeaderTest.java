package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.log.TailFile;
import org.deuterium.replica.storage.EntryText;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.partition.ReplicaStatuses.ReplicaStatus;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplaceReplica;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SnapshotOffer;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A leader that committed alone under ASYNC comes back: with files, H2 and the log of a node. */
@Timeout(240)
class OldAsyncLeaderTest {

    private static final PartitionId P = PartitionId.HOME;
    private static final PartitionId OTHER = new PartitionId(1);
    private static final List<Integer> FIVE = List.of(1, 2, 3, 4, 5);

    /** Tiny segments and frequent checkpoints, so that the log is cut after a few statements. */
    private static final HostSettings CUTS_SOON = settings(100, 32 << 10, new LogSettings(16 << 10, 8 << 10));

    /** Nothing is cut, and little of the log is in memory. */
    private static final HostSettings READS_THE_FILE = settings(20_000, 64 << 20, new LogSettings(1 << 20, 8 << 10));

    /** An update of the row as a statement, or in a write set. */
    private static final Pattern VALUE =
            Pattern.compile("UPDATE (?:T SET V = |PUBLIC\\.T row 1 \\(1, )(\\d+)(?: WHERE ID = 1|, )");

    @TempDir
    Path root;

    private FakeCluster cluster;
    private NodeId old;
    private ReplicaGroup before;

    private static HostSettings settings(long checkpointMillis, long retained, LogSettings log) {
        return new HostSettings(
                10,
                2,
                1 << 20,
                checkpointMillis,
                64 << 20,
                retained,
                4 << 10,
                5_000,
                64L << 20,
                64L << 20,
                log,
                ReplicaSettings.DEFAULT,
                StorageSettings.DEFAULT);
    }

    private void start(HostSettings settings) throws Exception {
        cluster = new FakeCluster(root, settings);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID INT PRIMARY KEY, V INT, S VARCHAR(100000))");
        cluster.update(P, "INSERT INTO T VALUES (1, 0, '')");
        Message changed = cluster.ask(new ChangeAckRule(P, AckRule.ASYNC, 20_000));
        assertInstanceOf(Done.class, changed, changed::toString);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        old = cluster.board.awaitLeader(P);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    /** The leader commits what nobody else has, and is gone; another leads. */
    private FakeCluster.Node commitAlone(List<String> updates) throws Exception {
        cluster.arrives = (to, message) -> to.equals(old)
                || !(message instanceof AppendEntries append
                        && !append.entries().isEmpty());
        for (String update : updates) {
            cluster.update(P, update);
        }
        before = cluster.board.current(P);
        FakeCluster.Node gone = cluster.cutOff(old);
        cluster.arrives = (to, message) -> true;
        assertNotEquals(old, cluster.board.awaitLeader(P));
        cluster.update(P, "UPDATE T SET V = V + 100 WHERE ID = 1");
        return gone;
    }

    private static List<String> five() {
        return FIVE.stream().map(i -> "UPDATE T SET V = " + i + " WHERE ID = 1").toList();
    }

    private Path tails() {
        return root.resolve(old.name()).resolve("tails");
    }

    private List<LogEntry> setAside() throws IOException {
        List<LogEntry> entries = new ArrayList<>();
        for (Path file : TailFile.list(tails())) {
            entries.addAll(TailFile.entries(file));
        }
        return entries;
    }

    /** The values that the updates of the side files give the row, in their order. */
    private List<Integer> valuesSetAside() throws IOException {
        return setAside().stream()
                .flatMap(entry -> EntryText.lines(entry).stream())
                .map(VALUE::matcher)
                .filter(Matcher::lookingAt)
                .map(update -> Integer.valueOf(update.group(1)))
                .toList();
    }

    private String role(NodeId node) {
        return cluster.statuses(node).replicas().stream()
                .filter(status -> status.partition().equals(P))
                .map(ReplicaStatus::role)
                .findFirst()
                .orElse("");
    }

    @Test
    void whatItCommittedAloneIsSetAsideAndASnapshotTakesItsPlaceUnderTheSameVote() throws Exception {
        start(HostSettings.DEFAULT);
        FakeCluster.Node gone = commitAlone(five());
        cluster.reconnect(old, gone);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(100, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        assertEquals(before.storageOf(old), cluster.board.current(P).storageOf(old), "it kept its vote");
        assertEquals(FIVE, valuesSetAside());
        assertEquals(5, setAside().size());

        cluster.stop(old);
        cluster.update(P, "UPDATE T SET V = V + 100 WHERE ID = 1");
        cluster.start(Integer.parseInt(old.name().substring(1)));
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(before.storageOf(old), cluster.board.current(P).storageOf(old), "its log is sound");
        assertEquals(5, setAside().size());
    }

    /** The tail is read and written in slices, and a damaged entry costs nothing but itself. */
    @Test
    void aLongTailIsSetAsideAllButTheEntryThatCannotBeRead() throws Exception {
        start(READS_THE_FILE);
        String wide = "x".repeat(60_000);
        FakeCluster.Node gone = commitAlone(IntStream.range(100, 130)
                .mapToObj(i -> "UPDATE T SET V = " + i + ", S = 'no" + i + wide + "' WHERE ID = 1")
                .toList());
        damage("no117x");
        cluster.reconnect(old, gone);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(29, setAside().size());
        List<Long> indexes =
                setAside().stream().map(entry -> entry.index().position()).toList();
        assertEquals(16, indexes.get(16) - indexes.get(0), "the 17 before it");
        assertEquals(18, indexes.get(17) - indexes.get(0), "and those after it");
    }

    /** What is found damaged at a start is not what the process has read, but what comes before and after it is. */
    @Test
    void ofALogThatIsFoundDamagedAtTheStartAllThatCanBeReadIsSetAside() throws Exception {
        start(READS_THE_FILE);
        commitAlone(IntStream.range(100, 110)
                .mapToObj(i -> "UPDATE T SET V = " + i + ", S = 'no" + i + "x' WHERE ID = 1")
                .toList());
        cluster.stopCutOff(old);
        damage("no107x");
        cluster.start(Integer.parseInt(old.name().substring(1)));
        FakeCluster.awaitThat("another directory", () -> !before.storageOf(old)
                .equals(cluster.board.current(P).storageOf(old)));
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(List.of(100, 101, 102, 103, 104, 105, 106, 108, 109), valuesSetAside());
    }

    private void damage(String text) throws IOException {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        try (Stream<Path> files = Files.list(root.resolve(old.name()).resolve("log"))) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                for (int at = 0; at + wanted.length <= bytes.length; at++) {
                    if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                            channel.write(ByteBuffer.wrap(new byte[] {'!'}), at);
                            return;
                        }
                    }
                }
            }
        }
        throw new AssertionError(text + " is not in the log");
    }

    /** Without room for the tail nothing is replaced, and what others write does not cut the log; the node works on. */
    @Test
    void aSnapshotWaitsUntilTheTailIsKept() throws Exception {
        start(CUTS_SOON);
        cluster.createPartition(OTHER);
        cluster.schema(OTHER, "CREATE TABLE U(ID INT PRIMARY KEY, S VARCHAR(1000))");
        cluster.update(OTHER, "INSERT INTO U VALUES (1, '')");
        commitAlone(five());
        cluster.stopCutOff(old);
        String written = "UPDATE T SET V = V + 1, S = '" + "y".repeat(500) + "' WHERE ID = 1";
        NodeId leader = cluster.board.awaitLeader(P);
        String first = oldestSegment(leader);
        for (int i = 0; oldestSegment(leader).equals(first); i++) {
            assertTrue(i < 5_000, "the log is never cut");
            cluster.update(P, written);
        }
        Files.writeString(tails(), "no directory can be made here");
        cluster.start(Integer.parseInt(old.name().substring(1)));
        FakeCluster.awaitThat("a replica that waits", () -> role(old).contains("make room there"));
        String oldest = oldestSegment(old);
        for (int i = 0; i < 300; i++) {
            cluster.update(OTHER, "UPDATE U SET S = '" + i + "z".repeat(500) + "' WHERE ID = 1");
        }
        cluster.awaitEqualReplicas(OTHER, id(1), id(2), id(3));
        FakeCluster.awaitThat(
                "the other partition's checkpoint", () -> !oldestSegment(leader).equals(first));
        assertEquals(oldest, oldestSegment(old), "what is to be kept was cut");
        assertTrue(role(old).contains("make room there"), role(old));

        Files.delete(tails());
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertTrue(valuesSetAside().containsAll(FIVE), "lost, and not set aside");
    }

    private String oldestSegment(NodeId node) {
        try (Stream<Path> files = Files.list(root.resolve(node.name()).resolve("log"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("segment"))
                    .sorted()
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aReplicaThatWasGivenAwayMeanwhileKeepsItsTail() throws Exception {
        start(HostSettings.DEFAULT);
        commitAlone(five());
        cluster.stopCutOff(old);
        cluster.start(4);
        FakeCluster.awaitThat("the replica on the fourth node", () -> {
            NodeId leader = cluster.board.current(P).leader();
            if (leader != null) {
                cluster.node(leader).host().onPeerMessage(leader, new ReplaceReplica(P, old, id(4)));
            }
            return cluster.board.current(P).hasReplica(id(4));
        });
        cluster.start(Integer.parseInt(old.name().substring(1)));
        FakeCluster.awaitThat(
                "nothing of the partition on the lost node",
                () -> cluster.statuses(old).replicas().isEmpty()
                        && !Files.exists(
                                root.resolve(old.name()).resolve("partitions").resolve("p0")));
        assertTrue(valuesSetAside().containsAll(FIVE), "lost, and not set aside");
    }

    /** A later term without a leader does not make it right. */
    @Test
    void whatItsLeaderDoesNotHaveStaysHidden() throws Exception {
        start(HostSettings.DEFAULT);
        FakeCluster.Node gone = commitAlone(five());
        AtomicBoolean offered = new AtomicBoolean();
        cluster.arrives = (to, message) -> {
            boolean offer = to.equals(old) && message instanceof SnapshotOffer;
            offered.compareAndSet(false, offer);
            return !offer;
        };
        cluster.reconnect(old, gone);
        FakeCluster.awaitThat("a snapshot for what is hidden", offered::get);
        assertInstanceOf(Failure.class, readAt(gone));
        cluster.arrives = (to, message) -> !to.equals(old);
        Term later = new Term(cluster.board.current(P).term().number() + 50);
        ReplicaGroup nobody = cluster.board.current(P);
        while (nobody.term().isBefore(later)) {
            nobody = nobody.withNextTerm();
        }
        gone.host().onGroup(nobody);
        FakeCluster.awaitThat("the later term", () -> cluster.statuses(old).replicas().stream()
                .allMatch(status -> status.term().equals(later)));
        assertInstanceOf(Failure.class, readAt(gone));
    }

    /** What a session reads at this replica that asks for nothing in particular. */
    private Message readAt(FakeCluster.Node node) {
        ExecuteInBranch plain =
                cluster.statement(P, cluster.newTransaction(), true, true, "SELECT V FROM T WHERE ID = 1");
        CompletableFuture<Message> answer = new CompletableFuture<>();
        node.service()
                .handle(
                        new ExecuteInBranch(
                                plain.partition(),
                                plain.schemaVersion(),
                                plain.transaction(),
                                plain.begins(),
                                plain.ends(),
                                plain.brief(),
                                plain.session(),
                                plain.sql(),
                                plain.parameters(),
                                plain.fetchSize(),
                                plain.maxRows(),
                                plain.timeoutMillis(),
                                plain.keys(),
                                plain.wantColumns(),
                                0,
                                0,
                                new ReadBound(true, Timestamp.ZERO, true, LogIndex.NONE, false, false, 0, 50)),
                        answer::complete);
        Message message = answer.orTimeout(60, TimeUnit.SECONDS).join();
        return message instanceof PositionedAnswer positioned ? positioned.answer() : message;
    }
}
