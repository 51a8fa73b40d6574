package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;

/**
 * Runs a batch of which some sets of parameters concern several partitions: set by set in their order, in one transaction;
 * a set that fails is undone alone, as H2 does it. Blocks: for workers only.
 */
final class SequentialBatch {

    /** No name a client can give: H2's have no such character unquoted, and the router keeps quotes off. */
    private static final String BATCH = "\u0000batch";

    private final PartitionLeaders leaders;
    private final TransferExecution.Writer writer;

    SequentialBatch(PartitionLeaders leaders, TransferExecution.Writer writer) {
        this.leaders = leaders;
        this.writer = writer;
    }

    /** The answer: UpdateCounts, or a Failure after which nothing of the batch is done. */
    Message run(DataPlan plan, StatementCall call) throws InterruptedException {
        if (call.transaction() instanceof SessionTransaction clients) {
            Message set = await(done -> clients.setSavepoint(BATCH, done));
            if (set instanceof Failure) {
                return set;
            }
            Message answer = allSets(plan, call, clients);
            if (answer instanceof Failure && !clients.isLost()) {
                Message undone = await(done -> clients.rollbackToSavepoint(BATCH, done));
                return undone instanceof Failure ? undone : answer;
            }
            return answer;
        }
        SessionTransaction own = SessionTransaction.ofStatement(call, leaders);
        call.runsIn(own);
        Message answer = allSets(plan, call, own);
        if (answer instanceof Failure) {
            await(own::rollback);
            return answer;
        }
        Message committed = await(own::commit);
        return committed instanceof Failure ? committed : answer;
    }

    private Message allSets(DataPlan plan, StatementCall call, SessionTransaction transaction)
            throws InterruptedException {
        ParameterRows sets = call.parameters();
        int[] starts = BoundParameters.valueStarts(sets);
        long[] counts = new long[sets.sets()];
        List<Failure> failures = new ArrayList<>();
        List<BatchProgress.DonePart> done = new ArrayList<>();
        for (int set = 0; set < counts.length; set++) {
            Message answer = writer.change(plan, call.part(BoundParameters.oneSet(sets, starts, set), call.wishes()));
            if (answer instanceof UpdateCounts changed) {
                counts[set] = Arrays.stream(changed.counts()).sum();
                done.add(new BatchProgress.DonePart(List.of(set), changed));
            } else if (answer instanceof Failure failure) {
                if (transaction.isLost()
                        || failure.transactionEnded()
                        || failure.error() == ErrorCode.STALE_SCHEMA
                        || failure.error() == ErrorCode.STATEMENT_CANCELED) {
                    return failure;
                }
                counts[set] = java.sql.Statement.EXECUTE_FAILED;
                failures.add(failure);
            } else {
                throw new IllegalStateException("a batch was answered by " + answer);
            }
        }
        UpdateCounts answer = new UpdateCounts(counts, failures, BatchKeys.merge(done));
        Failure refusal = answer.refusal();
        return refusal == null ? answer : refusal;
    }

    private static Message await(Consumer<Consumer<Message>> step) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        step.accept(answer::complete);
        return answer.join();
    }
}
