package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.function.Executable;

/** What the checks have to work with. */
public interface CheckedConnection {

    Connection connection();

    Connection another() throws SQLException;

    /** Makes a table anew. */
    default void table(String name, String columns) throws SQLException {
        try (Statement statement = connection().createStatement()) {
            statement.execute("DROP TABLE IF EXISTS " + name);
            statement.execute("CREATE TABLE " + name + " (" + columns + ")");
        }
    }

    default void run(String sql) throws SQLException {
        try (Statement statement = connection().createStatement()) {
            statement.execute(sql);
        }
    }

    /** Inserts (id, NAME id) for 1 to count. */
    default void fill(String table, int count) throws SQLException {
        try (PreparedStatement insert =
                connection().prepareStatement("INSERT INTO " + table + " (ID, NAME) VALUES (?, ?)")) {
            for (int i = 1; i <= count; i++) {
                insert.setInt(1, i);
                insert.setString(2, "name " + i);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    default long count(String table) throws SQLException {
        try (Statement statement = connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    default SQLException assertFails(int vendorCode, String sqlState, Executable what) {
        SQLException failure = assertThrows(SQLException.class, what);
        assertEquals(vendorCode, failure.getErrorCode(), failure.toString());
        assertEquals(sqlState, failure.getSQLState(), failure.toString());
        return failure;
    }

    /** Syntax errors have one of two codes, with and without a hint of what was expected. */
    default void assertSyntaxError(Executable what) {
        SQLSyntaxErrorException failure = assertThrows(SQLSyntaxErrorException.class, what);
        assertTrue(Set.of(42000, 42001).contains(failure.getErrorCode()), failure.toString());
        assertEquals(Integer.toString(failure.getErrorCode()), failure.getSQLState());
    }

    /** For what H2 can do and this driver need not: it works, or it is refused as not supported. */
    default void passOrRefuse(Executable what) {
        try {
            what.execute();
        } catch (SQLFeatureNotSupportedException refused) {
            assertTrue(Set.of("0A000", "HYC00").contains(refused.getSQLState()), refused.toString());
        } catch (Throwable other) {
            Assertions.fail("neither done nor refused with 0A000", other);
        }
    }
}
