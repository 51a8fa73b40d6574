package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.TransactionOutcome;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Writes down a transaction's statements as they run, for a log that may hold texts. Under MIXED one statement that has
 * no text is enough to log the rows of the whole transaction; under STATEMENT it fails.
 */
final class StatementRecorder {

    /** The number of rows, which is not known before they are looked at, in as many bytes as a vInt may have. */
    private static final int CHECKSUM_MAY_ADD = 5;

    private final LogKind kind;
    private final List<LoggedStatement> statements = new ArrayList<>(2);
    private final List<RepeatableChange> changes = new ArrayList<>(2);
    private final Map<Integer, Integer> savepoints = new HashMap<>(0);
    private boolean rowsOnly;

    StatementRecorder(LogKind kind) {
        this.kind = kind;
        this.rowsOnly = kind == LogKind.ROW;
    }

    /** False once it is sure that the rows will be logged. */
    boolean isRecording() {
        return !rowsOnly;
    }

    boolean refuses() {
        return kind == LogKind.STATEMENT;
    }

    /** What was written down, if that is all the transaction did and texts may be logged; else null. */
    @Nullable
    List<LoggedStatement> texts() {
        return rowsOnly || statements.isEmpty() ? null : statements;
    }

    /**
     * Before a statement runs.
     *
     * @param asRows true if its rows are to be logged, whatever the kind
     * @throws NotRepeatableException under STATEMENT, if it surely has no text
     */
    void beforeStatement(CachedCommand command, boolean asRows) {
        RepeatableChange change = command.change();
        if (asRows) {
            rowsOnly = true;
        } else if (change == null) {
            if (command.changesByQuery()) {
                withoutText("a query that changes rows has no text of its own");
            }
        } else if (change.refusal() != null) {
            withoutText(change.refusal());
        } else if (!refuses() && !change.isWorthTrying()) {
            rowsOnly = true;
        }
    }

    /**
     * After a statement has run.
     *
     * @param mark where H2's undo log was before it
     * @throws NotRepeatableException under STATEMENT, if it has no text after all; it is to be undone then
     */
    void afterStatement(SessionLocal session, RepeatableChange change, long mark, long count, Value[] values) {
        RepeatableChange.Outcome outcome = change.text(session, StatementChanges.since(session, mark), count, values);
        if (outcome.refusal() != null) {
            withoutText(outcome.refusal());
        } else if (!outcome.statements().isEmpty()) {
            statements.addAll(outcome.statements());
            changes.add(change);
        }
    }

    /** Runs the bound set; writes its text down, or undoes it if it must have one and has none. */
    long update(SessionLocal session, StatementRun statement) {
        RepeatableChange change = statement.cached().change();
        if (change == null || !isRecording()) {
            return statement.update(session);
        }
        long mark = StatementChanges.mark(session);
        SessionLocal.Savepoint before = refuses() ? session.setSavepoint() : null;
        long count = statement.update(session);
        try {
            afterStatement(session, change, mark, count, statement.values());
        } catch (NotRepeatableException e) {
            if (before != null) {
                PooledSession.with(session, undoing -> undoing.rollbackTo(before));
            }
            throw e;
        }
        return count;
    }

    private void withoutText(@Nullable String reason) {
        if (refuses()) {
            throw new NotRepeatableException(String.valueOf(reason));
        }
        rowsOnly = true;
    }

    /** Under MIXED: tells the statements what was smaller, so that they stop trying in vain. */
    void compared(boolean textWasSmaller) {
        for (RepeatableChange change : changes) {
            change.compared(textWasSmaller);
        }
    }

    void savepoint(int number) {
        savepoints.put(number, statements.size());
    }

    void rollbackTo(int number) {
        Integer size = number == BranchSavepoint.BEGINNING ? Integer.valueOf(0) : savepoints.get(number);
        if (size != null) {
            statements.subList(size, statements.size()).clear();
        }
    }

    /** A statement that LOG STATEMENT refuses. */
    static final class NotRepeatableException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        NotRepeatableException(String reason) {
            super(
                    "The log of this partition is LOG STATEMENT, and the statement need not change the same rows alike"
                            + " on every replica, because " + reason
                            + "; name the rows by their unique key, or ALTER TABLE"
                            + " ... SET LOG MIXED",
                    null,
                    false,
                    false);
        }
    }

    /**
     * What the log is to say of a transaction whose statements are complete: they, or its rows if those are smaller and the
     * kind lets it.
     *
     * @param count how many rows its only statement said it changed
     */
    LoggedChanges smaller(Map<MVTable, TableChanges> changes, List<LoggedStatement> texts, long count) {
        if (changes.isEmpty()) {
            return LoggedChanges.NONE;
        }
        WriteSetChecksum checksum = new WriteSetChecksum();
        int limit = refuses() ? 0 : StatementsFormat.write(texts, checksum, count).length + CHECKSUM_MAY_ADD;
        byte[] writeSet = WriteSetFormat.writeUpTo(limit, changes, checksum);
        byte[] statements = StatementsFormat.write(texts, checksum, count);
        if (writeSet == null || statements.length < writeSet.length) {
            compared(true);
            return new LoggedChanges(EntryKind.STATEMENT, statements);
        }
        compared(false);
        return new LoggedChanges(
                EntryKind.ROWS,
                count == TransactionOutcome.NOT_KNOWN ? writeSet : WriteSetFormat.withCount(writeSet, count));
    }
}
