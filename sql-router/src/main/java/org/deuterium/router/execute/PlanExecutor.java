package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.H2Failures;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.plan.BoundSql;
import org.deuterium.router.plan.CatalogPlan;
import org.deuterium.router.plan.ClusterChangePlan;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.DrawnKeys;
import org.deuterium.router.plan.ExplainPlan;
import org.deuterium.router.plan.KillPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.RoutedPlan;
import org.deuterium.router.plan.RowLimit;
import org.deuterium.router.plan.SchemaChangePlan;
import org.deuterium.router.plan.ShowPlan;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs plans. A statement of one partition is sent on from the calling thread and answered from whichever thread has
 * the answer; everything that waits for several answers runs on a worker.
 */
public final class PlanExecutor {

    private static final Logger LOG = LoggerFactory.getLogger(PlanExecutor.class);

    private final PartitionLeaders leaders;
    private final CatalogDatabase catalog;
    private final SequenceCache sequences;
    private final SchemaChanges schemaChanges;
    private final Executor workers;
    private final PartitionChoice choice;
    private final GatherExecution gather;
    private final ScatteredChange scattered;
    private final CopiedChange copied;
    private final MovingUpdate moving;
    private final TransferExecution transfers;
    private final BatchExecution batches;
    private final SequentialBatch sequence;
    private final ClusterReport report;
    private final SnapshotOpening snapshots;
    private final ClusterChanges clusterChanges;

    public PlanExecutor(
            PartitionLeaders leaders,
            CatalogDatabase catalog,
            SequenceCache sequences,
            SchemaChanges schemaChanges,
            ScratchDatabase scratch,
            long mergeMemoryBytes,
            Executor workers) {
        this.leaders = leaders;
        this.catalog = catalog;
        this.sequences = sequences;
        this.schemaChanges = schemaChanges;
        this.workers = workers;
        this.choice = new PartitionChoice(leaders);
        this.gather = new GatherExecution(leaders, new RowMerger(scratch, mergeMemoryBytes));
        this.scattered = new ScatteredChange(leaders, choice);
        this.copied = new CopiedChange(leaders, choice);
        this.moving = new MovingUpdate(leaders, choice, mergeMemoryBytes);
        this.transfers = new TransferExecution(leaders, this::rowsOf, this::changed);
        this.sequence = new SequentialBatch(leaders, this::changed);
        this.batches = new BatchExecution(leaders, choice);
        this.snapshots = new SnapshotOpening(leaders);
        this.report = new ClusterReport(leaders);
        this.clusterChanges = new ClusterChanges(leaders, schemaChanges.partitionSets());
    }

    /** Work for a worker: blocks, and gives the answer or throws why there is none. */
    private interface Work {
        void run() throws InterruptedException;
    }

    /**
     * Runs a plan; a failure STALE_SCHEMA means that nothing was done and planning again may help.
     *
     * @param plan any kind but TRANSACTION and SESSION, which concern the session alone
     */
    public void execute(RoutedPlan plan, StatementCall call, StatementAnswer answer) {
        switch (plan.kind()) {
            case ONE_PARTITION, GATHER -> executeData((DataPlan) plan, call, answer);
            case CATALOG -> onWorker(answer, () -> queryCatalog((CatalogPlan) plan, call, answer));
            case SCHEMA_CHANGE ->
                onWorker(answer, () -> answer.accept(schemaChanges.run((SchemaChangePlan) plan, call), null));
            case CLUSTER_CHANGE ->
                onWorker(answer, () -> answer.accept(clusterChanges.run((ClusterChangePlan) plan), null));
            case SHOW -> onWorker(answer, () -> answerRows(report.rows((ShowPlan) plan), plan, call, answer));
            case KILL ->
                onWorker(answer, () -> answer.accept(new TransactionReport(leaders).kill((KillPlan) plan), null));
            case EXPLAIN ->
                onWorker(
                        answer,
                        () -> answerRows(ListedRows.ofLines(explained((ExplainPlan) plan, call)), plan, call, answer));
            case TRANSACTION, SESSION -> throw new IllegalArgumentException(plan.kind() + " is the session's own work");
        }
    }

