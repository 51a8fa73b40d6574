package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.deuterium.router.execute.ExecutorFixture.Answered;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.reads.AsOf;
import org.deuterium.router.reads.ReadRules;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.RetainedMoments;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction AS OF opens all its branches in the latest state that is kept of all partitions, or says why it cannot. */
class PastOpeningTest {

    private static final long WINDOW = 10_000;

    private ExecutorFixture router;
    private DataPlan select;
    private DataPlan insert;

    @BeforeEach
    void open() throws SQLException {
        router = new ExecutorFixture(1 << 20);
        router.createTable("CREATE TABLE T(K INT PRIMARY KEY, V INT)");
        select = router.plan("SELECT V FROM T WHERE K = ?", false, 1, null);
        insert = router.plan("INSERT INTO T VALUES(?, ?)", true, 2, null);
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    private static RetainedMoments kept(long... seconds) {
        return new RetainedMoments(
                WINDOW,
                LongStream.of(seconds)
                        .mapToObj(second -> Timestamp.ofMillis(second * 1_000))
                        .toList());
    }

    private SessionTransaction transaction(String asOf) throws ReadRules.BadValue {
        AsOf moment = AsOf.parse(asOf, ZoneOffset.UTC);
        assertTrue(moment != null);
        return SessionTransaction.ofThePast(router.numbers.next(), router.leaders, new SessionProgress(), moment);
    }

    private Answered select(SessionTransaction transaction) {
        return router.run(select, router.call(ExecutorFixture.parameters(1, 5), 0, transaction));
    }

    private Failure refusal(String asOf) throws ReadRules.BadValue {
        Failure failure = select(transaction(asOf)).failure();
        assertEquals(ErrorCode.STATE_NOT_RETAINED, failure.error(), failure.message());
        assertEquals(0, router.partitions.openBranches());
        return failure;
    }

    private Set<Timestamp> momentsOpened() {
        return router.partitions.seen.stream()
                .filter(ExecuteInBranch.class::isInstance)
                .map(request -> ((ExecuteInBranch) request).bound())
                .filter(bound -> bound.isRetained())
                .map(bound -> bound.cut())
                .collect(Collectors.toSet());
    }

    /** Timestamps begin in 1970; as one of them a moment before would be later than all. */
    @Test
    void nothingIsKeptOfBefore1970() throws Exception {
        router.partitions.retains(partition -> kept(1, 2, 3));
        assertEquals("72000", refusal("1926-11-26 15:00:00").sqlState());
        assertEquals("72000", refusal("-30000d").sqlState());
        assertThrows(ReadRules.BadValue.class, () -> AsOf.parse("-999999999999d", ZoneOffset.UTC));
    }

    @Test
    void theLatestStateThatAllKeepIsOpenedEverywhere() throws Exception {
        router.partitions.retains(
                partition -> partition.equals(new PartitionId(2)) ? kept(1, 2, 4) : kept(1, 2, 3, 4, 5));
        SessionTransaction transaction = transaction("-1ms");
        assertEquals(List.of(), router.rows(select(transaction)));
        assertEquals(Set.of(Timestamp.ofMillis(4_000)), momentsOpened());
        assertTrue(router.partitions.openBranches() > 1);
        assertEquals("AS OF 1970-01-01T00:00:04Z", transaction.levelName());

        router.partitions.seen.clear();
        select(transaction("1970-01-01 00:00:03.999"));
        assertEquals(Set.of(Timestamp.ofMillis(2_000)), momentsOpened());
    }

    @Test
    void whatWasGivenUpMeanwhileIsAskedForAnew() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        router.partitions.retains(partition -> asked.getAndIncrement() == 0 ? kept(1, 2) : kept(2, 3));
        router.partitions.forgets(moment -> moment.equals(Timestamp.ofMillis(1_000)));
        SessionTransaction transaction = transaction("-1ms");
        assertEquals(List.of(), router.rows(select(transaction)));
        ExecutorFixture.<Message>await(transaction::rollback);
        router.partitions.forgets(moment -> true);
        refusal("-1ms");
    }

    /** The one that answers has just been started, and the one that keeps the state stands still. */
    @Test
    void whileAReplicaHasNotAnsweredItIsNotSaidThatNobodyKeepsAState() throws Exception {
        PartitionId one = new PartitionId(1);
        NodeId late = new NodeId("late");
        router.board.addNode(late, new NodeAddress("127.0.0.1", 1));
        router.board.place(one, AckRule.QUORUM, List.of(ExecutorFixture.SELF, late));
        AtomicInteger asked = new AtomicInteger();
        router.partitions.retains(
                partition -> partition.equals(one) && asked.getAndIncrement() < 2 ? kept() : kept(1, 2));
        assertEquals(List.of(), router.rows(select(transaction("-1ms"))));
        assertEquals(Set.of(Timestamp.ofMillis(2_000)), momentsOpened());
    }

    @Test
    void everyRefusalSaysWhy() throws Exception {
        router.partitions.retains(partition -> kept(10, 11, 12));
        assertTrue(refusal("1970-01-01T00:00:09Z").message().contains("the first one is of 1970-01-01T00:00:10Z"));
        assertTrue(refusal("2999-01-01").message().contains("in the future"));
        router.partitions.retains(partition -> partition.equals(new PartitionId(1)) ? kept() : kept(10));
        assertTrue(refusal("-1s").message().contains("partition p1 have kept no state yet"));
        router.partitions.retains(partition -> kept(partition.number()));
        assertTrue(refusal("-1s").message().contains("no moment of which the states of all partitions"));
        router.partitions.retains(partition -> new RetainedMoments(0, List.of()));
        assertTrue(refusal("-1s").message().contains("--retain-states"));
    }

    @Test
    void whatChangesIsNotEvenSent() throws Exception {
        router.partitions.retains(partition -> kept(1));
        SessionTransaction transaction = transaction("-1s");
        Answered answer = router.run(insert, router.call(ExecutorFixture.parameters(1, 1, 1), 0, transaction));
        Failure failure = answer.failure();
        assertEquals(ErrorCode.READ_ONLY_TRANSACTION, failure.error());
        assertEquals("25006", failure.sqlState());
        assertEquals(0, router.partitions.openBranches());
    }
}
