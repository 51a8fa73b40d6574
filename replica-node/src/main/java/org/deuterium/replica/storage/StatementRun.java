package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.values.ColumnDescriptions;
import org.deuterium.values.UntypedEnums;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.api.ErrorCode;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.result.ResultWithGeneratedKeys;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * One statement on its way through H2, set of parameters by set. It remembers how far it came: a set that met a lock
 * or an empty sequence is run again, the sets before it are not.
 */
final class StatementRun {

    private static final int EXECUTE_FAILED = -3;
    private static final int MAX_SETS = 1 << 20;

    /** Leaves room for the counts and failures of a batch. */
    private static final int LARGEST_KEYS = UpdateCounts.LARGEST - (8 << 20);

    /** Leaves room for the descriptions of columns. */
    private static final int LARGEST_PAGE = UpdateCounts.LARGEST - (1 << 20);

    /** Once the messages of a batch's failures, which quote its text, have so many characters, the others are cut. */
    private static final int MOST_FAILURE_CHARS = 1 << 20;

    private static final int CUT_MESSAGE = 200;

    private final ExecuteInBranch statement;
    private final CachedCommand cached;
    private final WireReader parameters;
    private final Object keys;
    private final long[] counts;
    private final List<Failure> failures = new ArrayList<>(0);
    private @Nullable List<ColumnDescription> keyColumns;
    private @Nullable WireWriter keyRows;
    private int keyRowCount;
    private int nextSet;
    private long failureChars;
    private Value[] current = Value.EMPTY_VALUES;
    private boolean currentRead;
    private boolean waiting;

    /** Where the transaction was before the query; null if that changes and locks nothing. */
    private SessionLocal.@Nullable Savepoint beforeQuery;

    /** The session that has taken what the query is to show; null if it takes it when it runs. */
    private @Nullable SessionLocal started;

    StatementRun(ExecuteInBranch statement, CachedCommand cached) {
        this.statement = statement;
        this.cached = cached;
        ParameterRows rows = statement.parameters();
        if (rows.sets() < 1 || rows.sets() > MAX_SETS) {
            throw new MalformedMessageException(
                    "a batch of " + rows.sets() + " sets of parameters; 1 to " + MAX_SETS + " go at once");
        }
        this.parameters = new WireReader(rows.values());
        this.keys = keysOf(statement.keys());
        this.counts = new long[rows.sets()];
    }

    private static Object keysOf(KeysWanted wanted) {
        return switch (wanted.kind()) {
            case NONE -> Boolean.FALSE;
            case ALL -> Boolean.TRUE;
            case NAMES -> wanted.columns().toArray(new String[0]);
            case INDEXES ->
                wanted.columns().stream().mapToInt(Integer::parseInt).toArray();
        };
    }

    ExecuteInBranch statement() {
        return statement;
    }

    CachedCommand cached() {
        return cached;
    }

    /** True if its last attempt met a lock or an empty sequence: then H2 may have chosen it as a deadlock's victim. */
    boolean isWaiting() {
        return waiting;
    }

    void waits(boolean now) {
        waiting = now;
    }

    boolean isBatch() {
        return statement.parameters().sets() > 1;
    }

    boolean hasMoreSets() {
        return nextSet < counts.length;
    }

    /** Binds the next set of parameters; the same one again if it was not finished. */
    void bind() {
        if (!currentRead) {
            current = new Value[statement.parameters().perSet()];
            for (int i = 0; i < current.length; i++) {
                current[i] = UntypedEnums.asLabels(ValueCodec.read(parameters));
            }
            currentRead = true;
        }
        List<? extends ParameterInterface> wanted = cached.command().getParameters();
        if (current.length > wanted.size()) {
            throw DbException.getInvalidValueException("parameterIndex", wanted.size() + 1);
        }
        if (current.length < wanted.size()) {
            throw DbException.get(ErrorCode.PARAMETER_NOT_SET_1, "#" + (current.length + 1));
        }
        for (int i = 0; i < current.length; i++) {
            wanted.get(i).setValue(current[i], false);
        }
    }

    /** A query takes what it is to show; {@link #query} runs it later, on this session. */
    void startAtCut(SessionLocal session) {
        session.lock();
        try {
            session.startStatementWithinTransaction(cached.command());
            cached.tables().completeSnapshot();
            started = session;
        } finally {
            session.unlock();
        }
    }

