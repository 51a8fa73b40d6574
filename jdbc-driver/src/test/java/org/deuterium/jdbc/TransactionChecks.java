package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Transactions through java.sql.Connection. */
public interface TransactionChecks extends CheckedConnection {

    @Test
    default void commitKeepsAndRollbackForgets() throws SQLException {
        table("CONF_TX", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        assertTrue(connection().getAutoCommit());
        connection().setAutoCommit(false);
        assertFalse(connection().getAutoCommit());
        run("INSERT INTO CONF_TX VALUES (1, 'a')");
        connection().rollback();
        assertEquals(0, count("CONF_TX"));
        run("INSERT INTO CONF_TX VALUES (2, 'b')");
        assertEquals(1, count("CONF_TX"), "a transaction sees what it wrote");
        connection().commit();
        connection().rollback();
        assertEquals(1, count("CONF_TX"));
        run("INSERT INTO CONF_TX VALUES (3, 'c')");
        connection().setAutoCommit(true);
        assertEquals(2, count("CONF_TX"), "switching autocommit on commits");
        connection().commit();
        connection().rollback();
    }

    @Test
    default void othersSeeOnlyWhatIsCommitted() throws SQLException {
        table("CONF_TX", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        connection().setAutoCommit(false);
        run("INSERT INTO CONF_TX VALUES (1, 'a')");
        try (Connection other = another();
                Statement statement = other.createStatement()) {
            assertEquals(0, one(statement, "SELECT COUNT(*) FROM CONF_TX"));
            connection().commit();
            assertEquals(1, one(statement, "SELECT COUNT(*) FROM CONF_TX"));
        }
    }

    private static int one(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    default void closingRollsBack() throws SQLException {
        table("CONF_TX", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        try (Connection other = another();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("INSERT INTO CONF_TX VALUES (1, 'a')");
        }
        run("INSERT INTO CONF_TX VALUES (1, 'the lock is free')");
        assertEquals(1, count("CONF_TX"));
    }

    @Test
    default void aFailedStatementLeavesTheRestOfTheTransaction() throws SQLException {
        table("CONF_TX", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        connection().setAutoCommit(false);
        run("INSERT INTO CONF_TX VALUES (1, 'a')");
        assertFails(23505, "23505", () -> run("INSERT INTO CONF_TX VALUES (2, 'b'), (1, 'again')"));
        run("INSERT INTO CONF_TX VALUES (3, 'c')");
        connection().commit();
        assertEquals(2, count("CONF_TX"));
    }

    @Test
    default void savepoints() throws SQLException {
        table("CONF_TX", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        connection().setAutoCommit(false);
        run("INSERT INTO CONF_TX VALUES (1, 'a')");
        Savepoint unnamed = connection().setSavepoint();
        run("INSERT INTO CONF_TX VALUES (2, 'b')");
        Savepoint named = connection().setSavepoint("my point");
        run("INSERT INTO CONF_TX VALUES (3, 'c')");
        assertEquals("my point", named.getSavepointName());
        assertFails(90065, "90065", named::getSavepointId);
        assertTrue(unnamed.getSavepointId() >= 0);
        assertFails(90064, "90064", unnamed::getSavepointName);
        connection().rollback(named);
        assertEquals(2, count("CONF_TX"));
        connection().rollback(unnamed);
        assertEquals(1, count("CONF_TX"));
        Savepoint released = connection().setSavepoint("other");
        connection().releaseSavepoint(released);
        assertFails(90063, "90063", () -> connection().rollback(released));
        connection().commit();
        assertEquals(1, count("CONF_TX"));
    }

    @Test
    default void aResultOutlivesTheCommit() throws SQLException {
        table("CONF_TX", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_TX", 60);
        connection().setAutoCommit(false);
        assertEquals(ResultSet.HOLD_CURSORS_OVER_COMMIT, connection().getHoldability());
        try (Statement reading = connection().createStatement()) {
            reading.setFetchSize(10);
            ResultSet rows = reading.executeQuery("SELECT ID FROM CONF_TX ORDER BY ID");
            for (int i = 1; i <= 60; i++) {
                assertTrue(rows.next());
                assertEquals(i, rows.getInt(1));
                if (i % 7 == 0) {
                    run("UPDATE CONF_TX SET NAME = 'seen' WHERE ID = " + i);
                    connection().commit();
                }
            }
            assertFalse(rows.next());
        }
        connection().commit();
    }

    @Test
    default void transactionsByTheirSqlWords() throws SQLException {
        table("CONF_TX", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        run("SET AUTOCOMMIT OFF");
        assertFalse(connection().getAutoCommit());
        run("INSERT INTO CONF_TX VALUES (1, 'a')");
        run("ROLLBACK");
        assertEquals(0, count("CONF_TX"));
        run("INSERT INTO CONF_TX VALUES (2, 'a')");
        run("COMMIT");
        run("SET AUTOCOMMIT TRUE");
        assertTrue(connection().getAutoCommit());
        run("BEGIN");
        run("INSERT INTO CONF_TX VALUES (3, 'a')");
        run("ROLLBACK");
        assertTrue(connection().getAutoCommit());
        assertEquals(1, count("CONF_TX"));
    }

    @Test
    default void aLockedRowTimesOut() throws SQLException {
        table("CONF_TX", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_TX", 1);
        connection().setAutoCommit(false);
        run("UPDATE CONF_TX SET NAME = 'mine' WHERE ID = 1");
        try (Connection other = another();
                Statement statement = other.createStatement()) {
            statement.execute("SET LOCK_TIMEOUT 100");
            assertFails(50200, "HYT00", () -> statement.execute("UPDATE CONF_TX SET NAME = 'yours' WHERE ID = 1"));
            connection().commit();
            assertEquals(1, statement.executeUpdate("UPDATE CONF_TX SET NAME = 'yours' WHERE ID = 1"));
        }
    }

    @Test
    default void isolation() throws SQLException {
        assertEquals(Connection.TRANSACTION_READ_COMMITTED, connection().getTransactionIsolation());
        connection().setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        passOrRefuse(() -> connection().setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
        passOrRefuse(() -> connection().setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ));
    }
}
