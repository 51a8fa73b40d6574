package org.deuterium.router.execute;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;

/**
 * A statement that does its work in several steps and partitions, all or nothing: behind a savepoint in the client's
 * transaction, or in a transaction of its own, which it commits. Blocks: for workers only.
 */
final class AtomicStatement {

    private AtomicStatement() {}

    /** The steps. */
    interface Steps {
        /** The answer; after a Failure everything done is undone. */
        Message run() throws InterruptedException;
    }

    /** @param savepoint a name that no client can give */
    static Message run(PartitionLeaders leaders, StatementCall call, String savepoint, Steps steps)
            throws InterruptedException {
        if (call.transaction() instanceof SessionTransaction clients) {
            Message set = await(done -> clients.setSavepoint(savepoint, done));
            if (set instanceof Failure) {
                return set;
            }
            return answerOf(steps, failure -> {
                Message undone =
                        clients.isLost() ? failure : await(done -> clients.rollbackToSavepoint(savepoint, done));
                return undone instanceof Failure ? undone : failure;
            });
        }
        SessionTransaction own = SessionTransaction.ofStatement(call, leaders);
        call.runsIn(own);
        Message answer = answerOf(steps, failure -> {
            await(own::rollback);
            return failure;
        });
        if (answer instanceof Failure) {
            return answer;
        }
        Message committed = await(own::commit);
        return committed instanceof Failure ? committed : answer;
    }

    /** Gives back what was done; its answer is what the client is told. */
    private interface Undo {
        Message after(Message failure);
    }

    private static Message answerOf(Steps steps, Undo undo) throws InterruptedException {
        Message answer;
        try {
            answer = steps.run();
        } catch (StatementFailedException e) {
            answer = e.failure();
        } catch (RuntimeException | Error e) {
            undo.after(Failure.of(ErrorCode.INTERNAL_ERROR, "Executing the statement failed here: " + e));
            throw e;
        }
        Failure refusal = answer instanceof UpdateCounts counts ? counts.refusal() : null;
        if (refusal != null) {
            return undo.after(refusal);
        }
        return answer instanceof Failure ? undo.after(answer) : answer;
    }

    private static Message await(Consumer<Consumer<Message>> step) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        step.accept(answer::complete);
        return answer.join();
    }
}
