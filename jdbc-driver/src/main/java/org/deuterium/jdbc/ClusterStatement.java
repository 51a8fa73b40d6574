package org.deuterium.jdbc;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deuterium.wire.Message;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/** A statement of java.sql: sends SQL text as it is (but for JDBC's escapes) and holds the result that came last. */
class ClusterStatement extends StatementSettings {

    private static final RowsPage NO_ROWS = new RowsPage(List.of(), 0, new byte[0], RowsPage.NO_MORE);

    private final ClusterConnection connection;
    private final List<String> batch = new ArrayList<>();
    private @Nullable RowBatchResultSet result;
    private @Nullable RowBatchResultSet generatedKeys;
    private long updateCount = -1;
    private boolean closeOnCompletion;
    private volatile boolean closed;
    private final ExecutionTurn turn = new ExecutionTurn();

    ClusterStatement(ClusterConnection connection, int resultSetType) {
        super(resultSetType, connection.defaultFetchSize());
        this.connection = connection;
    }

    ClusterConnection connection() {
        return connection;
    }

    @Override
    final void checkOpen() throws SQLException {
        if (closed) {
            throw SqlExceptions.closed("statement");
        }
        connection.checkOpen();
    }

    // ---- running

    /** Text cannot be run by a prepared statement. */
    private void checkTextAllowed() throws SQLException {
        if (this instanceof java.sql.PreparedStatement) {
            throw SqlExceptions.h2(
                    SqlExceptions.NOT_FOR_PREPARED,
                    "a prepared statement runs only the text it was prepared with; use createStatement()",
                    null);
        }
        checkOpen();
    }

    private boolean runText(@Nullable String text, KeysWanted keys) throws SQLException {
        checkTextAllowed();
        String sql = translated(text);
        return run(textOrder(sql, StatementKind.of(sql), keys));
    }

    private StatementOrder textOrder(String sql, StatementKind kind, KeysWanted keys) {
        return order(sql, kind, null, ParameterRows.NONE, keys);
    }

    final StatementOrder order(
            String sql,
            StatementKind kind,
            @Nullable RememberedStatement prepared,
            ParameterRows parameters,
            KeysWanted keys) {
        return new StatementOrder(sql, kind, prepared, parameters, fetchSize(), maxRows(), queryTimeoutMillis(), keys);
    }

    /** Runs, and keeps the result; true if it is rows. */
    final boolean run(StatementOrder order) throws SQLException {
        closeResults();
        turn.waits();
        try {
            synchronized (connection.session()) {
                turn.begins();
                return keep(connection.runner().run(order), order); // its rows belong to the link that is there now
            }
        } finally {
            turn.ends();
        }
    }

    private boolean keep(Message answer, StatementOrder order) throws SQLException {
        if (answer instanceof RowsPage page) {
            result = rows(page, order.prepared());
            checkNotClosedMeanwhile();
            return true;
        } else if (answer instanceof UpdateCounts counts) {
            updateCount = counts.counts()[0];
            keepKeys(counts.generatedKeys());
            return false;
        }
        throw SqlExceptions.of(
                org.deuterium.wire.ErrorCode.PROTOCOL_VIOLATION,
                "a statement was answered by a " + answer.getClass().getSimpleName(),
                null);
    }

    private void checkNotClosedMeanwhile() throws SQLException {
        if (closed) {
            closeResults();
            throw SqlExceptions.closed("statement");
        }
    }

    final Message answer(StatementOrder order) throws SQLException {
        turn.waits();
        try {
            synchronized (connection.session()) {
                turn.begins();
                return connection.runner().run(order);
            }
        } finally {
            turn.ends();
        }
    }

    private RowBatchResultSet rows(RowsPage page, @Nullable RememberedStatement prepared) {
        List<ColumnDescription> described = page.columns();
        if (described != null && prepared != null) {
            prepared.columnsChanged(described);
        }
        ColumnLabels labels =
                prepared != null ? prepared.labels() : new ColumnLabels(described == null ? List.of() : described);
        RowSource source = new RowSource(connection.session(), page, labels, scrollable(), fetchSize());
        connection.runner().mayOutliveTransaction(source);
        return new RowBatchResultSet(source, this);
    }

