package org.deuterium.replica.service;

import org.deuterium.replica.host.PendingEntry;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Proposal;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;

/** A word on its way through the log: this transaction will never be committed in this partition. */
final class TransactionAbort extends PendingEntry {

    private final TransactionId transaction;
    private final Runnable logged;
    private final Runnable notLogged;

    TransactionAbort(Term term, TransactionId transaction, Runnable logged, Runnable notLogged) {
        super(term, new Proposal(transaction, EntryKind.ABORT, new byte[0]));
        this.transaction = transaction;
        this.logged = logged;
        this.notLogged = notLogged;
    }

    @Override
    protected void committed(H2Storage storage, LogEntry entry) {
        storage.applyAbort(entry.index(), entry.term(), transaction);
        logged.run();
    }

    @Override
    protected void refused(Effects.Refusal why) {
        notLogged.run();
    }

    @Override
    protected void outcomeUnknown() {
        notLogged.run();
    }
}
