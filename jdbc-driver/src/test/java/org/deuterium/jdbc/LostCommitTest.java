package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.Test;

/** What is said of a statement whose answer was lost, once another node has told what became of it. */
class LostCommitTest {

    private static LostCommit lost(int sets) {
        ParameterRows parameters = new ParameterRows(sets, 1, new byte[sets]);
        return new LostCommit(
                TransactionId.of(1, 1, 1, 0),
                new ExecuteStatement(0, "INSERT INTO T VALUES(?)", parameters, true, 0, 0, 0, KeysWanted.NONE, false),
                new IOException("reset"));
    }

    @Test
    void oneStatementIsAnsweredAsItWas() throws SQLException {
        UpdateCounts counts = assertInstanceOf(
                UpdateCounts.class, lost(1).answer(question -> new TransactionOutcome(State.COMMITTED, 7)));
        assertArrayEquals(new long[] {7}, counts.counts());
        SQLException aborted = assertThrows(
                SQLException.class, () -> lost(1).answer(question -> TransactionOutcome.of(State.ABORTED)));
        assertEquals("40001", aborted.getSQLState());
    }

    /** Each partition commits its sets by itself, and may be the only one. */
    @Test
    void aBatchOfWhichSomethingWasDoneIsNotCalledDone() {
        SQLException unknown = assertThrows(
                SQLException.class, () -> lost(3).answer(question -> TransactionOutcome.of(State.COMMITTED)));
        assertEquals("08007", unknown.getSQLState());
    }

    /** It is asked again first: the partition may have a leader by then. */
    @Test
    void aCommitThatIsNotSeenEverywhereYetIsNoSuccess() throws SQLException {
        Failure notSeen = Failure.of(ErrorCode.ANSWER_LOST, "is committed, but partitions [p2] have no leader");
        SQLException told = assertThrows(SQLException.class, () -> lost(1).answer(question -> notSeen));
        assertEquals("08P03", told.getSQLState());
        List<Message> replies = new ArrayList<>(List.of(notSeen, new TransactionOutcome(State.COMMITTED, 7)));
        assertInstanceOf(UpdateCounts.class, lost(1).answer(question -> replies.remove(0)));
    }
}
