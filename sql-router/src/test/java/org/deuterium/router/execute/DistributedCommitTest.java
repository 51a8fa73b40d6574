package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskPrepared;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.junit.jupiter.api.Test;

/** What a router may say and do at the end of a transaction that others can bring to an end, too. */
class DistributedCommitTest {

    private static final NodeId SELF = new NodeId("n1");
    private static final PartitionId P1 = new PartitionId(1);
    private static final PartitionId P2 = new PartitionId(2);
    private static final PartitionId P3 = new PartitionId(3);

    private final SessionReads reads = new SessionReads(50);
    private final List<PartitionRequest> sent = Collections.synchronizedList(new ArrayList<>());

    /** Commits what was written in two partitions and locked in a third one, whose leaders answer as the script says. */
    private Message commit(Function<PartitionRequest, Message> script) throws Exception {
        return commit((request, answer) -> answer.accept(script.apply(request)));
    }

    private Message commit(ScriptedLeaders.Script script) throws Exception {
        PartitionLeaders leaders = ScriptedLeaders.on(SELF, (request, answer) -> {
            sent.add(request);
            script.handle(request, answer);
        });
        SessionTransaction transaction = new SessionTransaction(new TransactionId(7, 1), leaders, reads.progress());
        for (PartitionId partition : List.of(P1, P2, P3)) {
            transaction.branchOpened(partition, SELF);
        }
        transaction.branchWrote(P1);
        transaction.branchWrote(P2);
        CompletableFuture<Message> answer = new CompletableFuture<>();
        transaction.commit(answer::complete);
        return answer.get(60, TimeUnit.SECONDS);
    }

    private <T extends PartitionRequest> List<T> sent(Class<T> kind) {
        return sent.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /**
     * Else the others could be found all prepared, and be committed by their leaders, while this router rolls them back
     * because the locks are gone.
     */
    @Test
    void whoeverOnlyHoldsLocksHasAVoteThatLasts() throws Exception {
        Message answer = commit(request -> {
            boolean locker = request.partition().equals(P3);
            if (request instanceof PrepareBranch && locker) {
                return Failure.of(ErrorCode.CONNECTION_BROKEN, "its leader was lost");
            }
            return request instanceof AskPrepared ? TransactionOutcome.of(State.ABORTED) : new Done();
        });
        assertEquals(3, sent(PrepareBranch.class).size());
        for (PrepareBranch prepare : sent(PrepareBranch.class)) {
            assertEquals(Set.of(P1, P2, P3), new HashSet<>(prepare.participants()));
        }
        assertEquals(
                List.of(P3),
                sent(AskPrepared.class).stream().map(AskPrepared::partition).toList());
        assertEquals(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                assertInstanceOf(Failure.class, answer).error());
        assertTrue(sent(DecideBranch.class).stream().noneMatch(DecideBranch::commit));
    }

    /** It may be prepared like the others, who are then committed by their leaders: this router must not say no. */
    @Test
    void whoCannotBeAskedWhetherItPreparedHasNotRefused() throws Exception {
        Message answer = commit(request -> {
            boolean silent = request.partition().equals(P2);
            if (request instanceof PrepareBranch && silent) {
                return Failure.of(ErrorCode.CONNECTION_BROKEN, "its leader was lost");
            }
            return request instanceof AskPrepared
                    ? Failure.of(ErrorCode.INTERNAL_ERROR, "the next leader is not well")
                    : new Done();
        });
        assertEquals(
                ErrorCode.OUTCOME_UNKNOWN,
                assertInstanceOf(Failure.class, answer).error());
        assertEquals(List.of(), sent(DecideBranch.class), "its leaders decide");
    }

    /** A second answer to the same question says nothing of the partition that has not answered yet, and may refuse. */
    @Test
    void whoAnswersTwiceDoesNotAnswerForAnother() throws Exception {
        AtomicReference<Consumer<Message>> last = new AtomicReference<>();
        Message answer = commit((request, asker) -> {
            boolean prepare = request instanceof PrepareBranch;
            if (prepare && request.partition().equals(P3)) {
                last.set(asker);
            } else if (prepare && request.partition().equals(P2)) {
                asker.accept(new Done());
                asker.accept(Failure.of(ErrorCode.OUTCOME_UNKNOWN, "its replica was stopped"));
            } else {
                asker.accept(request instanceof AskPrepared ? TransactionOutcome.of(State.PREPARED) : new Done());
            }
            if (last.get() != null && sent(PrepareBranch.class).size() == 3) {
                Consumer<Message> late = last.getAndSet(null);
                assertEquals(List.of(), sent(DecideBranch.class), "one has not answered");
                late.accept(Failure.ofTransaction(ErrorCode.TRANSACTION_ROLLED_BACK, "it has no such branch"));
            }
        });
        assertEquals(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                assertInstanceOf(Failure.class, answer).error());
        assertTrue(sent(DecideBranch.class).stream().noneMatch(DecideBranch::commit));
    }

    @Test
    void theCommitComesAfterAllThatItsSessionHasSeen() throws Exception {
        Timestamp seen = Timestamp.ofMillis(1_800_000_000_000L);
        reads.progress().sawMoment(seen);
        commit(request -> new Done());
        assertEquals(3, sent(PrepareBranch.class).size());
        sent(PrepareBranch.class).forEach(prepare -> assertEquals(seen, prepare.dependsOn()));
    }

    /** Told as committed, it must be seen by the session's next read, wherever that goes. */
    @Test
    void whereNobodySaidWhereTheCommitStandsTheNextReadAsks() throws Exception {
        Message answer = commit(request -> {
            if (request instanceof DecideBranch decide && decide.partition().equals(P1)) {
                return new PositionedAnswer(new LogIndex(9), Timestamp.ofMillis(5), new Done());
            }
            return new Done();
        });
        assertInstanceOf(Done.class, answer);
        assertEquals(new LogIndex(9), reads.atFollower(P1).least());
        assertFalse(reads.atFollower(P1).current());
        assertTrue(reads.atFollower(P2).current());
    }

    /** Who is told "committed" reads it everywhere. */
    @Test
    void aCommitThatOnePartitionCannotShowIsNotToldAsDone() throws Exception {
        Message answer = commit(request ->
                request instanceof DecideBranch && request.partition().equals(P2)
                        ? Failure.of(ErrorCode.INTERNAL_ERROR, "its leader is not well")
                        : new Done());
        Failure failure = assertInstanceOf(Failure.class, answer);
        assertEquals(ErrorCode.ANSWER_LOST, failure.error());
        assertTrue(failure.message().contains("is committed, but partitions [" + P2 + "]"), failure.message());
        assertTrue(reads.atFollower(P2).current());
        assertEquals(List.of(), sent(FinishTransaction.class), "its leader asks the others later");
    }
}