    final void keepKeys(@Nullable RowsPage keys) {
        if (keys != null) {
            generatedKeys = new RowBatchResultSet(RowSource.ofAll(keys), this);
        }
    }

    final void closeResults() {
        updateCount = -1;
        if (result != null) {
            result.closeRows();
            result = null;
        }
        if (generatedKeys != null) {
            generatedKeys.closeRows();
            generatedKeys = null;
        }
    }

    /** The application closed a result by itself. */
    void resultClosed(RowBatchResultSet which) throws SQLException {
        if (closeOnCompletion && which == result) {
            close();
        }
    }

    static void checkGivesRows(boolean rows) throws SQLException {
        if (!rows) {
            throw SqlExceptions.h2(
                    SqlExceptions.ONLY_FOR_QUERY, "this statement gives no rows; use execute or executeUpdate", null);
        }
    }

    static void checkGivesCount(boolean rows) throws SQLException {
        if (rows) {
            throw SqlExceptions.h2(
                    SqlExceptions.NOT_FOR_QUERY, "this statement gives rows; use execute or executeQuery", null);
        }
    }

    final ResultSet resultOf(boolean rows) throws SQLException {
        RowBatchResultSet current = result;
        checkGivesRows(rows && current != null);
        if (current == null) {
            throw SqlExceptions.noData();
        }
        return current;
    }

    @Override
    public ResultSet executeQuery(String text) throws SQLException {
        checkTextAllowed();
        String sql = translated(text);
        StatementKind kind = StatementKind.of(sql);
        checkGivesRows(!kind.surelyNoQuery());
        return resultOf(run(textOrder(sql, kind, KeysWanted.NONE)));
    }

    private long updateText(@Nullable String text, KeysWanted keys) throws SQLException {
        checkTextAllowed();
        String sql = translated(text);
        StatementKind kind = StatementKind.of(sql);
        checkGivesCount(kind.surelyQuery());
        checkGivesCount(run(textOrder(sql, kind, keys)));
        return updateCount;
    }

    static int asInt(long count) {
        return count <= Integer.MAX_VALUE ? (int) count : SUCCESS_NO_INFO;
    }

    static KeysWanted keys(int autoGeneratedKeys) throws SQLException {
        return switch (autoGeneratedKeys) {
            case RETURN_GENERATED_KEYS -> KeysWanted.ALL;
            case NO_GENERATED_KEYS -> KeysWanted.NONE;
            default -> throw SqlExceptions.invalidValue("autoGeneratedKeys", autoGeneratedKeys);
        };
    }

    static KeysWanted keys(int @Nullable [] columnIndexes) {
        return columnIndexes == null || columnIndexes.length == 0
                ? KeysWanted.NONE
                : new KeysWanted(
                        KeysWanted.Kind.INDEXES,
                        Arrays.stream(columnIndexes).mapToObj(Integer::toString).toList());
    }

    static KeysWanted keys(String @Nullable [] columnNames) {
        return columnNames == null || columnNames.length == 0
                ? KeysWanted.NONE
                : new KeysWanted(KeysWanted.Kind.NAMES, List.of(columnNames));
    }

    @Override
    public int executeUpdate(String sql) throws SQLException {
        return asInt(updateText(sql, KeysWanted.NONE));
    }

