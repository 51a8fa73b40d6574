package org.deuterium.router.execute;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.transport.FailPoint;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskPrepared;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commit of a transaction that wrote several partitions (docs/transactions.md). All are prepared at once; when the
 * last one is, the transaction is committed, and all are told at once. Whatever this router does not come to do, the
 * leaders do among themselves.
 */
final class DistributedCommit {

    private static final Logger LOG = LoggerFactory.getLogger(DistributedCommit.class);
    private static final Message DONE = new Done();

    /** How long a client waits for a partition that has no leader to show what is committed. */
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final PartitionLeaders leaders;
    private final TransactionId id;
    private final Map<PartitionId, NodeId> branches;
    private final List<PartitionId> participants;
    private final SessionProgress progress;
    private final Consumer<Message> answer;

    /** Those that have not said yet whether they are prepared. */
    private final Set<PartitionId> waiting;

    /** The first sure refusal: then nothing was or will be committed. */
    private @Nullable Failure refusal;

    private @Nullable PartitionId silent;

    /** The largest of the prepares so far. */
    private Timestamp timestamp = Timestamp.ZERO;

    /**
     * Prepares nothing yet.
     *
     * @param branches all open branches and the nodes that hold them; at least one has written. Those that only hold locks
     *     are participants like the others: if one of them is lost the transaction must surely not commit, and leaders
     *     that find all participants prepared commit it without this router
     * @param progress learns where the commit stands in each log
     */
    DistributedCommit(
            PartitionLeaders leaders,
            TransactionId id,
            Map<PartitionId, NodeId> branches,
            SessionProgress progress,
            Consumer<Message> answer) {
        this.leaders = leaders;
        this.id = id;
        this.branches = branches;
        this.participants = List.copyOf(branches.keySet());
        this.progress = progress;
        this.answer = answer;
        this.waiting = new HashSet<>(participants);
    }

    void start() {
        FailPoint.at("router before prepare");
        Timestamp dependsOn = progress.atLeader().dependsOn();
        branches.forEach((partition, node) -> {
            leaders.call(
                    node,
                    new PrepareBranch(partition, id, participants, dependsOn),
                    reply -> prepared(partition, reply));
            FailPoint.at("router one prepare sent");
        });
    }

    private void prepared(PartitionId partition, Message reply) {
        if (OutcomeQuestion.isInDoubt(reply)) {
            // It may be in the log: only its next leader knows, and makes sure that the answer stays true.
            leaders.callLeader(
                    new AskPrepared(partition, id),
                    true,
                    found -> known(partition, found instanceof TransactionOutcome outcome ? asAnswer(outcome) : reply));
        } else {
            known(partition, reply);
        }
    }

    private Message asAnswer(TransactionOutcome outcome) {
        return outcome.state() == State.ABORTED
                ? TransactionFailures.rolledBack(id, "the leader of a partition changed before it was prepared there")
                : new PositionedAnswer(LogIndex.NONE, outcome.timestamp(), DONE);
    }

    private void known(PartitionId partition, Message reply) {
        Failure refused;
        PartitionId unknown;
        Timestamp ofCommit;
        synchronized (this) {
            if (!waiting.remove(partition)) {
                LOG.warn(
                        "{} has answered for transaction {} already; this counts for nothing: {}",
                        partition,
                        id,
                        reply);
                return;
            }
            if (reply instanceof Failure failure) {
                if (OutcomeQuestion.isInDoubt(failure)) {
                    silent = partition;
                } else if (refusal == null) {
                    refusal = sure(failure);
                }
            } else if (reply instanceof PositionedAnswer prepared) {
                timestamp = timestamp.max(prepared.timestamp());
            }
            if (!waiting.isEmpty()) {
                return;
            }
            refused = refusal;
            unknown = silent;
            ofCommit = timestamp;
        }
        if (refused != null) {
            abort(refused);
        } else if (unknown != null) {
            participants.forEach(progress::forgot);
            answer.accept(TransactionFailures.outcomeUnknown(id, unknown, "it has no leader that answers"));
        } else {
            commit(ofCommit);
        }
    }

    private Failure sure(Failure failure) {
        return switch (failure.error()) {
            case NOT_LEADER, NO_LEADER, NOT_READY -> TransactionFailures.rolledBack(id, failure.message());
            default -> new Failure(failure.error(), failure.sqlState(), failure.vendorCode(), failure.message(), true);
        };
    }

    /** It is committed; the client hears of it when every partition shows it. */
    private void commit(Timestamp ofCommit) {
        FailPoint.at("router all prepared");
        long startedNanos = System.nanoTime();
        AtomicInteger untold = new AtomicInteger(branches.size());
        Set<PartitionId> unaware = ConcurrentHashMap.newKeySet();
        for (PartitionId partition : participants) {
            decide(partition, ofCommit, startedNanos, reply -> {
                if (reply instanceof PositionedAnswer shown) {
                    progress.wrote(partition, shown.index(), shown.timestamp());
                } else {
                    progress.forgot(partition);
                }
                if (reply instanceof Failure) {
                    unaware.add(partition);
                    LOG.warn("transaction {} is committed, but {} has not heard of it yet: {}", id, partition, reply);
                }
                if (untold.decrementAndGet() == 0) {
                    finish(unaware);
                }
            });
            FailPoint.at("router one decision sent");
        }
    }

    /** Waits for one leader after the other: told as done, it must be seen everywhere. */
    private void decide(PartitionId partition, Timestamp ofCommit, long startedNanos, Consumer<Message> told) {
        leaders.callLeader(new DecideBranch(partition, id, true, ofCommit), true, reply -> {
            if (OutcomeQuestion.mayHaveNextLeader(reply) && System.nanoTime() - startedNanos < TELL_NANOS) {
                decide(partition, ofCommit, startedNanos, told);
            } else {
                told.accept(reply);
            }
        });
    }

    private void finish(Set<PartitionId> unaware) {
        FailPoint.at("router all decided");
        answer.accept(unaware.isEmpty() ? DONE : TransactionFailures.notShownYet(id, unaware));
        FailPoint.at("router client answered");
        if (unaware.isEmpty()) {
            for (PartitionId partition : participants) {
                leaders.callLeader(new FinishTransaction(partition, id), true, ignored -> {});
            }
        }
    }

    /** Tells the nodes that held the branches; whoever took over from one of them asks the others. */
    private void abort(Failure reason) {
        AtomicInteger untold = new AtomicInteger(branches.size());
        branches.forEach((partition, node) -> leaders.call(node, DecideBranch.abort(partition, id), ignored -> {
            if (untold.decrementAndGet() == 0) {
                answer.accept(reason);
            }
        }));
    }
}
