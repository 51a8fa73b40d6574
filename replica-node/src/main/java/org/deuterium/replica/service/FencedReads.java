package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.replica.storage.Branch;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.ReadUnderFence;
import org.deuterium.wire.statement.Failure;

/** The queries of a schema change at a leader that holds all other work back for it. */
final class FencedReads {

    private static final int LOCK_WINDOW_MILLIS = 15;

    private final PartitionLeadership leadership;

    FencedReads(PartitionLeadership leadership) {
        this.leadership = leadership;
    }

    /** On a worker. */
    void execute(ReadUnderFence request, Consumer<Message> answer) {
        ExecuteInBranch query = request.query();
        Term term = leadership.host().servingTerm();
        if (term == null || !leadership.gate().isFencedFor(request.version())) {
            answer.accept(notFenced(request));
            return;
        }
        Branch opened = leadership
                .host()
                .storage()
                .openBranch(
                        query.transaction(), query.session(), leadership.host().logKind());
        OpenBranch branch = new OpenBranch(opened, term);
        if (!leadership.branches().add(branch)) {
            opened.rollback();
            answer.accept(Failure.of(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "Transaction " + query.transaction() + " already has a branch in " + query.partition()));
            return;
        }
        // A leader that steps down, or follows the change, sees the branch from here on.
        if (!term.equals(leadership.host().servingTerm())
                || !leadership.gate().isFencedFor(request.version())
                || query.schemaVersion() != leadership.host().storage().schemaVersion()) {
            leadership.branches().rollBack(branch);
            answer.accept(notFenced(request));
            return;
        }
        branch.becomesHeavy();
        new BranchStatement(leadership, branch, query, answer).run(LOCK_WINDOW_MILLIS);
    }

    private static Failure notFenced(ReadUnderFence request) {
        return Failure.of(
                ErrorCode.NOT_READY,
                "Partition " + request.partition() + " does not hold its work back for schema version "
                        + request.version() + " any more; try the change again");
    }
}
