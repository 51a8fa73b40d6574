package org.deuterium.replica.storage;

import org.deuterium.wire.Message;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * What became of a statement in a branch: an answer, or a reason to come back with {@link Branch#resume}.
 *
 * @param kind what happened
 * @param answer a RowsPage, UpdateCounts or Failure; Done when the statement is not finished
 * @param sequence the sequence that has no values left here, for NEEDS_SEQUENCE_BLOCK
 * @param valuesWanted how many values to reserve, for NEEDS_SEQUENCE_BLOCK
 * @param lock the row or table somebody else holds, for LOCKED; null if H2 does not tell which it is
 */
public record StatementResult(
        Kind kind,
        Message answer,
        @Nullable String sequence,
        int valuesWanted,
        @Nullable HeldRow lock) {

    /**
     * A row or a table that is locked.
     *
     * @param name stands for it
     * @param h2Number H2's number of the transaction that has locked it, see {@link Branch#h2Number()}; 0 if unknown
     * @param holder who has locked it; NONE if only H2's number is known
     * @param victim who is to be rolled back, because a circle of transactions waits for each other; NONE if none is known
     */
    public record HeldRow(String name, int h2Number, TransactionId holder, TransactionId victim) {

        HeldRow(String name, int h2Number) {
            this(name, h2Number, TransactionId.NONE, TransactionId.NONE);
        }

        /** What the victim is told. */
        public Failure deadlock() {
            return BranchTables.deadlock(victim, name);
        }
    }

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
        NEEDS_SEQUENCE_BLOCK,
        /** It was to be run without any wait, but the database is being stored. Nothing was done; resume on a worker. */
        GATE_CLOSED,
        /** Nothing was done; {@link Branch#startAtCut} when H2 shows the cut, then resume on a worker. */
        AWAITS_CUT
    }

    private static final StatementResult GATE_CLOSED = new StatementResult(Kind.GATE_CLOSED, new Done(), null, 0, null);

    private static final StatementResult AWAITS_CUT = new StatementResult(Kind.AWAITS_CUT, new Done(), null, 0, null);

    static StatementResult answered(Message answer) {
        return new StatementResult(Kind.ANSWERED, answer, null, 0, null);
    }

    static StatementResult locked(@Nullable HeldRow lock) {
        return new StatementResult(Kind.LOCKED, new Done(), null, 0, lock);
    }

    static StatementResult gateClosed() {
        return GATE_CLOSED;
    }

    static StatementResult awaitsCut() {
        return AWAITS_CUT;
    }

    static StatementResult needsSequenceBlock(String sequence, int valuesWanted) {
        return new StatementResult(Kind.NEEDS_SEQUENCE_BLOCK, new Done(), sequence, valuesWanted, null);
    }

    public boolean isAnswered() {
        return kind == Kind.ANSWERED;
    }
}
