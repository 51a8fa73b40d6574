package org.deuterium.router.execute;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;

/**
 * Whether the last transaction of a session whose router is gone was committed. Its client does not know which
 * partitions it wrote, so all are asked; each makes sure that the session gets nothing more done there.
 */
public final class SessionOutcome {

    private static final TransactionOutcome FORGOTTEN = TransactionOutcome.of(State.FORGOTTEN);

    /** Those that have not answered yet. */
    private final Set<PartitionId> waiting;

    /** Those that have answered that they cannot say. */
    private final Set<PartitionId> silent = new TreeSet<>();

    private TransactionOutcome worst = TransactionOutcome.of(State.ABORTED);

    /** Somebody has it as the commit of one partition, or as one that all have said they show. */
    private boolean shownEverywhere;

    private SessionOutcome(Set<PartitionId> partitions) {
        this.waiting = new TreeSet<>(partitions);
    }

    /**
     * Answers COMMITTED if one partition says so, ABORTED if all do, else FORGOTTEN; or, if it is committed and some partition
     * may not show it yet, a failure that says so. Never blocks.
     *
     * @param progress of whoever asks and has been told: what it does next comes later than what was committed
     */
    public static void ask(
            PartitionLeaders leaders, TransactionId from, SessionProgress progress, Consumer<Message> answer) {
        Set<PartitionId> partitions = new TreeSet<>();
        for (PartitionState state : leaders.view().partitions()) {
            partitions.add(state.group().partition());
        }
        if (partitions.isEmpty()) {
            answer.accept(FORGOTTEN);
            return;
        }
        SessionOutcome outcome = new SessionOutcome(partitions);
        for (PartitionId partition : partitions) {
            leaders.callLeader(new AskOutcome(partition, from, from.lastOfSession()), true, reply -> {
                if (reply instanceof PositionedAnswer covered) {
                    progress.saw(partition, covered.index(), covered.timestamp());
                }
                if (outcome.isLast(partition, reply)) {
                    answer.accept(outcome.answer(from));
                }
            });
        }
    }

    private synchronized boolean isLast(PartitionId partition, Message reply) {
        waiting.remove(partition);
        TransactionOutcome said = OutcomeQuestion.outcomeOf(reply);
        if (reply instanceof Failure) {
            silent.add(partition);
        }
        if (said.state() == State.COMMITTED && said.timestamp().equals(Timestamp.ZERO)) {
            shownEverywhere = true;
        }
        worst = worse(worst, said);
        return waiting.isEmpty();
    }

    /**
     * A commit over several partitions that nobody has finished may still be undecided at a leader that has not answered,
     * or be at nobody; then a reader there would look for it in vain.
     */
    private synchronized Message answer(TransactionId from) {
        boolean mayBeMissed = worst.state() == State.COMMITTED && !shownEverywhere && !silent.isEmpty();
        return mayBeMissed ? TransactionFailures.notShownYet(from, silent) : worst;
    }

    private static TransactionOutcome worse(TransactionOutcome one, TransactionOutcome other) {
        if (one.state() == State.COMMITTED || other.state() == State.ABORTED) {
            return one;
        }
        return other.state() == State.COMMITTED ? other : FORGOTTEN;
    }
}
