package org.deuterium.replica.service;

import java.util.List;
import org.deuterium.replica.host.FinishPayload;
import org.deuterium.replica.host.PendingEntry;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Proposal;
import org.deuterium.transport.FailPoint;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;

/** Transactions that nobody will ask for any more, on their way through the log; nobody waits, and a loss is no harm. */
final class FinishedTransactions extends PendingEntry {

    private final List<TransactionId> transactions;
    private final PartitionId partition;

    FinishedTransactions(Term term, List<TransactionId> transactions, PartitionId partition) {
        super(term, new Proposal(TransactionId.NONE, EntryKind.FINISH, FinishPayload.encode(transactions)));
        this.transactions = transactions;
        this.partition = partition;
    }

    @Override
    protected void committed(H2Storage storage, LogEntry entry) {
        FailPoint.at("finish logged", partition.number());
        storage.applyFinish(entry.index(), entry.term(), transactions);
    }

    @Override
    protected void refused(Effects.Refusal why) {
        // the next leader finds them unfinished, asks the participants, and says it again
    }

    @Override
    protected void outcomeUnknown() {
        refused(Effects.Refusal.NOT_LEADING);
    }
}
