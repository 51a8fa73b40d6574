package org.deuterium.replica.storage;

import org.deuterium.wire.Message;
import org.deuterium.wire.statement.Done;
import org.jspecify.annotations.Nullable;

/**
 * What became of a statement in a branch: an answer, or a reason to come back with {@link Branch#resume}.
 *
 * @param kind what happened
 * @param answer a RowsPage, UpdateCounts or Failure; Done when the statement is not finished
 * @param sequence the sequence that has no values left here, for NEEDS_SEQUENCE_BLOCK
 * @param valuesWanted how many values to reserve, for NEEDS_SEQUENCE_BLOCK
 */
public record StatementResult(
        Kind kind, Message answer, @Nullable String sequence, int valuesWanted) {

    /** How far a statement came. */
    public enum Kind {
        /** It is over; the answer says how. */
        ANSWERED,
        /**
         * Somebody else holds a row or table it needs; its own changes are undone, the transaction goes on. Wait for
         * the end of another transaction (not inside the gate), then resume, or give up.
         */
        LOCKED,
        /** A sequence ran out of reserved values; its own changes are undone. Reserve, grant, then resume. */
        NEEDS_SEQUENCE_BLOCK
    }

    private static final StatementResult LOCKED = new StatementResult(Kind.LOCKED, new Done(), null, 0);

    static StatementResult answered(Message answer) {
        return new StatementResult(Kind.ANSWERED, answer, null, 0);
    }

    static StatementResult locked() {
        return LOCKED;
    }

    static StatementResult needsSequenceBlock(String sequence, int valuesWanted) {
        return new StatementResult(Kind.NEEDS_SEQUENCE_BLOCK, new Done(), sequence, valuesWanted);
    }

    public boolean isAnswered() {
        return kind == Kind.ANSWERED;
    }
}
