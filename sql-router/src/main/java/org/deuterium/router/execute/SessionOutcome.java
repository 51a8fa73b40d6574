package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;

/**
 * Whether the last transaction of a session whose router is gone was committed. Its client does not know which
 * partitions it wrote, so all are asked; each makes sure that the session gets nothing more done there.
 */
public final class SessionOutcome {

    private static final TransactionOutcome FORGOTTEN = TransactionOutcome.of(State.FORGOTTEN);

    private SessionOutcome() {}

    /**
     * Answers COMMITTED if one partition says so, ABORTED if all do, else FORGOTTEN; never blocks.
     *
     * @param progress of whoever asks and has been told: what it does next comes later than what was committed
     */
    public static void ask(
            PartitionLeaders leaders,
            TransactionId from,
            SessionProgress progress,
            Consumer<TransactionOutcome> answer) {
        List<PartitionId> partitions = new ArrayList<>();
        for (PartitionState state : leaders.view().partitions()) {
            partitions.add(state.group().partition());
        }
        if (partitions.isEmpty()) {
            answer.accept(FORGOTTEN);
            return;
        }
        AtomicInteger waiting = new AtomicInteger(partitions.size());
        AtomicReference<TransactionOutcome> worst = new AtomicReference<>(TransactionOutcome.of(State.ABORTED));
        for (PartitionId partition : partitions) {
            leaders.callLeader(new AskOutcome(partition, from, from.lastOfSession()), true, reply -> {
                if (reply instanceof PositionedAnswer covered) {
                    progress.saw(partition, covered.index(), covered.timestamp());
                }
                worst.accumulateAndGet(OutcomeQuestion.outcomeOf(reply), SessionOutcome::worse);
                if (waiting.decrementAndGet() == 0) {
                    answer.accept(worst.get());
                }
            });
        }
    }

    private static TransactionOutcome worse(TransactionOutcome one, TransactionOutcome other) {
        if (one.state() == State.COMMITTED || other.state() == State.ABORTED) {
            return one;
        }
        return other.state() == State.COMMITTED ? other : FORGOTTEN;
    }
}