    /** As H2's Command.executeQuery, but for what was done at the cut. */
    private ResultInterface queryStarted(SessionLocal session) {
        started = null;
        session.lock();
        try {
            Session before = session.setThreadLocalSession();
            try {
                return cached.command().query(statement.maxRows());
            } catch (DbException e) {
                throw e.addSQL(statement.sql());
            } finally {
                session.resetThreadLocalSession(before);
                session.endStatement();
            }
        } finally {
            session.unlock();
        }
    }

    ResultInterface query(SessionLocal own) {
        beforeQuery = cached.readOnly() ? null : own.setSavepoint();
        if (started == null && cached.readOnly() && !cached.tables().hasKnownSnapshot()) {
            startAtCut(own);
        }
        SessionLocal session = started;
        if (session != null) {
            return queryStarted(session);
        }
        return cached.command().executeQuery(statement.maxRows(), statement.fetchSize(), false);
    }

    /**
     * Looks whether a message can hold the first page of what the query gave.
     *
     * @throws AnswerTooLargeException if not; what the query changed or locked (FINAL TABLE, FOR UPDATE) is undone
     */
    void refuseTooLarge(SessionLocal session, RowsPage page) {
        if (page.rows().length <= LARGEST_PAGE) {
            return;
        }
        SessionLocal.Savepoint before = beforeQuery;
        if (before != null) {
            PooledSession.with(session, undoing -> undoing.rollbackTo(before));
        }
        throw new AnswerTooLargeException(Failure.of(
                org.deuterium.wire.ErrorCode.MESSAGE_TOO_LARGE,
                "A row takes " + page.rows().length / page.rowCount() + " bytes or more, and an answer holds "
                        + LARGEST_PAGE + "; the statement was not done: ask for fewer of its columns, or for parts of"
                        + " the value (SUBSTRING)"));
    }

    /**
     * Runs the bound set; {@link #finish} counts it.
     *
     * @throws AnswerTooLargeException if the keys of all sets so far fit into no message; the set is undone
     */
    long update(SessionLocal session) {
        if (keys == Boolean.FALSE) {
            return cached.command().executeUpdate(keys).getUpdateCount();
        }
        SessionLocal.Savepoint before = session.setSavepoint();
        ResultWithGeneratedKeys result = cached.command().executeUpdate(keys);
        try {
            takeKeys(result.getGeneratedKeys());
        } catch (AnswerTooLargeException e) {
            PooledSession.with(session, undoing -> undoing.rollbackTo(before));
            throw e;
        }
        return result.getUpdateCount();
    }

    /** The bound set is done. */
    void finish(long count) {
        finishSet(count);
    }

    /** The values the current set is bound to. */
    Value[] values() {
        return current;
    }

    private void takeKeys(@Nullable ResultInterface result) {
        if (result == null) {
            return;
        }
        WireWriter rows = keyRows;
        if (rows == null) {
            keyRows = rows = new WireWriter();
            keyColumns = ColumnDescriptions.of(result);
        }
        int place = rows.size();
        int count = keyRowCount;
        try {
            while (result.next()) {
                RowPages.writeRow(result, rows);
                keyRowCount++;
                if (rows.size() > LARGEST_KEYS) {
                    int bytes = rows.size();
                    rows.cutTo(place);
                    keyRowCount = count;
                    throw new AnswerTooLargeException(UpdateCounts.tooLarge(bytes));
                }
            }
        } finally {
            result.close();
        }
    }

    /** What a statement gives fits into no answer, so that it is undone. */
    static final class AnswerTooLargeException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Failure failure;

        AnswerTooLargeException(Failure failure) {
            super(failure.message(), null, false, false);
            this.failure = failure;
        }

        Failure failure() {
            return failure;
        }
    }

    void failSet(Failure failure) {
        String message = failure.message();
        if (failureChars > MOST_FAILURE_CHARS && message.length() > CUT_MESSAGE) {
            message = message.substring(0, CUT_MESSAGE) + " ...";
        }
        failureChars += message.length();
        failures.add(new Failure(
                failure.error(), failure.sqlState(), failure.vendorCode(), message, failure.transactionEnded()));
        finishSet(EXECUTE_FAILED);
    }

    private void finishSet(long count) {
        counts[nextSet++] = count;
        currentRead = false;
    }

    UpdateCounts updateCounts() {
        WireWriter rows = keyRows;
        RowsPage generated =
                rows == null ? null : new RowsPage(keyColumns, keyRowCount, rows.toByteArray(), RowsPage.NO_MORE);
        return new UpdateCounts(counts, failures, generated);
    }
}
