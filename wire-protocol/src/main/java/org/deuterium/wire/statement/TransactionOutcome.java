package org.deuterium.wire.statement;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What became of a transaction, as a partition's log has it.
 *
 * @param count rows changed by its only statement, {@link #EVERY_SET}, or {@link #NOT_KNOWN}
 * @param timestamp of a transaction over several partitions that is prepared, that of its PREPARE here; of one that is
 *     committed and not finished, that of its commit; else ZERO
 */
public record TransactionOutcome(State state, long count, Timestamp timestamp) implements Message {

    public static final long NOT_KNOWN = -1;

    /** Its only statement was a batch, and no set of it failed; how many rows each changed is not known. */
    public static final long EVERY_SET = -2;

    /** What a log says; the order never changes. */
    public enum State {
        /** Its effects are in the log. */
        COMMITTED,
        /** It has no effect, and never will: later work under its identity is refused. */
        ABORTED,
        /** Its effects are in the log and wait for the decision over all partitions it wrote. */
        PREPARED,
        /** It is so long ago that the log no longer says. */
        FORGOTTEN
    }

    private static final State[] STATES = State.values();

    public TransactionOutcome(State state, long count) {
        this(state, count, Timestamp.ZERO);
    }

    public static TransactionOutcome of(State state) {
        return new TransactionOutcome(state, NOT_KNOWN);
    }

    /** Of a transaction over several partitions. */
    public static TransactionOutcome of(State state, Timestamp timestamp) {
        return new TransactionOutcome(state, NOT_KNOWN, timestamp);
    }

    /**
     * The count that goes into the log with a transaction, so that the answer to its only statement can be given again if
     * it gets lost. Of a batch with a set that failed, and of generated keys, nothing is kept: that answer cannot be given
     * again, and must not be told as a success.
     */
    public static long countOf(Message answer) {
        if (!(answer instanceof UpdateCounts done)
                || done.generatedKeys() != null
                || !done.failures().isEmpty()) {
            return NOT_KNOWN;
        }
        return done.counts().length == 1 ? done.counts()[0] : EVERY_SET;
    }

    @Override
    public int code() {
        return StatementMessages.TRANSACTION_OUTCOME;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeByte(state.ordinal()).writeZLong(count).writeVLong(timestamp.value());
    }

    static TransactionOutcome decode(WireReader in) {
        int state = in.readByte();
        if (state < 0 || state >= STATES.length) {
            throw new MalformedMessageException("unknown outcome of a transaction " + state);
        }
        return new TransactionOutcome(STATES[state], in.readZLong(), new Timestamp(in.readVLong()));
    }
}
