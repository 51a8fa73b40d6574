package org.deuterium.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.HoldMoment;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Why a moment is closed everywhere before it is asked for anywhere: else one partition may answer its client with a commit of
 * after the moment, while another one still commits before it. What a slow machine gave up is tried again.
 */
@Timeout(240)
class HeldMomentTest {

    private static final PartitionId ONE = PartitionId.HOME;
    private static final PartitionId TWO = new PartitionId(1);
    private static final List<PartitionId> BOTH = List.of(ONE, TWO);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private int value;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(ONE);
        cluster.createPartition(TWO);
        cluster.schema(ONE, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.ask(new AwaitSchema(TWO, cluster.board.decidedVersion()));
        for (PartitionId partition : BOTH) {
            cluster.update(partition, "INSERT INTO T VALUES(1, 0)");
        }
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private CompletableFuture<Message> ask(PartitionRequest request) throws Exception {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        cluster.node(cluster.board.awaitLeader(request.partition())).service().handle(request, answer::complete);
        return answer;
    }

    private CompletableFuture<Message> readAt(PartitionId partition, Timestamp cut) throws Exception {
        String sql = "SELECT CAST(V AS BIGINT) FROM T WHERE ID = 1";
        return ask(cluster.statement(partition, cluster.newTransaction(), true, true, sql)
                .at(ReadBound.atLeader(Timestamp.ZERO).atCut(cut)));
    }

    private CompletableFuture<Message> set(PartitionId partition, int newValue) throws Exception {
        String sql = "UPDATE T SET V = " + newValue + " WHERE ID = 1";
        return ask(cluster.statement(partition, cluster.newTransaction(), true, true, sql));
    }

    private static Message await(CompletableFuture<Message> answer) throws Exception {
        return answer.get(60, TimeUnit.SECONDS);
    }

    private boolean isHeld(PartitionId partition, Timestamp at) throws Exception {
        return await(ask(new HoldMoment(partition, at, false))) instanceof PositionedAnswer answer
                && answer.answer() instanceof Done;
    }

    private static boolean isMissed(Message answer) {
        return answer instanceof PositionedAnswer positioned
                && positioned.answer() instanceof Failure failure
                && failure.error() == ErrorCode.CUT_MISSED;
    }

    private static long value(Message answer) {
        PositionedAnswer positioned = assertInstanceOf(PositionedAnswer.class, answer, answer::toString);
        WireReader in = new WireReader(
                assertInstanceOf(RowsPage.class, positioned.answer()).rows());
        in.readByte();
        return in.readZLong();
    }

    /** A little ahead, so that the leaders have not passed it. */
    private static Timestamp soon() {
        return Timestamp.ofMillis(System.currentTimeMillis() + 80);
    }

    private interface Attempt {
        /** True if it came to what it is about; false if the machine was too slow. */
        boolean made() throws Exception;
    }

    private static void untilMade(Attempt attempt) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!attempt.made()) {
            assertTrue(System.nanoTime() < deadline, "not once in time");
        }
    }

    @Test
    void nothingOfAfterTheMomentIsShownOrAcknowledgedBeforeAllHaveClosedIt() throws Exception {
        untilMade(() -> {
            int before = value;
            Timestamp at = soon();
            if (!isHeld(ONE, at)) {
                return false;
            }
            CompletableFuture<Message> first = set(ONE, ++value);
            boolean logged = logHasPassed(ONE, at);
            boolean othersToo = isHeld(TWO, at);
            boolean acknowledged = first.isDone(); // if so, it was held for as long as that is allowed
            CompletableFuture<Message> second = set(TWO, value);
            Message one = await(readAt(ONE, at));
            Message two = await(readAt(TWO, at));
            assertInstanceOf(UpdateCounts.class, await(first));
            assertInstanceOf(UpdateCounts.class, await(second));
            if (acknowledged) {
                assertTrue(isMissed(one), "acknowledged, and not shown at a later cut");
            }
            if (acknowledged || !logged || !othersToo || isMissed(one) || isMissed(two)) {
                return false;
            }
            assertEquals(before, value(one), "a later entry was in the log when the cut was asked for");
            assertEquals(before, value(two));
            return true;
        });
    }

    private boolean logHasPassed(PartitionId partition, Timestamp at) throws Exception {
        for (int look = 0; look < 50; look++) {
            if (await(ask(new AskPosition(partition, at))) instanceof PositionedAnswer answer
                    && answer.timestamp().compareTo(at) > 0) {
                return true;
            }
        }
        return false;
    }

    /** What is seen of the second one's partition has the first one's commit as its past, in real time. */
    @Test
    void withoutThatACutMayShowALaterCommitWithoutAnEarlierOne() throws Exception {
        untilMade(() -> {
            int before = value;
            Timestamp at = soon();
            Message one = await(readAt(ONE, at));
            assertInstanceOf(UpdateCounts.class, await(set(ONE, ++value)));
            assertInstanceOf(UpdateCounts.class, await(set(TWO, value)));
            Message two = await(readAt(TWO, at));
            return !isMissed(one) && !isMissed(two) && value(one) == before && value(two) == value;
        });
    }

    /** Its shared locks went with the earlier leader, so what it has read may be overwritten before it is decided. */
    @Test
    void noCutIsOpenedBesideWhatAnEarlierLeaderPrepared() throws Exception {
        PartitionId unreachable = new PartitionId(9);
        untilMade(() -> {
            TransactionId reader = cluster.newTransaction();
            cluster.inBranch(ONE, reader, true, "SELECT V FROM T");
            cluster.ask(new PrepareBranch(ONE, reader, List.of(ONE, unreachable)));
            cluster.board.reelect(ONE);
            value++;
            untilMade(() -> await(set(ONE, value)) instanceof UpdateCounts); // by the leader of before, nobody may know
            Timestamp at = soon();
            CompletableFuture<Message> cut = readAt(ONE, at);
            cluster.ask(new DecideBranch(ONE, reader, true, at.next())); // prepared elsewhere after the moment
            PositionedAnswer answer = assertInstanceOf(PositionedAnswer.class, await(cut));
            Failure refusal = assertInstanceOf(Failure.class, answer.answer(), "it is not shown, but who overwrote is");
            assertEquals(ErrorCode.CUT_MISSED, refusal.error());
            return refusal.message().contains("undecided when its leader changed");
        });
        untilMade(() -> {
            Message answer = await(readAt(ONE, soon()));
            return !isMissed(answer) && value(answer) == value;
        });
    }

    @Test
    void aMomentThatNobodyAsksForHoldsNobodyUpForLong() throws Exception {
        untilMade(() -> isHeld(ONE, soon()));
        assertInstanceOf(UpdateCounts.class, await(set(ONE, 7)));
        untilMade(() -> {
            Timestamp at = soon();
            boolean held = isHeld(ONE, at);
            CompletableFuture<Message> update = set(ONE, 8);
            boolean logged = logHasPassed(ONE, at);
            boolean waits = !update.isDone();
            assertInstanceOf(Done.class, await(ask(new HoldMoment(ONE, at, true))));
            assertInstanceOf(UpdateCounts.class, await(update));
            return held && logged && waits;
        });
        assertFalse(isHeld(ONE, Timestamp.ofMillis(System.currentTimeMillis() - 60_000)), "it is past");
    }
}
