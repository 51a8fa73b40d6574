package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction whose branches are opened once more, after a cut was missed, is still the same one. */
class BranchesGivenUpTest {

    private ExecutorFixture router;

    @BeforeEach
    void open() throws SQLException {
        router = new ExecutorFixture(1 << 20);
        router.createTable("CREATE TABLE T(K INT PRIMARY KEY, V INT)");
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    @Test
    void savepointsSetBeforeTheFirstStatementStay() {
        SessionTransaction transaction =
                new SessionTransaction(router.numbers.next(), router.leaders, new SessionProgress());
        ExecutorFixture.<Message>await(answer -> transaction.setSavepoint("A", answer));
        DataPlan insert = router.plan("INSERT INTO T VALUES(?, ?)", true, 2, null);
        router.run(insert, router.call(ExecutorFixture.parameters(1, 0, 0), 0, transaction));
        assertTrue(transaction.hasBranches());
        ExecutorFixture.<Message>await(transaction::giveUpBranches);
        assertFalse(transaction.hasBranches());
        assertTrue(transaction.hasSavepoint("A"));
    }

    /** The leader is gone with a branch in which nothing was done: the transaction that goes on has lost nothing. */
    @Test
    void whoCannotBeToldHasNothingToLose() {
        SessionTransaction transaction =
                new SessionTransaction(router.numbers.next(), router.leaders, new SessionProgress());
        transaction.branchOpened(new PartitionId(1), ExecutorFixture.SELF);
        router.partitions.refuse(EndBranch.class::isInstance);
        ExecutorFixture.<Message>await(transaction::giveUpBranches);
        assertFalse(transaction.isLost());
    }

    @Test
    void aStepThatFindsABranchGoneFails() throws InterruptedException {
        SessionTransaction transaction =
                new SessionTransaction(router.numbers.next(), router.leaders, new SessionProgress());
        transaction.branchOpened(new PartitionId(1), ExecutorFixture.SELF);
        StatementCall call = router.call(ExecutorFixture.parameters(1, 0), 0, transaction);
        Message answer = AtomicStatement.run(router.leaders, call, "steps", () -> UpdateCounts.of(2));
        assertEquals(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                assertInstanceOf(Failure.class, answer).error());
    }
}