    private static List<String> explained(ExplainPlan plan, StatementCall call) {
        List<String> lines = new ArrayList<>(plan.lines());
        if (plan.plainRead()) {
            lines.add(readsOf(call));
        }
        return lines;
    }

    /** Where a plain read of the session is answered: only at READ COMMITTED by its read preference. */
    private static String readsOf(StatementCall call) {
        if (call.transaction() instanceof SessionTransaction past && past.asOf() != null) {
            return "reads: at replicas that keep the moment of AS OF";
        }
        return switch (call.session().isolation()) {
            case SNAPSHOT, READ_ONLY -> "reads: at the leaders, which show the transaction's one state";
            case SERIALIZABLE -> "reads: at the leader, which locks the tables against writers";
            case READ_COMMITTED ->
                call.transaction() == null
                        ? call.reads().rules().explained()
                        : call.reads().rules().explained() + "; where the transaction has written: at the leader";
        };
    }

    private void executeData(DataPlan plan, StatementCall call, StatementAnswer answer) {
        ParameterRows parameters = call.parameters();
        int wanted = plan.shape().parameters().size();
        if (parameters.perSet() < wanted) {
            RuntimeException notSet =
                    DbException.get(org.h2.api.ErrorCode.PARAMETER_NOT_SET_1, "#" + (parameters.perSet() + 1));
            answer.accept(H2Failures.refused(notSet).failure(), null);
            return;
        }
        Failure refusal = call.transaction() instanceof SessionTransaction clients ? clients.refusalOfChange() : null;
        if (refusal != null && (plan.shape().writes() || plan.shape().locks())) {
            answer.accept(refusal, null);
            return;
        }
        if (SnapshotOpening.isWanted(call)) {
            onWorker(answer, () -> openThenExecute(plan, call, answer));
            return;
        }
        if (plan.merge() instanceof Merge.Copies
                || (plan.merge() instanceof Merge.Transfer transfer && transfer.always())) {
            onWorker(answer, () -> executeOnWorker(plan, call, answer));
            return;
        }
        if (parameters.sets() == 1 && plan.drawn() == null) {
            PartitionSet partitions = choice.known(plan.routing());
            PartitionId one = partitions == null ? null : choice.one(partitions, plan.routing(), parameters, 0);
            if (one != null) {
                executeInOne(plan, one, plan.sql(), parameters, call, answer);
                return;
            }
        }
        onWorker(answer, () -> executeOnWorker(plan, call, answer));
    }

    private void openThenExecute(DataPlan plan, StatementCall call, StatementAnswer answer) {
        Failure failure = snapshots.open(plan.shape().schemaVersion(), call);
        if (failure == null) {
            executeData(plan, call, answer);
        } else {
            answer.accept(failure, null);
        }
    }

    private void executeOnWorker(DataPlan plan, StatementCall call, StatementAnswer answer)
            throws InterruptedException {
        if (plan.merge() instanceof Merge.Copies copies) {
            answer.accept(copied.run(plan, copies, call), null);
            return;
        }
        if (plan.merge() instanceof Merge.Transfer transfer && transfer.always()) {
            answer.accept(transfers.run(transfer, call), null);
            return;
        }
        PartitionSet partitions = choice.await(plan.routing());
        ParameterRows routed = call.parameters();
        DrawnKeys drawn = plan.drawn();
        if (drawn != null) {
            long[] values =
                    sequences.draw(drawn.sequence(), plan.shape().schemaVersion(), drawn.count() * routed.sets());
            routed = BoundParameters.append(routed, values, drawn.count());
        }
        if (routed.sets() != 1) {
            Message done = batches.run(plan, partitions, call, routed);
            answer.accept(done == null ? sequence.run(plan, call) : done, null);
            return;
        }
        PartitionId one = choice.one(partitions, plan.routing(), routed, 0);
        List<PartitionId> needed = one != null ? List.of(one) : choice.all(partitions, plan.routing(), routed, 0);
        Merge merge = plan.merge();
        if (needed.size() == 1) {
            BoundSql text = drawn == null ? new BoundSql(plan.sql(), null) : drawn.sql();
            executeInOne(plan, needed.get(0), text.sql(), BoundParameters.bind(text, routed), call, answer);
        } else if (merge == null) {
            answer.accept(Failure.of(ErrorCode.NOT_SUPPORTED, plan.refusal()), null);
        } else if (merge instanceof Merge.Transfer transfer) {
            answer.accept(transfers.run(transfer, call), null);
        } else if (merge instanceof Merge.Moves moves) {
            answer.accept(moving.run(plan, moves, partitions, call), null);
        } else if (merge instanceof Merge.Changes changes) {
            answer.accept(scattered.run(plan, changes, partitions, needed, call, routed), null);
        } else {
            answerRows(gather.run(plan, merge, needed, call), plan, call, answer);
        }
    }

