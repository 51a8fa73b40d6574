package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.router.plan.BoundSql;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/**
 * Runs a statement with several sets of parameters: the sets of one partition go there in one message, in their order;
 * the partitions work at the same time, in branches of the client's transaction if there is one. Blocks: for workers only.
 */
final class BatchExecution {

    private final PartitionLeaders leaders;
    private final PartitionChoice choice;

    BatchExecution(PartitionLeaders leaders, PartitionChoice choice) {
        this.leaders = leaders;
        this.choice = choice;
    }

    /** What one partition answered for its sets. */
    private record Part(List<Integer> sets, Message reply) {}

    /**
     * The answer to the batch: UpdateCounts, or a Failure. With STALE_SCHEMA the sets that were not run are to be planned
     * again; those that were are in the call's progress, and are left out when the batch comes here again with it.
     *
     * Null, before anything was done, if a set concerns several partitions that can run it together.
     *
     * @param routed the parameters that decide the partitions: the client's, and behind them those drawn
     */
    @Nullable
    Message run(DataPlan plan, PartitionSet partitions, StatementCall call, ParameterRows routed) {
        Map<PartitionId, List<Integer>> setsOf = new LinkedHashMap<>();
        BatchProgress progress = call.batchOf(routed.sets());
        int[] starts = BoundParameters.valueStarts(routed);
        for (int set = 0; set < routed.sets(); set++) {
            if (progress.isKnown(set)) {
                continue;
            }
            List<PartitionId> needed = needed(plan, partitions, BoundParameters.oneSet(routed, starts, set));
            if (needed.size() == 1) {
                setsOf.computeIfAbsent(needed.get(0), partition -> new ArrayList<>())
                        .add(set);
            } else if (plan.merge() != null && !progress.isBegun()) {
                return null;
            } else {
                progress.failed(set, Failure.of(ErrorCode.NOT_SUPPORTED, plan.refusal()));
            }
        }
        return execute(plan, setsOf, call, routed, starts, progress);
    }

    private List<PartitionId> needed(DataPlan plan, PartitionSet partitions, ParameterRows set) {
        PartitionId one = choice.one(partitions, plan.routing(), set, 0);
        return one != null ? List.of(one) : choice.all(partitions, plan.routing(), set, 0);
    }

    private Message execute(
            DataPlan plan,
            Map<PartitionId, List<Integer>> setsOf,
            StatementCall call,
            ParameterRows routed,
            int[] starts,
            BatchProgress progress) {
        List<CompletableFuture<Part>> asked = new ArrayList<>();
        BoundSql text = plan.drawn() == null
                ? new BoundSql(plan.sql(), null)
                : plan.drawn().sql();
        setsOf.forEach((partition, sets) -> {
            CompletableFuture<Part> part = new CompletableFuture<>();
            asked.add(part);
            ParameterRows own = BoundParameters.bindSets(text, routed, starts, sets);
            new BranchExecution(
                            leaders,
                            call,
                            plan.shape(),
                            partition,
                            (asker, leader, reply) -> part.complete(new Part(sets, reply)))
                    .start(text.sql(), own, 0, true);
        });
        Failure stale = null;
        Failure ended = null;
        for (CompletableFuture<Part> future : asked) {
            Part part = future.join();
            if (part.reply() instanceof Failure failure) {
                if (call.transaction() != null && failure.transactionEnded()) {
                    ended = failure; // what the other partitions did is undone with it
                } else if (failure.error() == ErrorCode.STALE_SCHEMA) {
                    stale = failure;
                } else if (asked.size() == 1 && failure.transactionEnded() && !progress.isBegun()) {
                    return failure;
                } else {
                    part.sets().forEach(set -> progress.failed(set, failure));
                }
            } else if (part.reply() instanceof UpdateCounts done) {
                progress.done(part.sets(), done);
            } else {
                throw new IllegalStateException("a batch was answered by " + part.reply());
            }
        }
        if (ended != null) {
            return ended;
        }
        return stale != null ? stale : progress.answer();
    }
}
