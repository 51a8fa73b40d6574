package org.deuterium.router.execute;

import java.util.function.Consumer;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;

/** What became of a commit whose answer was lost: asked of the partition's next leader until it can say. */
final class OutcomeQuestion {

    private OutcomeQuestion() {}

    /** True for a failure after which a commit may have happened or not. */
    static boolean isInDoubt(Message reply) {
        return reply instanceof Failure failure
                && (failure.error() == ErrorCode.CONNECTION_BROKEN || failure.error() == ErrorCode.OUTCOME_UNKNOWN);
    }

    /** True if the leader that was asked is none, and it was waited long enough for the next one. */
    static boolean mayHaveNextLeader(Message reply) {
        return reply instanceof Failure failure
                && switch (failure.error()) {
                    case NOT_LEADER, NO_LEADER, NO_LEASE, NOT_READY, CONNECTION_BROKEN -> true;
                    default -> false;
                };
    }

    /**
     * Answers COMMITTED, ABORTED, or FORGOTTEN also when nobody could be asked in time; never blocks.
     *
     * @param progress learns where the commit stands, or that nobody can tell
     */
    static void ask(
            PartitionLeaders leaders,
            PartitionId partition,
            TransactionId id,
            SessionProgress progress,
            Consumer<TransactionOutcome> answer) {
        leaders.callLeader(new AskOutcome(partition, id, id), true, reply -> {
            TransactionOutcome outcome = outcomeOf(reply);
            if (reply instanceof PositionedAnswer covered) {
                progress.wrote(partition, covered.index(), covered.timestamp());
            } else if (outcome.state() != State.ABORTED) {
                progress.forgot(partition);
            }
            answer.accept(outcome);
        });
    }

    /** What a leader says; FORGOTTEN if it says something else. */
    static TransactionOutcome outcomeOf(Message reply) {
        Message said = reply instanceof PositionedAnswer covered ? covered.answer() : reply;
        return said instanceof TransactionOutcome outcome && outcome.state() != State.PREPARED
                ? outcome
                : TransactionOutcome.of(State.FORGOTTEN);
    }
}
