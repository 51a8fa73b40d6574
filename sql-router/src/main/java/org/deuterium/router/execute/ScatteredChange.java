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
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.RowSplit;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/**
 * One statement that changes rows of several partitions: each runs its part, all at the same time, in branches of one
 * transaction; the client's, or one of the statement's own that is committed at its end. If a part fails, the others are
 * undone. Blocks: for workers only.
 */
final class ScatteredChange {

    /** No name a client can give: H2's have no such character unquoted, and the router keeps quotes off. */
    static final String STATEMENT = "\u0000statement";

    private final PartitionLeaders leaders;
    private final PartitionChoice choice;

    ScatteredChange(PartitionLeaders leaders, PartitionChoice choice) {
        this.leaders = leaders;
        this.choice = choice;
    }

    /**
     * What one partition is to run.
     *
     * @param rows which of the statement's rows, if each partition has its own; else empty
     */
    private record Part(String sql, ParameterRows parameters, List<Integer> rows) {}

    /** The answer: UpdateCounts with the sum, or a Failure after which nothing is changed. */
    Message run(
            DataPlan plan,
            Merge.Changes changes,
            PartitionSet partitions,
            List<PartitionId> needed,
            StatementCall call,
            ParameterRows routed)
            throws InterruptedException {
        AtomicStatement.Steps work;
        if (changes.limit() == null) {
            Map<PartitionId, Part> parts = parts(changes, partitions, needed, routed);
            work = () -> runParts(plan, parts, call);
        } else {
            long most = changes.limit().value(routed, 0);
            if (most < 0) {
                return Failure.of(
                        ErrorCode.NOT_SUPPORTED,
                        "a change of rows of several partitions with a limit that is negative or NULL is not supported;"
                                + " leave the limit out, or give a number");
            }
            work = () -> runLimited(plan, changes, needed, call, routed, most);
        }
        return AtomicStatement.run(leaders, call, STATEMENT, work);
    }

    private Map<PartitionId, Part> parts(
            Merge.Changes changes, PartitionSet partitions, List<PartitionId> needed, ParameterRows routed) {
        Map<PartitionId, Part> parts = new LinkedHashMap<>();
        RowSplit split = changes.rows();
        if (split == null) {
            Part same = whole(changes.pushed(), routed);
            needed.forEach(partition -> parts.put(partition, same));
            return parts;
        }
        Map<PartitionId, List<Integer>> rows = new LinkedHashMap<>();
        for (int number = 0; number < split.rows().size(); number++) {
            RowSplit.Row row = split.rows().get(number);
            PartitionId partition = choice.one(partitions, row.routing(), routed, 0);
            if (partition == null) {
                throw new StatementFailedException(
                        ErrorCode.NOT_SUPPORTED,
                        "A row of this statement has no single partition: "
                                + row.text().sql() + "; give its partition columns as literals or parameters");
            }
            rows.computeIfAbsent(partition, p -> new ArrayList<>()).add(number);
        }
        rows.forEach((partition, own) -> {
            BoundSql text = split.with(own.stream().map(split.rows()::get).toList());
            parts.put(partition, new Part(text.sql(), BoundParameters.bind(text, routed), own));
        });
        return parts;
    }

    private static Part whole(BoundSql text, ParameterRows parameters) {
        return new Part(text.sql(), BoundParameters.bind(text, parameters), List.of());
    }

    /** One partition after another, each with what the others left of the limit. */
    private Message runLimited(
            DataPlan plan,
            Merge.Changes changes,
            List<PartitionId> needed,
            StatementCall call,
            ParameterRows routed,
            long most) {
        long changed = 0;
        for (PartitionId partition : needed) {
            ParameterRows left = BoundParameters.append(routed, new long[] {most - changed}, 1);
            Part part = whole(changes.pushed(), left);
            Message answer = runParts(plan, Map.of(partition, part), call);
            if (!(answer instanceof UpdateCounts counts)) {
                return answer;
            }
            changed += counts.counts()[0];
            if (changed == most) {
                break;
            }
        }
        return UpdateCounts.of(changed);
    }

    private Message runParts(DataPlan plan, Map<PartitionId, Part> parts, StatementCall call) {
        List<CompletableFuture<Message>> asked = new ArrayList<>();
        parts.forEach((partition, part) -> {
            CompletableFuture<Message> waiting = new CompletableFuture<>();
            asked.add(waiting);
            new BranchExecution(
                            leaders, call, plan.shape(), partition, (asker, leader, reply) -> waiting.complete(reply))
                    .start(part.sql(), part.parameters(), 0, true);
        });
        long changed = 0;
        @Nullable Failure failure = null;
        List<UpdateCounts> done = new ArrayList<>();
        for (CompletableFuture<Message> reply : asked) {
            Message answer = reply.join();
            if (answer instanceof UpdateCounts counts) {
                changed += counts.counts()[0];
                done.add(counts);
            } else if (answer instanceof Failure one) {
                failure = failure == null || one.transactionEnded() ? one : failure;
            } else {
                throw new IllegalStateException("a change was answered by " + answer);
            }
        }
        return failure != null
                ? failure
                : new UpdateCounts(new long[] {changed}, List.of(), keys(List.copyOf(parts.values()), done));
    }

    /**
     * The generated keys of all parts. Clients give the n-th key to the n-th row, as with one H2, so they are in the order
     * of the rows; in that of the partitions where rows have no key each (MERGE ... USING, UPDATE).
     */
    private static @Nullable RowsPage keys(List<Part> parts, List<UpdateCounts> answers) {
        boolean oneForEachRow = true;
        for (int i = 0; i < answers.size(); i++) {
            RowsPage keys = answers.get(i).generatedKeys();
            oneForEachRow &=
                    keys != null && keys.rowCount() == parts.get(i).rows().size();
        }
        List<BatchProgress.DonePart> done = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            UpdateCounts answer = answers.get(i);
            if (oneForEachRow) {
                List<Integer> rows = parts.get(i).rows();
                long[] oneEach = new long[rows.size()];
                Arrays.fill(oneEach, 1);
                done.add(
                        new BatchProgress.DonePart(rows, new UpdateCounts(oneEach, List.of(), answer.generatedKeys())));
            } else {
                done.add(new BatchProgress.DonePart(List.of(i), answer));
            }
        }
        return BatchKeys.merge(done);
    }
}
