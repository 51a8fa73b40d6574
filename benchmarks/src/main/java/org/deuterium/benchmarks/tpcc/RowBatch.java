package org.deuterium.benchmarks.tpcc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.deuterium.benchmarks.FailureKind;
import org.jspecify.annotations.Nullable;

/**
 * Rows for one table, inserted and committed {@value #ROWS} at a time; close() commits the rest. A batch that the
 * database rolled back is sent again.
 */
final class RowBatch implements AutoCloseable {

    private static final int ROWS = 500;
    private static final int ATTEMPTS = 20;

    private final Connection connection;
    private final PreparedStatement insert;
    private final LongAdder committed;
    private final List<@Nullable Object[]> pending = new ArrayList<>();

    RowBatch(Connection connection, String table, int columns, LongAdder committed) throws SQLException {
        this.connection = connection;
        this.committed = committed;
        String markers = String.join(", ", Collections.nCopies(columns, "?"));
        this.insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (" + markers + ")");
    }

    void add(@Nullable Object... row) throws SQLException {
        pending.add(row);
        if (pending.size() == ROWS) {
            flush();
        }
    }

    @Override
    public void close() throws SQLException {
        flush();
        insert.close();
    }

    private void flush() throws SQLException {
        for (int attempt = 1; !pending.isEmpty(); attempt++) {
            try {
                insertAll();
                connection.commit();
                committed.add(pending.size());
                pending.clear();
            } catch (SQLException e) {
                if (FailureKind.of(e) != FailureKind.RETRY || attempt == ATTEMPTS) {
                    throw e;
                }
                insert.clearBatch();
                connection.rollback();
            }
        }
    }

    private void insertAll() throws SQLException {
        for (@Nullable Object[] row : pending) {
            for (int i = 0; i < row.length; i++) {
                insert.setObject(i + 1, row[i]);
            }
            insert.addBatch();
        }
        insert.executeBatch();
    }
}
