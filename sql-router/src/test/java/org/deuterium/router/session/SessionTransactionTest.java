package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.List;
import org.deuterium.router.execute.ExecutorFixture;
import org.deuterium.router.execute.ExecutorFixture.Answered;
import org.deuterium.router.execute.FakePartitions;
import org.deuterium.router.execute.SessionTransaction;
import org.deuterium.router.plan.BoundSql;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.RowLimit;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of a client's transaction: it reads and writes any partitions, and is never half done. */
class SessionTransactionTest {

    private final SessionReads reads = new SessionReads(50);
    private ExecutorFixture router;
    private DataPlan insert;
    private DataPlan select;
    private SessionTransaction transaction;

    @BeforeEach
    void open() throws SQLException {
        router = new ExecutorFixture(1 << 20);
        router.createTable("CREATE TABLE T(K INT PRIMARY KEY, V INT)");
        insert = router.plan("INSERT INTO T VALUES(?, ?)", true, 2, null);
        select = router.plan("SELECT V FROM T WHERE K = ?", false, 1, null);
        transaction = new SessionTransaction(router.numbers.next(), router.leaders, reads.progress());
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    /** Key 0 is in partition 1, key 1 in partition 2, and so on, over and over. */
    private Answered insert(int key) {
        return router.run(insert, router.call(ExecutorFixture.parameters(1, key, key), 0, transaction));
    }

    private List<String> select(int key) {
        return router.rows(router.run(select, router.call(ExecutorFixture.parameters(1, key), 0, transaction)));
    }

    private Answered lock(int key) {
        StatementShape shape = select.shape();
        StatementShape locking = new StatementShape(
                shape.schemaVersion(), true, false, true, false, shape.parameters(), shape.columns());
        DataPlan plan = new DataPlan(
                locking, "SELECT V FROM T WHERE K = ? FOR UPDATE", select.routing(), null, "refused", null);
        return router.run(plan, router.call(ExecutorFixture.parameters(1, key), 0, transaction));
    }

    private List<String> committed() {
        Merge merge = new Merge.OrderedMerge(
                new BoundSql("SELECT K FROM T ORDER BY K", null),
                1,
                List.of(new Merge.SortKey(0, false, null)),
                RowLimit.NONE);
        return router.rows(router.run(router.plan("", false, 0, merge), ParameterRows.NONE));
    }

    private Message commit() {
        return ExecutorFixture.<Message>await(transaction::commit);
    }

    private void savepoint(String name) {
        ExecutorFixture.<Message>await(answer -> transaction.setSavepoint(name, answer));
    }

    private Message rollbackTo(String name) {
        return ExecutorFixture.<Message>await(answer -> transaction.rollbackToSavepoint(name, answer));
    }

    @Test
    void seesItsOwnWritesAndOthersSeeThemAfterTheCommit() {
        insert(0);
        insert(4);
        assertEquals(List.of("4"), select(4));
        assertEquals(List.of(), committed());
        assertInstanceOf(Done.class, commit());
        assertEquals(List.of("0", "4"), committed());
        assertEquals(0, router.partitions.openBranches());
    }

    @Test
    void whoHasLostALockDoesNotCommitWhatItWroteUnderIt() {
        insert(0);
        assertInstanceOf(Done.class, commit());
        transaction = new SessionTransaction(router.numbers.next(), router.leaders, new SessionProgress());
        lock(0);
        insert(5);
        EndBranch lost = new EndBranch(new PartitionId(1), transaction.id(), false);
        ExecutorFixture.<Message>await(answer -> router.partitions.handle(lost, answer));
        Failure failure = assertInstanceOf(Failure.class, commit());
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, failure.error());
        assertEquals(List.of("0"), committed());
        assertEquals(0, router.partitions.openBranches());
    }

    @Test
    void rollsBack() {
        insert(0);
        ExecutorFixture.<Message>await(transaction::rollback);
        assertEquals(List.of(), committed());
        assertEquals(0, router.partitions.openBranches());
    }

    @Test
    void writesSeveralPartitionsAtomically() {
        insert(0);
        insert(1);
        lock(2);
        assertEquals(List.of(), committed());
        assertEquals(List.of(), select(3));
        assertEquals(3, router.partitions.openBranches(), "a plain read opens no branch");
        assertInstanceOf(Done.class, commit());
        assertEquals(List.of("0", "1"), committed());
        assertEquals(0, router.partitions.openBranches());
        assertEquals(3, seen(PrepareBranch.class), "the branch that only locked is a participant like the others");
        assertEquals(3, seen(DecideBranch.class));
        assertEquals(3, seen(FinishTransaction.class));
    }

