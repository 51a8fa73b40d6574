package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.ReadPreference;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;

/** Runs a query on several partitions at once and merges what they give. Blocks: for workers only. */
final class GatherExecution {

    private final PartitionLeaders leaders;
    private final RowMerger merger;

    GatherExecution(PartitionLeaders leaders, RowMerger merger) {
        this.leaders = leaders;
        this.merger = merger;
    }

    /** What one partition answered. */
    private record Part(PartitionId partition, @Nullable NodeId leader, Message reply) {}

    /**
     * The merged rows, of which none was read yet. Locks are taken in one partition after another, always in the same
     * order, so that two who lock the same table do not wait for each other in a circle; and are given back if it fails.
     *
     * @throws StatementFailedException if a partition failed; the others' rows are closed then
     */
    RowSource run(DataPlan plan, Merge merge, List<PartitionId> partitions, StatementCall call) {
        List<PartitionRows> parts;
        if (call.session().isSerializable() && call.transaction() == null) {
            return runAsTransaction(plan, merge, partitions, call);
        }
        if (plan.shape().locks() && call.transaction() instanceof SessionTransaction clients) {
            parts = lockInOrder(plan, merge, partitions, call, clients);
        } else if (readsAtCut(plan.shape(), call)) {
            parts = readAtCut(plan, merge, partitions, call);
        } else {
            parts = collect(ask(Timestamp.ZERO, false, plan, merge, partitions, call), call);
        }
        int visible = plan.shape().columns().size();
        try {
            return merger.merge(
                    merge,
                    parts,
                    call.parameters(),
                    visible,
                    call.time(),
                    call.wishes().maxRows());
        } catch (RuntimeException e) {
            parts.forEach(RowSource::close);
            throw e;
        }
    }

    /** At SERIALIZABLE the query is a transaction of its own: its locks are given back when all partitions have answered. */
    private RowSource runAsTransaction(DataPlan plan, Merge merge, List<PartitionId> partitions, StatementCall call) {
        SessionTransaction own = SessionTransaction.ofStatement(call, leaders);
        call.runsIn(own);
        RowSource rows;
        try {
            rows = run(plan, merge, partitions, call);
        } catch (RuntimeException e) {
            await(own::rollback);
            throw e;
        }
        if (await(own::commit) instanceof Failure failure) {
            rows.close();
            throw new StatementFailedException(failure);
        }
        return rows;
    }

    /** Who has locked the tables needs none, and whoever locks rows is to see the newest. */
    private static boolean readsAtCut(StatementShape shape, StatementCall call) {
        return call.session().isolation() == Isolation.READ_COMMITTED && !shape.writes() && !shape.locks();
    }

    private List<PartitionRows> readAtCut(
            DataPlan plan, Merge merge, List<PartitionId> partitions, StatementCall call) {
        CutAttempts attempts =
                new CutAttempts(leaders, call.reads().progress().atLeader().dependsOn());
        ReadPreference preference = call.reads().rules().preference();
        boolean likesLeaders = preference == ReadPreference.LEADER;
        while (true) {
            Timestamp cut = attempts.next();
            boolean leadersOnly = attempts.needLeaders();
            // Nothing acknowledged before may be missing where that is promised, nor later, where nothing else is
            // gained by it.
            boolean linearizable = likesLeaders || leadersOnly || preference == ReadPreference.TAIL;
            HeldMoment moment = linearizable ? new HeldMoment(leaders, cut, partitions) : null;
            Failure failure = moment == null ? null : moment.close(call);
            try {
                if (failure == null) {
                    List<PartitionRows> rows = collect(ask(cut, leadersOnly, plan, merge, partitions, call), call);
                    if (!likesLeaders) {
                        call.reads().progress().sawMoment(cut); // a leader's log is not behind it, a follower's may be
                    }
                    if (moment != null && !likesLeaders && !leadersOnly) {
                        moment.letGo(); // tails have shown it, and nobody asks leaders for it
                    }
                    return rows;
                }
            } catch (StatementFailedException e) {
                failure = e.failure();
                if (moment != null) {
                    moment.letGo();
                }
            }
            if (failure.error() != ErrorCode.CUT_MISSED || !attempts.goOn()) {
                throw new StatementFailedException(failure);
            }
        }
    }