    /** The rows of a query, of which the first are there. Blocks. */
    private RowSource rowsOf(RoutedPlan plan, StatementCall call) {
        if (plan instanceof CatalogPlan catalogPlan) {
            CompletableFuture<Message> page = new CompletableFuture<>();
            queryCatalog(catalogPlan, call, (message, more) -> page.complete(message));
            return new PageRows((RowsPage) page.join(), plan.shape().columns().size());
        }
        DataPlan data = (DataPlan) plan;
        PartitionSet partitions = choice.await(data.routing());
        PartitionId one = choice.one(partitions, data.routing(), call.parameters(), 0);
        List<PartitionId> needed =
                one != null ? List.of(one) : choice.all(partitions, data.routing(), call.parameters(), 0);
        if (needed.size() > 1 && data.merge() == null) {
            throw new StatementFailedException(ErrorCode.NOT_SUPPORTED, data.refusal());
        }
        Merge merge = needed.size() == 1 || data.merge() == null
                ? new Merge.Concatenation(new BoundSql(data.sql(), null), RowLimit.NONE)
                : data.merge();
        return gather.run(data, merge, needed, call);
    }

    /** Makes a change and waits for its answer. */
    private Message changed(DataPlan plan, StatementCall call) throws InterruptedException {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        executeOnWorker(plan, call, (message, more) -> answer.complete(message));
        return answer.join();
    }

    private void executeInOne(
            DataPlan plan,
            PartitionId partition,
            String sql,
            ParameterRows parameters,
            StatementCall call,
            StatementAnswer answer) {
        StatementCall.Wishes wishes = call.wishes();
        new BranchExecution(
                        leaders,
                        call,
                        plan.shape(),
                        partition,
                        (asked, leader, reply) -> answerFromOne(asked, leader, reply, answer))
                .start(sql, parameters, wishes.maxRows(), wishes.wantColumns());
    }

    private void answerFromOne(PartitionId partition, @Nullable NodeId leader, Message reply, StatementAnswer answer) {
        if (leader != null && reply instanceof RowsPage page && page.cursor() != RowsPage.NO_MORE) {
            answer.accept(page, new LeaderRows(leaders, partition, leader, page.cursor()));
        } else {
            answer.accept(reply, null);
        }
    }

    private void answerRows(RowSource rows, RoutedPlan plan, StatementCall call, StatementAnswer answer) {
        MergedRows merged = new MergedRows(rows, workers);
        RowsPage page = merged.page(
                call.wishes().fetchSize(),
                call.wishes().wantColumns() ? plan.shape().columns() : null);
        answer.accept(page, page.cursor() == RowsPage.NO_MORE ? null : merged);
    }

    private void queryCatalog(CatalogPlan plan, StatementCall call, StatementAnswer answer) {
        RowsPage page = catalog.query(
                call.session().schema(),
                call.time(),
                plan.sql(),
                call.parameters(),
                call.wishes().maxRows());
        answer.accept(page, null);
    }

    /** Runs work that blocks; whatever goes wrong becomes the answer, an Error too: a client would wait for ever. */
    private void onWorker(StatementAnswer answer, Work work) {
        workers.execute(() -> {
            try {
                work.run();
            } catch (StatementFailedException e) {
                answer.accept(e.failure(), null);
            } catch (StatementRefusedException e) {
                answer.accept(e.failure(), null);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                answer.accept(Failure.of(ErrorCode.NOT_READY, "This node is stopping; connect to another one"), null);
            } catch (RuntimeException | Error e) {
                LOG.error("executing a statement failed", e);
                answer.accept(Failure.of(ErrorCode.INTERNAL_ERROR, "Executing the statement failed here: " + e), null);
            }
        });
    }
}