    @Override
    public int executeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
        return asInt(updateText(sql, keys(autoGeneratedKeys)));
    }

    @Override
    public int executeUpdate(String sql, int[] columnIndexes) throws SQLException {
        return asInt(updateText(sql, keys(columnIndexes)));
    }

    @Override
    public int executeUpdate(String sql, String[] columnNames) throws SQLException {
        return asInt(updateText(sql, keys(columnNames)));
    }

    @Override
    public long executeLargeUpdate(String sql) throws SQLException {
        return updateText(sql, KeysWanted.NONE);
    }

    @Override
    public long executeLargeUpdate(String sql, int autoGeneratedKeys) throws SQLException {
        return updateText(sql, keys(autoGeneratedKeys));
    }

    @Override
    public long executeLargeUpdate(String sql, int[] columnIndexes) throws SQLException {
        return updateText(sql, keys(columnIndexes));
    }

    @Override
    public long executeLargeUpdate(String sql, String[] columnNames) throws SQLException {
        return updateText(sql, keys(columnNames));
    }

    @Override
    public boolean execute(String sql) throws SQLException {
        return runText(sql, KeysWanted.NONE);
    }

    @Override
    public boolean execute(String sql, int autoGeneratedKeys) throws SQLException {
        return runText(sql, keys(autoGeneratedKeys));
    }

    @Override
    public boolean execute(String sql, int[] columnIndexes) throws SQLException {
        return runText(sql, keys(columnIndexes));
    }

    @Override
    public boolean execute(String sql, String[] columnNames) throws SQLException {
        return runText(sql, keys(columnNames));
    }

    // ---- batches

    @Override
    public void addBatch(String sql) throws SQLException {
        checkTextAllowed();
        batch.add(translated(sql));
    }

    @Override
    public void clearBatch() throws SQLException {
        checkOpen();
        batch.clear();
    }

    @Override
    public int[] executeBatch() throws SQLException {
        return Arrays.stream(executeLargeBatch())
                .mapToInt(ClusterStatement::asInt)
                .toArray();
    }

    /** Every statement is run, also after one that failed, as H2 does. */
    @Override
    public long[] executeLargeBatch() throws SQLException {
        checkOpen();
        closeResults();
        long[] counts = new long[batch.size()];
        List<SQLException> failures = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            try {
                counts[i] = updateText(batch.get(i), KeysWanted.NONE);
            } catch (SQLException e) {
                counts[i] = EXECUTE_FAILED;
                failures.add(e);
            }
        }
        batch.clear();
        return countsOf(counts, failures);
    }

    static long[] countsOf(long[] counts, List<SQLException> failures) throws BatchUpdateException {
        if (!failures.isEmpty()) {
            throw SqlExceptions.batch(failures, counts);
        }
        return counts;
    }

    // ---- the result that came last

    @Override
    public @Nullable ResultSet getResultSet() throws SQLException {
        checkOpen();
        return result;
    }

    @Override
    public int getUpdateCount() throws SQLException {
        return asInt(getLargeUpdateCount());
    }

    @Override
    public long getLargeUpdateCount() throws SQLException {
        checkOpen();
        return updateCount;
    }

    @Override
    public boolean getMoreResults() throws SQLException {
        return getMoreResults(CLOSE_CURRENT_RESULT);
    }

    @Override
    public boolean getMoreResults(int current) throws SQLException {
        checkOpen();
        switch (current) {
            case CLOSE_CURRENT_RESULT, CLOSE_ALL_RESULTS -> closeResults();
            case KEEP_CURRENT_RESULT -> {
                result = null;
                updateCount = -1;
            }
            default -> throw SqlExceptions.invalidValue("current", current);
        }
        return false;
    }

    @Override
    public ResultSet getGeneratedKeys() throws SQLException {
        checkOpen();
        RowBatchResultSet keys = generatedKeys;
        if (keys == null) {
            keys = new RowBatchResultSet(RowSource.ofAll(NO_ROWS), this);
            generatedKeys = keys;
        }
        return keys;
    }

    // ---- life

    /** Stops what another thread is running with this statement; nothing happens if there is none. */
    @Override
    public void cancel() throws SQLException {
        checkOpen();
        if (turn.cancel()) {
            connection.session().cancel();
        }
    }

    @Override
    public void closeOnCompletion() throws SQLException {
        checkOpen();
        closeOnCompletion = true;
    }

    @Override
    public boolean isCloseOnCompletion() throws SQLException {
        checkOpen();
        return closeOnCompletion;
    }

    @Override
    public void close() throws SQLException {
        if (!closed) {
            closed = true;
            closeResults();
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public Connection getConnection() throws SQLException {
        checkOpen();
        return connection;
    }
}