    /**
     * @param cut the moment that all are to show, or ZERO
     * @param leadersOnly true to spare no leader, although the session would like that
     */
    private List<CompletableFuture<Part>> ask(
            Timestamp cut,
            boolean leadersOnly,
            DataPlan plan,
            Merge merge,
            List<PartitionId> partitions,
            StatementCall call) {
        ParameterRows parameters = BoundParameters.bind(merge.pushed(), call.parameters());
        List<CompletableFuture<Part>> asked = new ArrayList<>(partitions.size());
        for (PartitionId partition : partitions) {
            CompletableFuture<Part> part = new CompletableFuture<>();
            asked.add(part);
            BranchExecution execution = new BranchExecution(
                            leaders,
                            call,
                            plan.shape(),
                            partition,
                            (asker, leader, reply) -> part.complete(new Part(asker, leader, reply)))
                    .atCut(cut);
            (leadersOnly ? execution.atLeader() : execution)
                    .start(merge.pushed().sql(), parameters, 0, true);
        }
        return asked;
    }

    private List<PartitionRows> lockInOrder(
            DataPlan plan, Merge merge, List<PartitionId> partitions, StatementCall call, SessionTransaction clients) {
        Message set = await(answer -> clients.setSavepoint(ScatteredChange.STATEMENT, answer));
        if (set instanceof Failure failure) {
            throw new StatementFailedException(failure);
        }
        List<PartitionRows> locked = new ArrayList<>(partitions.size());
        try {
            for (PartitionId partition : partitions.stream().sorted().toList()) {
                locked.addAll(collect(ask(Timestamp.ZERO, true, plan, merge, List.of(partition), call), call));
            }
            return locked;
        } catch (StatementFailedException e) {
            locked.forEach(RowSource::close);
            if (!clients.isLost()
                    && await(answer -> clients.rollbackToSavepoint(ScatteredChange.STATEMENT, answer))
                            instanceof Failure lost) {
                throw new StatementFailedException(lost);
            }
            throw e;
        }
    }

    private static Message await(Consumer<Consumer<Message>> step) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        step.accept(answer::complete);
        return answer.join();
    }

    private List<PartitionRows> collect(List<CompletableFuture<Part>> asked, StatementCall call) {
        List<PartitionRows> rows = new ArrayList<>(asked.size());
        Failure failure = null;
        for (CompletableFuture<Part> future : asked) {
            Part part = future.join();
            if (part.reply() instanceof RowsPage page && part.leader() != null) {
                rows.add(open(
                        part.partition(), part.leader(), page, call.wishes().fetchSize()));
            } else {
                failure = worse(failure, asFailure(part));
            }
        }
        if (failure != null) {
            rows.forEach(RowSource::close);
            throw new StatementFailedException(failure);
        }
        return rows;
    }

    private PartitionRows open(PartitionId partition, NodeId leader, RowsPage page, int fetchSize) {
        List<ColumnDescription> columns = page.columns();
        if (columns == null) {
            throw new StatementFailedException(
                    ErrorCode.INTERNAL_ERROR, "partition " + partition + " did not describe its columns");
        }
        return new PartitionRows(leaders, partition, leader, page, columns.size(), fetchSize);
    }

    private static Failure asFailure(Part part) {
        return part.reply() instanceof Failure failure
                ? failure
                : Failure.of(
                        ErrorCode.INTERNAL_ERROR,
                        "rows of " + part.partition() + " expected, got "
                                + part.reply().getClass().getSimpleName());
    }

    /** A lost transaction counts most, then what planning again can cure. */
    private static Failure worse(@Nullable Failure first, Failure second) {
        if (first == null || second.transactionEnded()) {
            return second;
        }
        boolean curable = second.error() == ErrorCode.STALE_SCHEMA || first.error() == ErrorCode.CUT_MISSED;
        return curable && !first.transactionEnded() ? second : first;
    }
}
