package org.deuterium.router.execute;

import java.util.function.Consumer;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
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

    /** Answers COMMITTED, ABORTED, or FORGOTTEN also when nobody could be asked in time; never blocks. */
    static void ask(
            PartitionLeaders leaders, PartitionId partition, TransactionId id, Consumer<TransactionOutcome> answer) {
        leaders.callLeader(new AskOutcome(partition, id, id), true, reply -> {
            if (reply instanceof TransactionOutcome outcome && outcome.state() != State.PREPARED) {
                answer.accept(outcome);
            } else {
                answer.accept(TransactionOutcome.of(State.FORGOTTEN));
            }
        });
    }
}
