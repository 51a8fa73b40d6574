package org.deuterium.system;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** The isolation levels that a client may ask for. */
enum TransactionLevel {
    READ_COMMITTED(Connection.TRANSACTION_READ_COMMITTED),
    REPEATABLE_READ(Connection.TRANSACTION_REPEATABLE_READ),
    /** H2's number for a level that java.sql.Connection does not know. */
    SNAPSHOT(6),
    SERIALIZABLE(Connection.TRANSACTION_SERIALIZABLE);

    private final int jdbc;

    TransactionLevel(int jdbc) {
        this.jdbc = jdbc;
    }

    void set(Connection connection) throws SQLException {
        connection.setTransactionIsolation(jdbc);
    }

    /** Whether the cluster takes it; if not, the reason is printed. */
    boolean isSupported(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url)) {
            set(connection);
            return true;
        } catch (SQLException e) {
            if (!"0A000".equals(e.getSQLState())) {
                throw e;
            }
            System.out.println("skipped, " + this + " is not supported: " + e.getMessage());
            return false;
        }
    }
}
