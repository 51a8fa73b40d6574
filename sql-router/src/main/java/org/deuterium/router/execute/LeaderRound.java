package org.deuterium.router.execute;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.statement.Failure;

/** One question to the leaders of all partitions, or of some, at the same time. Blocks: for workers only. */
final class LeaderRound {

    private final PartitionLeaders leaders;

    LeaderRound(PartitionLeaders leaders) {
        this.leaders = leaders;
    }

    /** Not all leaders have answered in time. */
    static final class TooSlowException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient List<PartitionId> silent;

        TooSlowException(List<PartitionId> silent) {
            super("partitions " + silent + " have not answered yet", null, false, false);
            this.silent = silent;
        }

        List<PartitionId> silent() {
            return silent;
        }
    }

    /** The terms in which partitions are led now, as far as this process knows. */
    Map<PartitionId, Term> terms() {
        Map<PartitionId, Term> terms = new TreeMap<>();
        for (PartitionState partition : leaders.view().partitions()) {
            terms.put(partition.partition(), partition.term());
        }
        return terms;
    }

    /**
     * Asks, and waits as long as the leaders' answers take.
     *
     * @return what failed, by partition
     */
    Map<PartitionId, Failure> failures(Function<PartitionId, PartitionRequest> question) {
        Map<PartitionId, Failure> failures = new TreeMap<>();
        answers(partition -> true, question, Long.MAX_VALUE).forEach((partition, answer) -> {
            if (answer instanceof Failure failure) {
                failures.put(partition, failure);
            }
        });
        return failures;
    }

    /**
     * Asks for something that all must do.
     *
     * @throws StatementFailedException with the failure of the first partition that has one
     * @throws TooSlowException if not all have answered in time
     */
    void all(Predicate<PartitionId> which, Function<PartitionId, PartitionRequest> question, long waitMillis) {
        for (Message answer : answers(which, question, waitMillis).values()) {
            if (answer instanceof Failure failure) {
                throw new StatementFailedException(failure);
            }
        }
    }

    private Map<PartitionId, Message> answers(
            Predicate<PartitionId> which, Function<PartitionId, PartitionRequest> question, long waitMillis) {
        Map<PartitionId, CompletableFuture<Message>> asked = new TreeMap<>();
        for (PartitionState partition : leaders.view().partitions()) {
            if (!which.test(partition.partition())) {
                continue;
            }
            CompletableFuture<Message> answer = new CompletableFuture<>();
            asked.put(partition.partition(), answer);
            leaders.callLeader(question.apply(partition.partition()), true, answer::complete);
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(asked.values().toArray(new CompletableFuture<?>[0]));
        try {
            all.orTimeout(waitMillis, TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            asked.values().removeIf(CompletableFuture::isDone);
            throw new TooSlowException(List.copyOf(asked.keySet()));
        }
        Map<PartitionId, Message> answers = new TreeMap<>();
        asked.forEach((partition, answer) -> answers.put(partition, answer.join()));
        return answers;
    }
}
