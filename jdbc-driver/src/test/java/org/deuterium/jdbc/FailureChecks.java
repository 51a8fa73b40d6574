package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** The same failure has the same class, SQLState and vendor code, and the connection lives on. */
public interface FailureChecks extends CheckedConnection {

    private void fails(String sql, int vendorCode, String state, Class<? extends SQLException> type) {
        SQLException failure = assertFails(vendorCode, state, () -> run(sql));
        assertInstanceOf(type, failure);
        assertTrue(failure.getMessage() != null && !failure.getMessage().isBlank());
    }

    @Test
    default void statementsThatCannotBeUnderstood() throws SQLException {
        table("CONF_FAIL", "ID INT PRIMARY KEY, NAME VARCHAR(5) NOT NULL, AGE INT CHECK (AGE > 0)");
        assertSyntaxError(() -> run("SELECT * FRM CONF_FAIL"));
        fails("SELECT NOPE FROM CONF_FAIL", 42122, "42S22", SQLSyntaxErrorException.class);
        fails("CREATE TABLE CONF_FAIL (ID INT)", 42101, "42S01", SQLSyntaxErrorException.class);
        fails("INSERT INTO CONF_FAIL VALUES (1)", 21002, "21S02", SQLSyntaxErrorException.class);
        fails("SELECT NO_SUCH_FUNCTION(1)", 90022, "90022", SQLSyntaxErrorException.class);
        fails("DROP SEQUENCE CONF_NO_SUCH_SEQUENCE", 90036, "90036", SQLSyntaxErrorException.class);
        assertEquals(0, count("CONF_FAIL"));
    }

    @Test
    default void dataThatIsNotAllowed() throws SQLException {
        table("CONF_FAIL", "ID INT PRIMARY KEY, NAME VARCHAR(5) NOT NULL, AGE INT CHECK (AGE > 0)");
        run("INSERT INTO CONF_FAIL VALUES (1, 'a', 1)");
        fails(
                "INSERT INTO CONF_FAIL VALUES (1, 'b', 1)",
                23505,
                "23505",
                SQLIntegrityConstraintViolationException.class);
        fails(
                "INSERT INTO CONF_FAIL VALUES (2, NULL, 1)",
                23502,
                "23502",
                SQLIntegrityConstraintViolationException.class);
        fails(
                "INSERT INTO CONF_FAIL VALUES (3, 'c', 0)",
                23513,
                "23513",
                SQLIntegrityConstraintViolationException.class);
        fails("INSERT INTO CONF_FAIL VALUES (4, 'too long', 1)", 22001, "22001", SQLDataException.class);
        fails("INSERT INTO CONF_FAIL VALUES ('x', 'd', 1)", 22018, "22018", SQLDataException.class);
        fails("SELECT 1 / (AGE - 1) FROM CONF_FAIL", 22012, "22012", SQLDataException.class);
        fails("SELECT CAST(3000000000 AS INT)", 22003, "22003", SQLDataException.class);
        assertEquals(1, count("CONF_FAIL"));
    }

    @Test
    default void foreignKeys() throws SQLException {
        run("DROP TABLE IF EXISTS CONF_CHILD");
        table("CONF_FAIL", "ID INT PRIMARY KEY, NAME VARCHAR(5)");
        table("CONF_CHILD", "ID INT PRIMARY KEY, PARENT INT REFERENCES CONF_FAIL(ID)");
        run("INSERT INTO CONF_FAIL VALUES (1, 'a')");
        run("INSERT INTO CONF_CHILD VALUES (1, 1)");
        fails("INSERT INTO CONF_CHILD VALUES (2, 9)", 23506, "23506", SQLIntegrityConstraintViolationException.class);
        fails("DELETE FROM CONF_FAIL", 23503, "23503", SQLIntegrityConstraintViolationException.class);
        run("DROP TABLE CONF_CHILD");
    }

    @Test
    default void preparedFailuresAreTheSame() throws SQLException {
        table("CONF_FAIL", "ID INT PRIMARY KEY, NAME VARCHAR(5)");
        try (PreparedStatement insert = connection().prepareStatement("INSERT INTO CONF_FAIL VALUES (?, ?)")) {
            insert.setInt(1, 1);
            insert.setString(2, "much too long");
            assertInstanceOf(SQLDataException.class, assertFails(22001, "22001", insert::executeUpdate));
            insert.setString(2, "ok");
            insert.executeUpdate();
            assertFails(23505, "23505", insert::executeUpdate);
            insert.setInt(1, 2);
            assertEquals(1, insert.executeUpdate());
        }
    }

    @Test
    default void aStatementThatTakesTooLongIsStopped() throws SQLException {
        passOrRefuse(() -> {
            try (Statement statement = connection().createStatement()) {
                statement.setQueryTimeout(1);
                SQLException failure = assertFails(
                        57014,
                        "57014",
                        () -> statement.executeQuery("SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000) A, "
                                + "SYSTEM_RANGE(1, 1000000) B WHERE MOD(A.X * B.X, 7) = 8"));
                assertInstanceOf(SQLTimeoutException.class, failure);
                statement.setQueryTimeout(0);
                assertTrue(statement.executeQuery("VALUES 1").next());
            }
        });
    }
}
