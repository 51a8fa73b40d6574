package org.deuterium.benchmarks.tpcc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.deuterium.benchmarks.TargetDatabase;
import org.jspecify.annotations.Nullable;

/** A connection without autocommit that prepares each SQL text once. */
final class TerminalConnection implements AutoCloseable {

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    TerminalConnection(TargetDatabase database) throws SQLException {
        connection = database.connect();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    }

    PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    ResultSet query(String sql, @Nullable Object... parameters) throws SQLException {
        return bind(sql, parameters).executeQuery();
    }

    int update(String sql, @Nullable Object... parameters) throws SQLException {
        return bind(sql, parameters).executeUpdate();
    }

    /** The row that must be there; the caller closes the result. */
    ResultSet queryRow(String sql, @Nullable Object... parameters) throws SQLException {
        ResultSet rows = query(sql, parameters);
        if (!rows.next()) {
            rows.close();
            throw new SQLException(
                    "a row that the loader made is missing: " + sql + " " + java.util.Arrays.toString(parameters));
        }
        return rows;
    }

    boolean exists(String sql, @Nullable Object... parameters) throws SQLException {
        try (ResultSet rows = query(sql, parameters)) {
            return rows.next();
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    void rollback() throws SQLException {
        connection.rollback();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private PreparedStatement bind(String sql, @Nullable Object... parameters) throws SQLException {
        PreparedStatement statement = prepare(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }
}
