package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.partition.AskRetained;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.partition.ReplicaStatuses.ReplicaStatus;
import org.deuterium.wire.partition.RetainedMoments;
import org.deuterium.wire.partition.TransferLeader;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every replica keeps the states of the same moments, whoever leads, and none that its log does not have. */
@Timeout(240)
class PastOfReplicasTest {

    private static final PartitionId P = PartitionId.HOME;
    private static final List<NodeId> ALL = List.of(id(1), id(2), id(3));
    private static final String READ = "SELECT CAST(V AS BIGINT) FROM T WHERE ID = 1";

    /** Moments a second apart, and none given up before a slow machine has come to the end. */
    private static final long WINDOW_MILLIS = 15_000;

    @TempDir
    Path directory;

    private FakeCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(
                directory,
                HostSettings.DEFAULT.withStorage(HostSettings.DEFAULT.storage().withRetainedMillis(WINDOW_MILLIS)));
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.update(P, "INSERT INTO T VALUES(1, 100), (2, 0)");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private NodeId leader() {
        return cluster.board.current(P).leader();
    }

    private NodeId follower() {
        return leader().equals(id(1)) ? id(2) : id(1);
    }

    private static NavigableSet<Timestamp> keptAt(FakeCluster.Node node) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        node.service().handle(new AskRetained(P), answer::complete);
        Message reply = answer.orTimeout(60, TimeUnit.SECONDS).join();
        return reply instanceof RetainedMoments kept ? new TreeSet<>(kept.moments()) : new TreeSet<>();
    }

    private NavigableSet<Timestamp> keptByAll(List<NodeId> nodes) {
        NavigableSet<Timestamp> common = keptAt(cluster.node(nodes.get(0)));
        nodes.forEach(node -> common.retainAll(keptAt(cluster.node(node))));
        return common;
    }

    /** All that was done before is in states of later moments: a leader takes a state up to 70 ms before its moment comes. */
    private static Timestamp now() {
        return Timestamp.ofMillis(System.currentTimeMillis() + 100);
    }

    /** The first moment after this one of which all these nodes keep the state. */
    private Timestamp awaitMomentAfter(Timestamp moment, List<NodeId> nodes) throws Exception {
        AtomicReference<@Nullable Timestamp> found = new AtomicReference<>();
        FakeCluster.awaitThat("a state that " + nodes + " keep", () -> {
            found.set(keptByAll(nodes).higher(moment));
            return found.get() != null;
        });
        return Objects.requireNonNull(found.get());
    }

    private Timestamp awaitMomentAfter(Timestamp moment) throws Exception {
        return awaitMomentAfter(moment, ALL);
    }

    /** At the leader; the window is long enough for what is asked here. */
    private long valueAsOf(Timestamp moment) throws Exception {
        TransactionId transaction = cluster.newTransaction();
        Message answer =
                cluster.ask(cluster.statement(P, transaction, true, false, READ).at(ReadBound.NONE.atRetained(moment)));
        assertInstanceOf(Done.class, cluster.end(P, transaction, false));
        return number(answer);
    }

    /** Any replica. */
    private static Message at(FakeCluster.Node node, PartitionRequest request) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        node.service().handle(request, answer::complete);
        return answer.orTimeout(30, TimeUnit.SECONDS).join();
    }

    private ExecuteInBranch select(TransactionId transaction, Timestamp moment) {
        return cluster.statement(P, transaction, true, false, READ).at(ReadBound.NONE.atRetained(moment));
    }

    private static long number(Message answer) {
        Message rows = answer instanceof PositionedAnswer positioned ? positioned.answer() : answer;
        WireReader in = new WireReader(
                assertInstanceOf(RowsPage.class, rows, answer::toString).rows());
        in.readByte();
        return in.readZLong();
    }

    private static ErrorCode refusal(Message answer) {
        return assertInstanceOf(Failure.class, answer, answer::toString).error();
    }

    /** Nobody need lead for what is over: the branch goes on when its replica gets the lead, and loses it. */
    @Test
    void aBranchAtAFollowerOutlivesChangesOfTheLeader() throws Exception {
        Timestamp then = awaitMomentAfter(now());
        NodeId former = leader();
        FakeCluster.Node follower = cluster.node(follower());
        TransactionId transaction = cluster.newTransaction();
        assertEquals(100, number(at(follower, select(transaction, then))));
        cluster.update(P, "UPDATE T SET V = 7 WHERE ID = 1");
        ExecuteInBranch again = cluster.statement(P, transaction, false, false, READ);
        assertEquals(100, number(at(follower, again)));
        lead(follower());
        assertEquals(100, number(at(follower, again)));
        cluster.update(P, "UPDATE T SET V = 8 WHERE ID = 1");
        lead(former);
        assertEquals(100, number(at(follower, again)));
        assertEquals(
                ErrorCode.READ_ONLY_TRANSACTION,
                refusal(at(follower, cluster.statement(P, transaction, false, false, READ + " FOR UPDATE"))));
        assertEquals(
                ErrorCode.SQL_ERROR,
                refusal(at(follower, cluster.statement(P, transaction, false, false, "SELECT 1/0"))));
        assertInstanceOf(Done.class, at(follower, new BranchSavepoint(P, transaction, 1, false)));
        assertEquals(100, number(at(follower, again)));
        assertInstanceOf(Done.class, at(follower, new EndBranch(P, transaction, false)));
        assertEquals(ErrorCode.NOT_LEADER, refusal(at(follower, again)), "it is over");
    }

    @Test
    void aBranchEndsWithItsRouterAndWithAChangeOfTheSchema() throws Exception {
        Timestamp then = awaitMomentAfter(now());
        FakeCluster.Node follower = cluster.node(follower());
        TransactionId first = cluster.newTransaction();
        assertEquals(100, number(at(follower, select(first, then))));
        follower.service().routerGone(FakeCluster.ORIGIN);
        ExecuteInBranch again = cluster.statement(P, first, false, false, READ);
        FakeCluster.awaitThat("its end", () -> at(follower, again) instanceof Failure);

        List<TransactionId> opened = new ArrayList<>();
        for (NodeId node : ALL) { // at the leader too
            TransactionId transaction = cluster.newTransaction();
            assertEquals(100, number(at(cluster.node(node), select(transaction, then))));
            opened.add(transaction);
        }
        cluster.schema(P, "ALTER TABLE T ADD COLUMN W INT"); // it waits for none of them
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        for (int i = 0; i < 3; i++) {
            ErrorCode why =
                    refusal(at(cluster.node(ALL.get(i)), cluster.statement(P, opened.get(i), false, false, READ)));
            assertTrue(why == ErrorCode.TRANSACTION_ROLLED_BACK || why == ErrorCode.NOT_LEADER, why::toString);
        }
        assertEquals(ErrorCode.STATE_NOT_RETAINED, refusal(at(follower, select(cluster.newTransaction(), then))));
    }

    private List<Long> everyValueAsOf(NavigableSet<Timestamp> moments) throws Exception {
        List<Long> values = new ArrayList<>();
        for (Timestamp moment : moments) {
            values.add(valueAsOf(moment));
        }
        return values;
    }

    private void lead(NodeId next) throws Exception {
        Message handedOver = cluster.ask(new TransferLeader(P, next, 10_000));
        assertInstanceOf(Done.class, handedOver, handedOver::toString);
        FakeCluster.awaitThat("the next leader", () -> next.equals(leader()));
    }

    private LogIndex lastIndex(NodeId node) {
        ReplicaStatus status = cluster.statuses(node).replicas().get(0);
        return status.lastIndex();
    }

    @Test
    void theNextLeaderHasThePastOfTheReplicaThatItWas() throws Exception {
        Timestamp first = awaitMomentAfter(now());
        LogIndex last = lastIndex(leader());
        Timestamp before = awaitMomentAfter(first);
        assertEquals(last, lastIndex(leader()), "an idle partition's log does not grow for it");
        cluster.update(P, "UPDATE T SET V = 7 WHERE ID = 1");
        Timestamp after = awaitMomentAfter(now());
        NodeId former = leader();

        lead(follower());
        assertEquals(List.of(100L, 100L, 7L), List.of(valueAsOf(first), valueAsOf(before), valueAsOf(after)));
        assertTrue(keptAt(cluster.node(former)).containsAll(List.of(first, before, after)));

        Timestamp later = awaitMomentAfter(now());
        lead(former);
        assertEquals(List.of(100L, 7L, 7L), List.of(valueAsOf(before), valueAsOf(after), valueAsOf(later)));
    }

    @Test
    void aFollowerThatIsBehindComesToTheMomentsLater() throws Exception {
        NodeId slow = follower();
        awaitMomentAfter(now());
        cluster.node(slow).host().holdApplier(P, true);
        List<NodeId> others = ALL.stream().filter(node -> !node.equals(slow)).toList();
        cluster.update(P, "UPDATE T SET V = 1 WHERE ID = 1");
        Timestamp one = awaitMomentAfter(now(), others);
        cluster.update(P, "UPDATE T SET V = 2 WHERE ID = 1");
        Timestamp two = awaitMomentAfter(now(), others);
        cluster.update(P, "UPDATE T SET V = 3 WHERE ID = 1");
        assertFalse(keptAt(cluster.node(slow)).contains(one));

        cluster.node(slow).host().holdApplier(P, false);
        FakeCluster.awaitThat("both moments", () -> keptAt(cluster.node(slow)).containsAll(List.of(one, two)));
        lead(slow);
        assertEquals(List.of(1L, 2L), List.of(valueAsOf(one), valueAsOf(two)));
    }

    /** The old leader has an entry that nobody else ever gets: no state has it, neither before nor after it is taken back. */
    @Test
    void aTailThatIsTakenBackIsInNoState() throws Exception {
        NodeId former = leader();
        Timestamp before = awaitMomentAfter(now());
        cluster.arrives = (to, message) ->
                !(message instanceof AppendEntries append && !append.entries().isEmpty());
        CompletableFuture<Message> lost = new CompletableFuture<>();
        cluster.node(former)
                .service()
                .handle(
                        cluster.statement(P, cluster.newTransaction(), true, true, "UPDATE T SET V = 0 WHERE ID = 1"),
                        lost::complete);
        LogIndex known = lastIndex(follower());
        FakeCluster.awaitThat(
                "an entry that only one has", () -> lastIndex(former).isAfter(known));
        FakeCluster.Node gone = cluster.cutOff(former);
        cluster.arrives = (to, message) -> true;
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
        cluster.reconnect(former, gone);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        Timestamp after = awaitMomentAfter(now());

        lead(former);
        NavigableSet<Timestamp> kept = keptAt(gone);
        assertTrue(kept.containsAll(List.of(before, after)), kept::toString);
        assertEquals(100, valueAsOf(before));
        assertEquals(101, valueAsOf(after));
        assertEquals(
                List.of(),
                everyValueAsOf(kept.tailSet(before, true)).stream()
                        .filter(v -> v < 100)
                        .toList());
        assertFalse(lost.get(30, TimeUnit.SECONDS) instanceof UpdateCounts);
    }

    /** Under ASYNC a leader shows, and keeps, what nobody else has; with the database its states go. */
    @Test
    void aSnapshotTakesThePlaceOfThePastToo() throws Exception {
        Message changed = cluster.ask(new ChangeAckRule(P, AckRule.ASYNC, 20_000));
        assertInstanceOf(Done.class, changed, changed::toString);
        NodeId old = leader();
        cluster.arrives = (to, message) -> to.equals(old)
                || !(message instanceof AppendEntries append
                        && !append.entries().isEmpty());
        cluster.update(P, "UPDATE T SET V = -1 WHERE ID = 1");
        Timestamp wrong = awaitMomentAfter(now(), List.of(old));
        assertEquals(-1, valueAsOf(wrong));
        FakeCluster.Node gone = cluster.cutOff(old);
        cluster.arrives = (to, message) -> true;
        cluster.board.awaitLeader(P);
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
        cluster.reconnect(old, gone);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));

        assertFalse(keptAt(gone).contains(wrong));
        Timestamp after = awaitMomentAfter(now());
        lead(old);
        assertEquals(101, valueAsOf(after));
        assertEquals(
                List.of(),
                everyValueAsOf(keptAt(gone)).stream().filter(v -> v < 100).toList());
    }

    @Test
    void noReplicaKeepsAStateFromBeforeAChangeOfTheSchema() throws Exception {
        Timestamp before = awaitMomentAfter(now());
        cluster.schema(P, "ALTER TABLE T ADD COLUMN W INT");
        FakeCluster.awaitThat("none is left", () -> ALL.stream()
                .noneMatch(node -> keptAt(cluster.node(node)).contains(before)));
        assertEquals(100, valueAsOf(awaitMomentAfter(now())));
    }

    /** No state is kept of a moment while it is not known what belongs to it. */
    @Test
    void whatIsPreparedIsInAllStatesAfterItsTimestampOrThereAreNone() throws Exception {
        awaitMomentAfter(now());
        TransactionId transfer = cluster.newTransaction();
        cluster.inBranch(P, transfer, true, "UPDATE T SET V = 0 WHERE ID = 1");
        Timestamp commit = assertInstanceOf(
                        PositionedAnswer.class, cluster.ask(new PrepareBranch(P, transfer, List.of(P))))
                .timestamp();
        long began = System.currentTimeMillis();
        while (System.currentTimeMillis() < began + 1_300) { // over a moment, and less than a leader waits for a router
            cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 2");
        }
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3)); // it holds up no follower for long
        assertInstanceOf(PositionedAnswer.class, cluster.ask(new DecideBranch(P, transfer, true, commit)));
        awaitMomentAfter(now());
        for (NodeId next : List.of(follower(), leader())) {
            lead(next);
            for (Timestamp moment : keptAt(cluster.node(next))) {
                assertEquals(moment.compareTo(commit) < 0 ? 100 : 0, valueAsOf(moment), () -> next + " at " + moment);
            }
        }
    }
}
