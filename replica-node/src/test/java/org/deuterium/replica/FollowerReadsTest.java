package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A follower answers what its bound allows, waits for the rest, and says when it is behind. */
@Timeout(240)
class FollowerReadsTest {

    private static final PartitionId P = PartitionId.HOME;
    private static final String READ = "SELECT CAST(V AS BIGINT) FROM T WHERE ID = 1";
    private static final int LONG_WAIT = 20_000;

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private NodeId leader;
    private NodeId follower;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
        leader = cluster.board.awaitLeader(P);
        follower = leader.equals(id(1)) ? id(2) : id(1);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    /** A write that says where it stands. */
    private PositionedAnswer write(String sql, Timestamp dependsOn) throws Exception {
        Message answer = FakeCluster.askUntilDone(() -> cluster.ask(
                with(ReadBound.atLeader(dependsOn), cluster.statement(P, cluster.newTransaction(), true, true, sql))));
        return assertInstanceOf(PositionedAnswer.class, answer, () -> sql + ": " + answer);
    }

    private static ExecuteInBranch with(ReadBound bound, ExecuteInBranch plain) {
        return new ExecuteInBranch(
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
                bound);
    }

    private CompletableFuture<Message> read(FakeCluster.Node node, ReadBound bound, String sql) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        node.service()
                .handle(with(bound, cluster.statement(P, cluster.newTransaction(), true, true, sql)), answer::complete);
        return answer;
    }

    private Message readNow(ReadBound bound) throws Exception {
        return read(cluster.node(follower), bound, READ).get(60, TimeUnit.SECONDS);
    }

    private static ReadBound bound(LogIndex least, int waitMillis) {
        return new ReadBound(true, Timestamp.ZERO, true, least, false, false, 0, waitMillis);
    }

    private static ReadBound causal(Timestamp dependsOn, int waitMillis) {
        return new ReadBound(true, dependsOn, true, LogIndex.NONE, true, false, 0, waitMillis);
    }

    private static ReadBound notOlderThan(int millis, int waitMillis) {
        return new ReadBound(true, Timestamp.ZERO, true, LogIndex.NONE, false, false, millis, waitMillis);
    }

    private static long number(Message answer) {
        PositionedAnswer positioned = assertInstanceOf(PositionedAnswer.class, answer, answer::toString);
        RowsPage page = assertInstanceOf(RowsPage.class, positioned.answer());
        assertEquals(1, page.rowCount());
        WireReader in = new WireReader(page.rows());
        in.readByte();
        return in.readZLong();
    }

    private static ErrorCode refusal(Message answer) {
        return assertInstanceOf(Failure.class, answer, answer::toString).error();
    }

    @Test
    void aFollowerThatIsBehindWaitsForTheEntryAskedFor() throws Exception {
        cluster.node(follower).host().holdApplier(P, true);
        PositionedAnswer written = write("UPDATE T SET V = 7 WHERE ID = 1", Timestamp.ZERO);
        assertEquals(0, number(readNow(bound(LogIndex.NONE, 10))), "nothing asked for: the old state");
        assertEquals(ErrorCode.REPLICA_BEHIND, refusal(readNow(bound(written.index(), 10))));
        CompletableFuture<Message> waiting = read(cluster.node(follower), bound(written.index(), LONG_WAIT), READ);
        assertFalse(waiting.isDone());
        cluster.node(follower).host().holdApplier(P, false);
        Message answer = waiting.get(60, TimeUnit.SECONDS);
        assertEquals(7, number(answer));
        assertFalse(written.index().isAfter(((PositionedAnswer) answer).index()), "its position covers what it shows");
    }

    @Test
    void anIdleFollowerAsksItsLeaderWhetherItHasTheCauses() throws Exception {
        Timestamp elsewhere = Timestamp.ofMillis(System.currentTimeMillis() + 400);
        assertEquals(0, number(readNow(causal(elsewhere, LONG_WAIT))), "it shows all that is committed");
        cluster.node(follower).host().holdApplier(P, true);
        PositionedAnswer written = write("UPDATE T SET V = 8 WHERE ID = 1", elsewhere);
        assertTrue(written.timestamp().compareTo(elsewhere) > 0, "an effect is later than its cause");
        assertEquals(ErrorCode.REPLICA_BEHIND, refusal(readNow(causal(written.timestamp(), 10))));
        CompletableFuture<Message> waiting = read(cluster.node(follower), causal(written.timestamp(), LONG_WAIT), READ);
        cluster.node(follower).host().holdApplier(P, false);
        assertEquals(8, number(waiting.get(60, TimeUnit.SECONDS)));
    }

    @Test
    void aSessionWithoutMemoryGetsThePresent() throws Exception {
        ReadBound present = new ReadBound(true, Timestamp.ZERO, true, LogIndex.NONE, false, true, 0, LONG_WAIT);
        cluster.node(follower).host().holdApplier(P, true);
        write("UPDATE T SET V = 9 WHERE ID = 1", Timestamp.ZERO);
        CompletableFuture<Message> waiting = read(cluster.node(follower), present, READ);
        cluster.node(follower).host().holdApplier(P, false);
        assertEquals(9, number(waiting.get(60, TimeUnit.SECONDS)));
    }

    @Test
    void aFollowerCutOffFromItsLeaderServesNothingOlderThanItsBound() throws Exception {
        int bound = 300;
        assertEquals(0, number(readNow(notOlderThan(bound, LONG_WAIT))));
        FakeCluster.Node cut = cluster.cutOff(follower);
        long cutNanos = System.nanoTime();
        ErrorCode refused = null;
        while (refused == null) {
            long askedNanos = System.nanoTime();
            Message answer = read(cut, notOlderThan(bound, 1), READ).get(60, TimeUnit.SECONDS);
            if (answer instanceof Failure failure) {
                refused = failure.error();
            } else {
                long ageMillis = TimeUnit.NANOSECONDS.toMillis(askedNanos - cutNanos);
                assertTrue(ageMillis <= bound, "served " + ageMillis + " ms after it was cut off");
            }
        }
        assertEquals(ErrorCode.REPLICA_BEHIND, refused);
        assertEquals(
                0, number(read(cut, bound(LogIndex.NONE, 1), READ).get(60, TimeUnit.SECONDS)), "no bound: it serves");
        cluster.reconnect(follower, cut);
        FakeCluster.awaitThat("the follower to be fresh again", () -> {
            try {
                return readNow(notOlderThan(bound, 100)) instanceof PositionedAnswer;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void whatIsNoPlainReadIsLeftToTheLeader() throws Exception {
        ReadBound any = bound(LogIndex.NONE, 10);
        cluster.schema(P, "CREATE SEQUENCE S");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        for (String sql : new String[] {
            "UPDATE T SET V = 1 WHERE ID = 1",
            "SELECT V FROM T FOR UPDATE",
            "SELECT NEXT VALUE FOR S",
            "SELECT NONSENSE"
        }) {
            Message answer = read(cluster.node(follower), any, sql).get(60, TimeUnit.SECONDS);
            assertEquals(ErrorCode.NOT_LEADER, refusal(answer), sql);
        }
        assertEquals(0, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        ExecuteInBranch planned = with(any, cluster.statement(P, cluster.newTransaction(), true, true, READ));
        cluster.schema(P, "ALTER TABLE T ADD COLUMN W BIGINT");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        CompletableFuture<Message> stale = new CompletableFuture<>();
        cluster.node(follower).service().handle(planned, stale::complete);
        assertEquals(ErrorCode.STALE_SCHEMA, refusal(stale.get(60, TimeUnit.SECONDS)));
    }

    @Test
    void aReaderNeverSeesHalfOfACommitNorGoesBack() throws Exception {
        cluster.update(P, "INSERT INTO T VALUES(2, 0)");
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 1; i <= 200; i++) {
                    cluster.update(P, "UPDATE T SET V = " + i);
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        long last = 0;
        LogIndex least = LogIndex.NONE;
        int reads = 0;
        int turn = 0;
        NodeId[] all = {id(1), id(2), id(3)};
        while (!writer.isDone() || reads < 50) {
            // MIN * 1000 + MAX: both rows change in one commit
            String both = "SELECT CAST(MIN(V) * 1000 + MAX(V) AS BIGINT) FROM T";
            Message answer = read(cluster.node(all[turn++ % 3]), bound(least, LONG_WAIT), both)
                    .get(60, TimeUnit.SECONDS);
            long value = number(answer);
            assertEquals(value / 1000, value % 1000, "one commit, seen in part");
            assertTrue(value >= last, "went back from " + last + " to " + value);
            last = value;
            least = ((PositionedAnswer) answer).index();
            reads++;
        }
        writer.join();
    }

    /** The lease comes with the next question of the tail: a tenth of a second. */
    private Message readAtTail() throws Exception {
        CompletableFuture<Message> found = new CompletableFuture<>();
        FakeCluster.awaitThat("a strong read at the tail", () -> {
            NodeId tail = cluster.board.current(P).tail(); // another one, if it was silent for too long
            if (tail == null) {
                return false;
            }
            Message answer = read(cluster.node(tail), ReadBound.atTail(Timestamp.ZERO, LONG_WAIT), READ)
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
            return answer instanceof PositionedAnswer && found.complete(answer);
        });
        return found.get();
    }

    /** There is none while all followers have been silent for half a second, as on a machine that stood still. */
    private NodeId awaitTail() throws Exception {
        AtomicReference<NodeId> found = new AtomicReference<>();
        FakeCluster.awaitThat("a tail", () -> {
            found.set(cluster.board.current(P).tail());
            return found.get() != null;
        });
        return found.get();
    }

    @Test
    void onlyTheTailOfAChainAnswersStrongReadsAndItShowsWhatWasAcknowledged() throws Exception {
        ReadBound strong = ReadBound.atTail(Timestamp.ZERO, 50);
        Failure refused = assertInstanceOf(Failure.class, readNow(strong), "the rule is QUORUM");
        assertEquals(ErrorCode.REPLICA_BEHIND, refused.error());
        Message changed = cluster.ask(new ChangeAckRule(P, AckRule.chain(2), 20_000));
        assertInstanceOf(Done.class, changed, changed::toString);
        for (int i = 1; i <= 20; i++) {
            write("UPDATE T SET V = V + 1 WHERE ID = 1", Timestamp.ZERO);
            assertEquals(i, number(readAtTail()));
        }
        boolean asked = false;
        while (!asked) {
            awaitTail();
            ReplicaGroup group = cluster.board.current(P);
            NodeId tail = group.tail();
            if (tail == null) {
                continue; // gone again
            }
            NodeId middle = Stream.of(id(1), id(2), id(3))
                    .filter(node -> !node.equals(leader) && !node.equals(tail))
                    .findFirst()
                    .orElseThrow();
            Message answer = read(cluster.node(middle), strong, READ).get(60, TimeUnit.SECONDS);
            asked = group.equals(cluster.board.current(P));
            assertTrue(!asked || answer instanceof Failure, answer::toString);
        }
    }

    @Test
    void aTailThatIsCutOffShowsNothingOldOnceOthersGoOn() throws Exception {
        Message changed = cluster.ask(new ChangeAckRule(P, AckRule.chain(2), 20_000));
        assertInstanceOf(Done.class, changed, changed::toString);
        NodeId tail = awaitTail();
        readAtTail();
        FakeCluster.Node cut = cluster.cutOff(tail);
        write("UPDATE T SET V = 7 WHERE ID = 1", Timestamp.ZERO);
        Message answer = read(cut, ReadBound.atTail(Timestamp.ZERO, 50), READ).get(60, TimeUnit.SECONDS);
        assertInstanceOf(Failure.class, answer, "its lease was waited out before the write was acknowledged");
    }
}
