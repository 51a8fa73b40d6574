package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.replica.host.MonotonicClock;
import org.deuterium.replica.host.PendingEntry;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.PreparedTransaction;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Proposal;
import org.deuterium.transport.FailPoint;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;

/** A branch of a transaction over several partitions on its way to being prepared. */
final class BranchPrepare extends PendingEntry {

    private final OpenBranches branches;
    private final OpenBranch branch;
    private final PreparedTransaction prepared;
    private final Consumer<Message> answer;
    private final PartitionId partition;
    private boolean answered;

    /** The branch is ENDING. */
    BranchPrepare(
            OpenBranches branches,
            OpenBranch branch,
            PreparedTransaction prepared,
            Timestamp dependsOn,
            Consumer<Message> answer,
            PartitionId partition) {
        super(branch.term(), new Proposal(prepared.transaction(), EntryKind.PREPARE, prepared.encode(), dependsOn));
        this.branches = branches;
        this.branch = branch;
        this.prepared = prepared;
        this.answer = answer;
        this.partition = partition;
    }

    @Override
    protected boolean isBrief() {
        return !branch.isHeavy();
    }

    @Override
    protected void committed(H2Storage storage, LogEntry entry) {
        storage.applyPrepare(entry.index(), entry.term(), prepared.at(entry.timestamp()));
        promise(entry);
    }

    /** It shows nothing, and whoever holds a cut may be waiting for a decision that waits for this promise. */
    @Override
    protected boolean heldByCut(LogEntry entry, Timestamp cut) {
        promise(entry);
        return false;
    }

    private void promise(LogEntry entry) {
        if (!answered) {
            answered = true;
            FailPoint.at("prepare logged", partition.number());
            branch.becomePrepared(entry.timestamp(), MonotonicClock.millis());
            answer.accept(new PositionedAnswer(entry.index(), entry.timestamp(), new Done()));
            FailPoint.at("prepare answered", partition.number());
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
                "Transaction " + branch.transaction() + " was rolled back before it was prepared, because one of its"
                        + " partitions has another leader; run it again"));
    }

    /** If the next leader has the entry, it opens the branch again: a promise that was given in a cut stays true. */
    @Override
    protected void outcomeUnknown() {
        if (answered) {
            if (branch.releasePrepared()) { // else whoever stepped down has done it
                branches.rollBack(branch);
            }
            return;
        }
        branches.rollBack(branch);
        answer.accept(Failure.ofTransaction(
                ErrorCode.OUTCOME_UNKNOWN,
                "The leader of a partition changed while transaction " + branch.transaction()
                        + " was being prepared there; its next leader knows"));
    }
}
