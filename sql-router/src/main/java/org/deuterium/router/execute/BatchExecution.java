package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.Arrays;
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
 * the partitions work at the same time. In a client transaction every set must go to the one partition it writes, or
 * the whole batch is refused before anything is done. Blocks: for workers only.
 */
final class BatchExecution {

    private final PartitionLeaders leaders;
    private final PartitionChoice choice;

    BatchExecution(PartitionLeaders leaders, PartitionChoice choice) {
        this.leaders = leaders;
        this.choice = choice;
    }

    /** What one partition answered for its sets. */
    record Part(List<Integer> sets, Message reply) {}

    /**
     * The answer to the batch: UpdateCounts, or a Failure if nothing at all was done.
     *
     * @param routed the parameters that decide the partitions: the client's, and behind them those drawn
     */
    Message run(DataPlan plan, PartitionSet partitions, StatementCall call, ParameterRows routed) {
        Map<PartitionId, List<Integer>> setsOf = new LinkedHashMap<>();
        BatchCounts counts = new BatchCounts(routed.sets());
        int[] starts = BoundParameters.valueStarts(routed);
        for (int set = 0; set < routed.sets(); set++) {
            List<PartitionId> needed = needed(plan, partitions, BoundParameters.oneSet(routed, starts, set));
            if (needed.size() == 1) {
                setsOf.computeIfAbsent(needed.get(0), partition -> new ArrayList<>())
                        .add(set);
            } else {
                counts.failed(set, Failure.of(ErrorCode.NOT_SUPPORTED, plan.refusal()));
            }
        }
        TransactionBranches transaction = call.transaction();
        if (transaction != null) {
            Message refusal = refuseSecondPartition(transaction, setsOf, counts, routed.sets());
            if (refusal != null) {
                return refusal;
            }
        }
        return execute(plan, setsOf, call, routed, starts, counts);
    }

    private List<PartitionId> needed(DataPlan plan, PartitionSet partitions, ParameterRows set) {
        PartitionId one = choice.one(partitions, plan.routing(), set, 0);
        return one != null ? List.of(one) : choice.all(partitions, plan.routing(), set, 0);
    }

    private static @Nullable Message refuseSecondPartition(
            TransactionBranches transaction, Map<PartitionId, List<Integer>> setsOf, BatchCounts counts, int sets) {
        PartitionId written = transaction.writtenPartition();
        PartitionId only = written != null
                ? written
                : setsOf.isEmpty() ? null : setsOf.keySet().iterator().next();
        if (only == null || (!counts.hasFailures() && setsOf.size() == 1 && setsOf.containsKey(only))) {
            return null;
        }
        BatchCounts refused = new BatchCounts(sets);
        Failure notRun = Failure.of(
                ErrorCode.NOT_SUPPORTED,
                "Not run: other parameters of this batch would write a partition other than " + only
                        + " in the same transaction; commit first, or batch rows whose partition columns are equal");
        for (int set = 0; set < sets; set++) {
            refused.failed(set, notRun);
        }
        setsOf.forEach((partition, own) -> {
            if (!partition.equals(only)) {
                own.forEach(set ->
                        refused.failed(set, TransactionFailures.secondPartition(transaction.id(), only, partition)));
            }
        });
        return refused.answer(List.of());
    }

    private Message execute(
            DataPlan plan,
            Map<PartitionId, List<Integer>> setsOf,
            StatementCall call,
            ParameterRows routed,
            int[] starts,
            BatchCounts counts) {
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
        List<Part> parts = new ArrayList<>();
        Failure stale = null;
        boolean allStale = true;
        for (CompletableFuture<Part> future : asked) {
            Part part = future.join();
            parts.add(part);
            if (part.reply() instanceof Failure failure) {
                part.sets().forEach(set -> counts.failed(set, failure));
                stale = failure.error() == ErrorCode.STALE_SCHEMA ? failure : stale;
                allStale &= failure.error() == ErrorCode.STALE_SCHEMA;
            } else if (part.reply() instanceof UpdateCounts done) {
                counts.merge(part.sets(), done);
                allStale = false;
            } else {
                throw new IllegalStateException("a batch was answered by " + part.reply());
            }
        }
        if (parts.size() == 1 && parts.get(0).reply() instanceof Failure failure && failure.transactionEnded()) {
            return failure;
        }
        if (stale != null && allStale) { // another failure may hide a part that was done: never run it again
            return stale;
        }
        return counts.answer(parts);
    }

    /** The counts of a batch as they become known. */
    static final class BatchCounts {

        private static final long NOT_KNOWN = Long.MIN_VALUE;

        private final long[] counts;
        private final @Nullable Failure[] failures;

        BatchCounts(int sets) {
            counts = new long[sets];
            failures = new Failure[sets];
            Arrays.fill(counts, NOT_KNOWN);
        }

        void failed(int set, Failure failure) {
            counts[set] = java.sql.Statement.EXECUTE_FAILED;
            failures[set] = failure;
        }

        void merge(List<Integer> sets, UpdateCounts done) {
            if (done.counts().length != sets.size()) {
                throw new IllegalStateException(
                        sets.size() + " sets of parameters gave " + done.counts().length + " counts");
            }
            int nextFailure = 0;
            for (int i = 0; i < sets.size(); i++) {
                long count = done.counts()[i];
                if (count == java.sql.Statement.EXECUTE_FAILED) {
                    failed(sets.get(i), done.failures().get(nextFailure++));
                } else {
                    counts[sets.get(i)] = count;
                }
            }
        }

        boolean hasFailures() {
            for (long count : counts) {
                if (count == java.sql.Statement.EXECUTE_FAILED) {
                    return true;
                }
            }
            return false;
        }

        UpdateCounts answer(List<Part> parts) {
            List<Failure> told = new ArrayList<>();
            for (int i = 0; i < counts.length; i++) {
                Failure failure = failures[i];
                if (failure != null) {
                    told.add(failure);
                } else if (counts[i] == NOT_KNOWN) {
                    throw new IllegalStateException("nothing is known of set " + i + " of a batch");
                }
            }
            return new UpdateCounts(counts, told, BatchKeys.merge(parts));
        }
    }
}
