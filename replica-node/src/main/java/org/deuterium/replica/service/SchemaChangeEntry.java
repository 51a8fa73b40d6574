package org.deuterium.replica.service;

import org.deuterium.replica.host.PendingEntry;
import org.deuterium.replica.host.SchemaChangePayload;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Proposal;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** A change of the schema log on its way through this partition's log. */
final class SchemaChangeEntry extends PendingEntry {

    private final SchemaGate gate;
    private final SchemaChangePayload change;

    SchemaChangeEntry(Term term, SchemaGate gate, SchemaChangePayload change) {
        super(term, new Proposal(TransactionId.NONE, EntryKind.SCHEMA_CHANGE, change.encode()));
        this.gate = gate;
        this.change = change;
    }

    @Override
    protected void committed(H2Storage storage, LogEntry entry) {
        @Nullable
        Failure failure = storage.applySchemaChange(entry.index(), entry.term(), change.version(), change.sql());
        gate.applied(change.version(), failure);
    }

    @Override
    protected void refused(Effects.Refusal why) {
        gate.notProposed(term());
    }

    @Override
    protected void outcomeUnknown() {
        gate.notProposed(term());
    }
}
