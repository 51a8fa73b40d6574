package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.host.PendingEntry;
import org.deuterium.replica.host.SequenceReservePayload;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Proposal;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.statement.Failure;

/** A block of sequence values on its way through the home partition's log; its place there says which values. */
final class SequenceReservation extends PendingEntry {

    private final SequenceReservePayload payload;
    private final Consumer<Message> answer;

    SequenceReservation(Term term, SequenceReservePayload payload, Consumer<Message> answer) {
        super(term, new Proposal(TransactionId.NONE, EntryKind.SEQUENCE_RESERVE, payload.encode()));
        this.payload = payload;
        this.answer = answer;
    }

    /**
     * Reserves values, behind the schema change that whoever asks has applied: an earlier place in the log would give
     * values of the sequence as it was before a RESTART, or know nothing of a new one.
     */
    static void begin(PartitionHost host, SchemaGate gate, ReserveSequence request, Consumer<Message> answer) {
        long version = request.schemaVersion();
        gate.await(version, waited -> {
            Term term = host.servingTerm();
            if (host.storage().schemaVersion() < version) {
                answer.accept(waited); // it took too long, or another leads
            } else if (term == null) {
                answer.accept(notLeader(request.sequence()));
            } else {
                SequenceReservePayload payload = new SequenceReservePayload(request.sequence(), request.count());
                host.propose(new SequenceReservation(term, payload, answer));
            }
        });
        gate.follow();
    }

    @Override
    protected void committed(H2Storage storage, LogEntry entry) {
        answer.accept(
                storage.applySequenceReservation(entry.index(), entry.term(), payload.sequence(), payload.count()));
    }

    @Override
    protected void refused(Effects.Refusal why) {
        if (why == Effects.Refusal.TOO_FEW_IN_SYNC) {
            answer.accept(TooFewInSync.failure("values of " + payload.sequence() + " cannot be reserved"));
            return;
        }
        answer.accept(notLeader(payload.sequence()));
    }

    private static Failure notLeader(String sequence) {
        return Failure.of(
                ErrorCode.NOT_LEADER,
                "The home partition has another leader; values of " + sequence + " are to be asked for there");
    }

    @Override
    protected void outcomeUnknown() {
        refused(
                Effects.Refusal
                        .NOT_LEADING); // values that were reserved for nobody are a gap, which sequences may have
    }
}
