package org.deuterium.replica.service;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskPrepared;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;

/**
 * Finishes a transaction that was left undecided: asks every participant whether it has prepared. Whoever has not logs
 * ABORT before it says so; if all have, the transaction is committed. Then everybody is told. Any number of nodes may do
 * this for the same transaction at the same time, and come to the same end.
 */
final class TransactionResolution {

    private final LeaderCalls leaders;
    private final TransactionId transaction;
    private final List<PartitionId> participants;
    private final Runnable over;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean somebodyAborted = new AtomicBoolean();
    private final AtomicBoolean somebodySilent = new AtomicBoolean();

    /** The largest of the prepares, or that of the commit if a participant knows it, which is the same. */
    private final AtomicLong timestamp = new AtomicLong();

    /** @param over called when all is done, or when somebody could not be asked and it is to be tried again */
    TransactionResolution(
            LeaderCalls leaders, TransactionId transaction, List<PartitionId> participants, Runnable over) {
        this.leaders = leaders;
        this.transaction = transaction;
        this.participants = participants;
        this.over = over;
    }

    /** Asks, decides and tells. */
    void start() {
        waiting.set(participants.size());
        for (PartitionId participant : participants) {
            leaders.ask(new AskPrepared(participant, transaction), this::heard);
        }
    }

    private void heard(Message reply) {
        if (reply instanceof TransactionOutcome outcome) {
            timestamp.accumulateAndGet(outcome.timestamp().value(), Math::max);
            if (outcome.state() == State.ABORTED) {
                somebodyAborted.set(true);
            }
        } else {
            somebodySilent.set(true);
        }
        if (waiting.decrementAndGet() > 0) {
            return;
        }
        if (somebodyAborted.get()) {
            tell(false, Timestamp.ZERO);
        } else if (somebodySilent.get()) {
            over.run();
        } else {
            tell(true, new Timestamp(timestamp.get()));
        }
    }

    /** Tells everybody the decision, which is certain. */
    void tell(boolean commit, Timestamp ofCommit) {
        AtomicInteger untold = new AtomicInteger(participants.size());
        AtomicBoolean all = new AtomicBoolean(true);
        for (PartitionId participant : participants) {
            leaders.ask(new DecideBranch(participant, transaction, commit, ofCommit), reply -> {
                if (!(reply instanceof Done || reply instanceof PositionedAnswer)) {
                    all.set(false);
                }
                if (untold.decrementAndGet() == 0) {
                    finish(commit && all.get());
                }
            });
        }
    }

    private void finish(boolean everybodyCommitted) {
        if (everybodyCommitted) {
            for (PartitionId participant : participants) {
                leaders.ask(new FinishTransaction(participant, transaction), ignored -> {});
            }
        }
        over.run();
    }
}
