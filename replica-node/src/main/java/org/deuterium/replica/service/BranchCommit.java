package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.replica.host.PendingEntry;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.LoggedChanges;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Proposal;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.statement.Failure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a branch changed on its way through the log, and the answer its client gets once H2 has committed it. */
final class BranchCommit extends PendingEntry {

    private static final Logger LOG = LoggerFactory.getLogger(BranchCommit.class);

    private final OpenBranches branches;
    private final OpenBranch branch;
    private final Message whenCommitted;
    private final Consumer<Message> answer;
    private final boolean positionWanted;

    BranchCommit(
            OpenBranches branches,
            OpenBranch branch,
            LoggedChanges changes,
            Message whenCommitted,
            ReadBound bound,
            Consumer<Message> answer) {
        super(branch.term(), new Proposal(branch.transaction(), changes.kind(), changes.payload(), bound.dependsOn()));
        this.positionWanted = bound.positionWanted();
        this.branches = branches;
        this.branch = branch;
        this.whenCommitted = whenCommitted;
        this.answer = answer;
    }

    @Override
    protected boolean isBrief() {
        return !branch.isHeavy();
    }

    @Override
    protected void committed(H2Storage storage, LogEntry entry) {
        branch.branch().commit(entry.index(), entry.term());
        branches.ended(branch, true);
        try {
            answer.accept(
                    positionWanted
                            ? new PositionedAnswer(entry.index(), entry.timestamp(), whenCommitted)
                            : whenCommitted);
        } catch (RuntimeException e) {
            LOG.error("the client of transaction {} did not take its answer", branch.transaction(), e);
        }
    }

    @Override
    protected void refused(Effects.Refusal why) {
        branches.rollBack(branch);
        if (why == Effects.Refusal.TOO_FEW_IN_SYNC) {
            answer.accept(
                    TooFewInSync.failureOfTransaction("transaction " + branch.transaction() + " was rolled back"));
            return;
        }
        answer.accept(Failure.ofTransaction(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                "Transaction " + branch.transaction()
                        + " was rolled back before its commit reached the log, because its partition has another"
                        + " leader; run it again"));
    }

    @Override
    protected void outcomeUnknown() {
        branches.rollBack(branch);
        answer.accept(Failure.ofTransaction(
                ErrorCode.OUTCOME_UNKNOWN,
                "The leader of the partition changed while transaction " + branch.transaction()
                        + " was committing; it may have been committed or not: look for its effect before running it"
                        + " again"));
    }
}
