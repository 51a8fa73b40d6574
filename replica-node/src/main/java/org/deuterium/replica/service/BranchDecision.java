package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.replica.host.DecisionPayload;
import org.deuterium.replica.host.PendingEntry;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Proposal;
import org.deuterium.transport.FailPoint;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;

/** The decision over a prepared branch on its way through the log; a second one for the same branch changes nothing. */
final class BranchDecision extends PendingEntry {

    private final OpenBranches branches;
    private final OpenBranch branch;
    private final boolean commit;
    private final Timestamp timestamp;
    private final Consumer<Message> answer;
    private final PartitionId partition;

    BranchDecision(
            OpenBranches branches,
            OpenBranch branch,
            DecideBranch request,
            Consumer<Message> answer,
            PartitionId partition) {
        super(
                branch.term(),
                new Proposal(
                        branch.transaction(),
                        EntryKind.DECISION,
                        DecisionPayload.encode(request.commit(), request.timestamp()),
                        request.timestamp())); // where its timestamp is later than the commit's, no earlier cut shows
        // it
        this.branches = branches;
        this.branch = branch;
        this.commit = request.commit();
        this.timestamp = request.timestamp();
        this.answer = answer;
        this.partition = partition;
    }

    @Override
    protected boolean isBrief() {
        return !branch.isHeavy();
    }

    @Override
    protected void committed(H2Storage storage, LogEntry entry) {
        FailPoint.at("decision logged", partition.number());
        if (branch.isPrepared()) {
            branch.branch().decide(entry.index(), entry.term(), commit, timestamp);
            branches.ended(branch, true);
        } else {
            storage.applyDecision(entry.index(), entry.term(), entry.transaction(), commit, timestamp);
        }
        answer.accept(new PositionedAnswer(entry.index(), entry.timestamp(), new Done()));
        FailPoint.at("decision answered", partition.number());
    }

    /** The client hears of it in its turn. */
    @Override
    protected boolean heldByCut(LogEntry entry, Timestamp cut) {
        if (!commit || timestamp.compareTo(cut) > 0 || !branch.isPrepared()) {
            return false;
        }
        branch.branch().commitAhead();
        return true;
    }

    @Override
    protected void refused(Effects.Refusal why) {
        answer.accept(Failure.of(
                ErrorCode.NOT_READY,
                "The decision over transaction " + branch.transaction() + " could not be logged (" + why
                        + "); its leader is to be told again"));
    }

    @Override
    protected void outcomeUnknown() {
        refused(Effects.Refusal.NOT_LEADING); // to be told twice does no harm
    }
}