    private long seen(Class<?> kind) {
        return router.partitions.seen.stream().filter(kind::isInstance).count();
    }

    @Test
    void nothingIsCommittedIfOneParticipantRefuses() {
        insert(0);
        insert(1);
        router.partitions.refuse(request ->
                request instanceof PrepareBranch prepare && prepare.partition().number() == 2);
        Failure failure = assertInstanceOf(Failure.class, commit());
        assertEquals("40001", failure.sqlState());
        assertEquals(List.of(), committed());
        assertEquals(0, seen(DecideBranch.class) - aborts());
    }

    private long aborts() {
        return router.partitions.seen.stream()
                .filter(request -> request instanceof DecideBranch decide && !decide.commit())
                .count();
    }

    @Test
    void aPrepareWhoseAnswerIsLostIsAskedFor() {
        insert(0);
        insert(1);
        router.partitions.loseAnswers(request ->
                request instanceof PrepareBranch prepare && prepare.partition().number() == 2);
        assertInstanceOf(Done.class, commit());
        assertEquals(List.of("0", "1"), committed());
    }

    @Test
    void aFailedStatementLeavesTheTransactionOpen() {
        insert(0);
        assertEquals("23505", insert(0).failure().sqlState());
        insert(4);
        assertInstanceOf(Done.class, commit());
        assertEquals(List.of("0", "4"), committed());
    }

    @Test
    void locksInOtherPartitionsAreFreeAfterTheCommit() {
        insert(0);
        lock(1);
        assertEquals(2, router.partitions.openBranches());
        assertInstanceOf(Done.class, commit());
        assertEquals(0, router.partitions.openBranches());
    }

    @Test
    void returnsToASavepoint() {
        insert(0);
        savepoint("A");
        insert(4);
        lock(1);
        assertInstanceOf(Done.class, rollbackTo("A"));
        assertEquals(1, router.partitions.openBranches(), "the branch opened after the savepoint is gone");
        assertEquals(List.of(), select(4));
        insert(8);
        commit();
        assertEquals(List.of("0", "8"), committed());
    }

    @Test
    void forgetsAWriteThatASavepointUndid() {
        savepoint("A");
        insert(0);
        rollbackTo("A");
        insert(1);
        assertInstanceOf(Done.class, commit());
        assertEquals(List.of("1"), committed());
    }

    @Test
    void laterSavepointsGoWithAnEarlierOne() {
        savepoint("A");
        savepoint("B");
        rollbackTo("A");
        assertTrue(transaction.hasSavepoint("A"));
        assertFalse(transaction.hasSavepoint("B"));
    }

    @Test
    void isLostWithItsLeader() {
        insert(0);
        router.partitions.refuse(request -> true);
        Failure failure = insert(4).failure();
        assertEquals("40001", failure.sqlState());
        assertTrue(failure.transactionEnded());
        assertTrue(transaction.isLost());
    }

    @Test
    void aCommitTheLeaderRefusesDidNotHappen() {
        insert(0);
        router.partitions.refuse(request -> true);
        assertEquals(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                assertInstanceOf(Failure.class, commit()).error());
    }

    @Test
    void aCommitWithoutAnAnswerIsAskedFor() {
        insert(0);
        router.partitions.loseAnswers(EndBranch.class::isInstance);
        assertInstanceOf(Done.class, commit());
        assertEquals(1, seen(AskOutcome.class));
        assertEquals(List.of("0"), committed());
        assertEquals(
                FakePartitions.OUTCOMES_STAND_AT,
                reads.atFollower(new PartitionId(1)).least(),
                "the session sees it at a follower, too");
    }

    @Test
    void aCommitNobodyCanBeAskedForIsInDoubt() {
        insert(0);
        router.partitions.loseAnswers(request -> request instanceof EndBranch || request instanceof AskOutcome);
        Failure failure = assertInstanceOf(Failure.class, commit());
        assertEquals("08007", failure.sqlState());
        assertTrue(failure.message().contains(transaction.id().toString()));
        assertTrue(reads.atFollower(new PartitionId(1)).current(), "if it happened it is to be seen");
    }
}
