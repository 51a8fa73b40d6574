package org.deuterium.benchmarks.tpcc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.deuterium.benchmarks.FailureKind;
import org.deuterium.benchmarks.TargetDatabase;
import org.jspecify.annotations.Nullable;

/**
 * Rows for one part of one table, inserted and committed {@value #ROWS} at a time; close() commits the rest. A batch
 * that the database rolled back is sent again; one whose outcome is unknown only if a count shows that it is not there.
 */
final class RowBatch implements AutoCloseable {

    private static final int ROWS = 500;
    private static final int ATTEMPTS = 60;
    private static final long PAUSE_NANOS = 200_000_000L;

    private final TargetDatabase database;
    private final String insertSql;
    private final String countSql;
    private final LongAdder committed;
    private final List<@Nullable Object[]> pending = new ArrayList<>();
    private long written;
    private @Nullable Connection connection;
    private @Nullable PreparedStatement insert;

    /** @param part the condition that all rows of this batch fulfil, and no others */
    RowBatch(TargetDatabase database, String table, int columns, String part, LongAdder committed) {
        this.database = database;
        this.committed = committed;
        String markers = String.join(", ", Collections.nCopies(columns, "?"));
        this.insertSql = "INSERT INTO " + table + " VALUES (" + markers + ")";
        this.countSql = "SELECT COUNT(*) FROM " + table + (part.isEmpty() ? "" : " WHERE " + part);
    }

    void add(@Nullable Object... row) throws SQLException {
        pending.add(row);
        if (pending.size() == ROWS) {
            flush();
        }
    }

    @Override
    public void close() throws SQLException {
        try {
            flush();
        } finally {
            disconnect();
        }
    }

    private void flush() throws SQLException {
        boolean inDoubt = false;
        for (int attempt = 1; !pending.isEmpty(); attempt++) {
            try {
                if (inDoubt && isThere()) {
                    done();
                    return;
                }
                inDoubt = false;
                Connection open = connected();
                insertAll();
                inDoubt = true;
                open.commit();
                done();
            } catch (SQLException e) {
                FailureKind kind = FailureKind.of(e);
                if (kind == FailureKind.ERROR || attempt == ATTEMPTS) {
                    throw e;
                }
                inDoubt &= kind != FailureKind.RETRY;
                disconnect();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void done() {
        written += pending.size();
        committed.add(pending.size());
        pending.clear();
    }

    /** Whether the pending rows were committed after all: all of them or none. */
    private boolean isThere() throws SQLException {
        try (Statement statement = connected().createStatement();
                ResultSet row = statement.executeQuery(countSql)) {
            long count = row.next() ? row.getLong(1) : 0;
            connected().rollback();
            if (count != written && count != written + pending.size()) {
                throw new IllegalStateException("of a batch of " + pending.size() + " rows " + (count - written)
                        + " were committed: " + countSql);
            }
            return count != written;
        }
    }

    private Connection connected() throws SQLException {
        if (connection == null) {
            connection = database.connect();
            connection.setAutoCommit(false);
            insert = connection.prepareStatement(insertSql);
        }
        return connection;
    }

    private void disconnect() throws SQLException {
        Connection closing = connection;
        connection = null;
        insert = null;
        if (closing != null) {
            closing.close();
        }
    }

    private void insertAll() throws SQLException {
        PreparedStatement statement = insert;
        if (statement == null) {
            throw new IllegalStateException("not connected");
        }
        for (@Nullable Object[] row : pending) {
            for (int i = 0; i < row.length; i++) {
                statement.setObject(i + 1, row[i]);
            }
            statement.addBatch();
        }
        statement.executeBatch();
    }
}
