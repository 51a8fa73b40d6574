package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.junit.jupiter.api.Test;

/** What a client whose router is gone may be told of its commit. */
class SessionOutcomeTest {

    private static final NodeId SELF = new NodeId("n1");
    private static final PartitionId P1 = new PartitionId(1);
    private static final PartitionId P2 = new PartitionId(2);
    private static final Message ABORTED = TransactionOutcome.of(State.ABORTED);
    private static final Message UNFINISHED = TransactionOutcome.of(State.COMMITTED, new Timestamp(9));

    /** Of one partition, or finished: then all have said that they show it. */
    private static final Message COMMITTED = new TransactionOutcome(State.COMMITTED, 3);

    private static final Message UNDECIDED = Failure.of(ErrorCode.INTERNAL_ERROR, "whatever: it cannot say");

    /** The others have nothing of the session. */
    private static Message told(Message byP1, Message byP2) throws Exception {
        Map<PartitionId, Message> replies = Map.of(P1, byP1, P2, byP2);
        CompletableFuture<Message> answer = new CompletableFuture<>();
        SessionOutcome.ask(
                ScriptedLeaders.on(
                        SELF, (request, reply) -> reply.accept(replies.getOrDefault(request.partition(), ABORTED))),
                new TransactionId(7, 1),
                new SessionReads(50).progress(),
                answer::complete);
        return answer.get(60, TimeUnit.SECONDS);
    }

    private static State stateTold(Message byP1, Message byP2) throws Exception {
        return assertInstanceOf(TransactionOutcome.class, told(byP1, byP2)).state();
    }

    @Test
    void whatAllSayIsTold() throws Exception {
        assertEquals(State.COMMITTED, stateTold(UNFINISHED, UNFINISHED));
        assertEquals(State.COMMITTED, stateTold(COMMITTED, ABORTED));
        assertEquals(State.ABORTED, stateTold(ABORTED, ABORTED));
        assertEquals(State.FORGOTTEN, stateTold(ABORTED, UNDECIDED));
    }

    /** Told as done, it must be seen by whoever reads now, and the leader that cannot say may show what was before. */
    @Test
    void aCommitThatALeaderMayNotShowIsNotToldAsDone() throws Exception {
        Failure told = assertInstanceOf(Failure.class, told(UNFINISHED, UNDECIDED));
        assertEquals(ErrorCode.ANSWER_LOST, told.error());
        assertTrue(told.message().contains("[p2]"), told.message());
    }

    @Test
    void aLeaderThatCannotSayDoesNotMatterIfAllShowTheCommit() throws Exception {
        assertEquals(State.COMMITTED, stateTold(COMMITTED, UNDECIDED));
    }
}
