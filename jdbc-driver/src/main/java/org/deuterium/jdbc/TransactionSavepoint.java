package org.deuterium.jdbc;

import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/** A place in the open transaction to roll back to; the server knows it by its SQL name. */
final class TransactionSavepoint implements Savepoint {

    private final ClusterConnection connection;
    private final int number;
    private final @Nullable String name;
    private boolean released;

    TransactionSavepoint(ClusterConnection connection, int number, @Nullable String name) {
        this.connection = connection;
        this.number = number;
        this.name = name;
    }

    void set() throws SQLException {
        connection.runText("SAVEPOINT " + sqlName());
    }

    void rollBackTo() throws SQLException {
        checkValid();
        connection.runText("ROLLBACK TO SAVEPOINT " + sqlName());
    }

    void release() throws SQLException {
        checkValid();
        connection.runText("RELEASE SAVEPOINT " + sqlName());
        released = true;
    }

    private void checkValid() throws SQLException {
        if (released) {
            throw SqlExceptions.h2(
                    SqlExceptions.SAVEPOINT_INVALID, "savepoint " + sqlName() + " has been released", null);
        }
    }

    boolean isOf(ClusterConnection other) {
        return connection == other;
    }

    private String sqlName() {
        return name == null ? "SYSTEM_SAVEPOINT_" + number : '"' + name.replace("\"", "\"\"") + '"';
    }

    @Override
    public int getSavepointId() throws SQLException {
        checkValid();
        if (name != null) {
            throw SqlExceptions.h2(SqlExceptions.SAVEPOINT_NAMED, "savepoint " + name + " has a name, no number", null);
        }
        return number;
    }

    @Override
    public String getSavepointName() throws SQLException {
        checkValid();
        if (name == null) {
            throw SqlExceptions.h2(
                    SqlExceptions.SAVEPOINT_UNNAMED, "savepoint " + number + " has a number, no name", null);
        }
        return name;
    }
}
