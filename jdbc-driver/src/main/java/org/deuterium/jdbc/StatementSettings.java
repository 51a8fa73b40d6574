package org.deuterium.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** What can be set on a statement before it runs. */
abstract class StatementSettings implements Statement {

    private final int resultSetType;
    private final int defaultFetchSize;
    private long maxRows;
    private int fetchSize;
    private int queryTimeoutSeconds;
    private boolean escapeProcessing = true;
    private boolean poolable;

    StatementSettings(int resultSetType, int defaultFetchSize) {
        this.resultSetType = resultSetType;
        this.defaultFetchSize = defaultFetchSize;
        this.fetchSize = defaultFetchSize;
        this.poolable = this instanceof PreparedStatement;
    }

    abstract void checkOpen() throws SQLException;

    final boolean scrollable() {
        return resultSetType != ResultSet.TYPE_FORWARD_ONLY;
    }

    final long maxRows() {
        return maxRows;
    }

    final int fetchSize() {
        return fetchSize;
    }

    final int queryTimeoutMillis() {
        return (int) Math.min(queryTimeoutSeconds * 1000L, Integer.MAX_VALUE);
    }

    final String translated(@Nullable String sql) throws SQLException {
        if (sql == null) {
            throw SqlExceptions.invalidValue("SQL", null);
        }
        return escapeProcessing ? EscapeSyntax.translate(sql) : sql;
    }

    @Override
    public int getMaxRows() throws SQLException {
        long rows = getLargeMaxRows();
        return rows <= Integer.MAX_VALUE ? (int) rows : 0;
    }

    @Override
    public long getLargeMaxRows() throws SQLException {
        checkOpen();
        return maxRows;
    }

    @Override
    public void setMaxRows(int rows) throws SQLException {
        setLargeMaxRows(rows);
    }

    @Override
    public void setLargeMaxRows(long rows) throws SQLException {
        checkOpen();
        if (rows < 0) {
            throw SqlExceptions.invalidValue("maxRows", rows);
        }
        maxRows = rows;
    }

    @Override
    public void setFetchSize(int rows) throws SQLException {
        checkOpen();
        if (rows < 0 || (rows > 0 && maxRows > 0 && rows > maxRows)) {
            throw SqlExceptions.invalidValue("rows", rows);
        }
        fetchSize = rows == 0 ? defaultFetchSize : rows;
    }

    @Override
    public int getFetchSize() throws SQLException {
        checkOpen();
        return fetchSize;
    }

    @Override
    public void setQueryTimeout(int seconds) throws SQLException {
        checkOpen();
        if (seconds < 0) {
            throw SqlExceptions.invalidValue("seconds", seconds);
        }
        queryTimeoutSeconds = seconds;
    }

    @Override
    public int getQueryTimeout() throws SQLException {
        checkOpen();
        return queryTimeoutSeconds;
    }

    @Override
    public void setEscapeProcessing(boolean enable) throws SQLException {
        checkOpen();
        escapeProcessing = enable;
    }

    /** Has no effect, as in H2: values are never cut. */
    @Override
    public void setMaxFieldSize(int max) throws SQLException {
        checkOpen();
    }

    @Override
    public int getMaxFieldSize() throws SQLException {
        checkOpen();
        return 0;
    }

    /** Has no effect, as in H2: there are no positioned updates. */
    @Override
    public void setCursorName(String name) throws SQLException {
        checkOpen();
    }

    @Override
    public void setFetchDirection(int direction) throws SQLException {
        checkOpen();
    }

    @Override
    public int getFetchDirection() throws SQLException {
        checkOpen();
        return ResultSet.FETCH_FORWARD;
    }

    @Override
    public int getResultSetConcurrency() throws SQLException {
        checkOpen();
        return ResultSet.CONCUR_READ_ONLY;
    }

    @Override
    public int getResultSetType() throws SQLException {
        checkOpen();
        return resultSetType;
    }

    @Override
    public int getResultSetHoldability() throws SQLException {
        checkOpen();
        return ResultSet.HOLD_CURSORS_OVER_COMMIT;
    }

    @Override
    public void setPoolable(boolean value) throws SQLException {
        checkOpen();
        poolable = value;
    }

    @Override
    public boolean isPoolable() throws SQLException {
        checkOpen();
        return poolable;
    }

    @Override
    public @Nullable SQLWarning getWarnings() throws SQLException {
        checkOpen();
        return null;
    }

    @Override
    public void clearWarnings() throws SQLException {
        checkOpen();
    }

    @Override
    public <T> T unwrap(Class<T> wanted) throws SQLException {
        return Wrappers.unwrap(this, wanted);
    }

    @Override
    public boolean isWrapperFor(@Nullable Class<?> wanted) {
        return wanted != null && wanted.isInstance(this);
    }
}
