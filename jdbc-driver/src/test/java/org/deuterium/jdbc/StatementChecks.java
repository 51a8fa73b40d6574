package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** java.sql.Statement. */
public interface StatementChecks extends CheckedConnection {

    @Test
    default void executeTellsRowsFromCounts() throws SQLException {
        table("CONF_STMT", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        try (Statement statement = connection().createStatement()) {
            assertFalse(statement.execute("INSERT INTO CONF_STMT VALUES (1, 'a'), (2, 'b')"));
            assertEquals(2, statement.getUpdateCount());
            assertNull(statement.getResultSet());
            assertTrue(statement.execute("SELECT * FROM CONF_STMT ORDER BY ID"));
            assertEquals(-1, statement.getUpdateCount());
            assertNotNull(statement.getResultSet());
            assertFalse(statement.getMoreResults());
            assertEquals(-1, statement.getUpdateCount());
            assertNull(statement.getResultSet());
        }
    }

    @Test
    default void updatesCountTheirRows() throws SQLException {
        table("CONF_STMT", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_STMT", 10);
        try (Statement statement = connection().createStatement()) {
            assertEquals(5, statement.executeUpdate("UPDATE CONF_STMT SET NAME = 'x' WHERE ID > 5"));
            assertEquals(0, statement.executeUpdate("DELETE FROM CONF_STMT WHERE ID > 100"));
            assertEquals(3L, statement.executeLargeUpdate("DELETE FROM CONF_STMT WHERE ID <= 3"));
            assertEquals(0, statement.executeUpdate("CREATE INDEX CONF_STMT_I ON CONF_STMT(NAME)"));
        }
        assertEquals(7, count("CONF_STMT"));
    }

    @Test
    default void queriesAndUpdatesAreNotMixedUp() throws SQLException {
        table("CONF_STMT", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_STMT", 1);
        try (Statement statement = connection().createStatement()) {
            assertFails(90002, "90002", () -> statement.executeQuery("DELETE FROM CONF_STMT"));
            assertFails(90001, "90001", () -> statement.executeUpdate("SELECT * FROM CONF_STMT"));
        }
        assertEquals(1, count("CONF_STMT"), "the refused DELETE was not run");
    }

    @Test
    default void maxRowsLimitsAndZeroDoesNot() throws SQLException {
        table("CONF_STMT", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_STMT", 20);
        try (Statement statement = connection().createStatement()) {
            statement.setMaxRows(7);
            assertEquals(7, statement.getMaxRows());
            assertEquals(7, rows(statement));
            statement.setMaxRows(0);
            assertEquals(20, rows(statement));
            statement.setLargeMaxRows(3);
            assertEquals(3, rows(statement));
            assertFails(90008, "90008", () -> statement.setMaxRows(-1));
        }
    }

    private static int rows(Statement statement) throws SQLException {
        int rows = 0;
        try (ResultSet result = statement.executeQuery("SELECT * FROM CONF_STMT")) {
            while (result.next()) {
                rows++;
            }
        }
        return rows;
    }

    @Test
    default void everyFetchSizeGivesTheSameRows() throws SQLException {
        table("CONF_STMT", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_STMT", 250);
        try (Statement statement = connection().createStatement()) {
            for (int size : new int[] {1, 7, 100, 250, 1000, 0}) {
                statement.setFetchSize(size);
                try (ResultSet result = statement.executeQuery("SELECT ID FROM CONF_STMT ORDER BY ID")) {
                    for (int i = 1; i <= 250; i++) {
                        assertTrue(result.next());
                        assertEquals(i, result.getInt(1));
                    }
                    assertFalse(result.next());
                }
            }
            assertFails(90008, "90008", () -> statement.setFetchSize(-1));
        }
    }

    @Test
    default void aResultThatIsNotReadToItsEndDoesNoHarm() throws SQLException {
        table("CONF_STMT", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_STMT", 300);
        try (Statement statement = connection().createStatement()) {
            statement.setFetchSize(10);
            for (int i = 0; i < 30; i++) {
                ResultSet result = statement.executeQuery("SELECT * FROM CONF_STMT");
                result.next();
                if (i % 2 == 0) {
                    result.close();
                }
            }
        }
        assertEquals(300, count("CONF_STMT"));
    }

    @Test
    default void twoResultsAreReadSideBySide() throws SQLException {
        table("CONF_STMT", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_STMT", 50);
        try (Statement one = connection().createStatement();
                Statement two = connection().createStatement()) {
            one.setFetchSize(5);
            two.setFetchSize(7);
            ResultSet up = one.executeQuery("SELECT ID FROM CONF_STMT ORDER BY ID");
            ResultSet down = two.executeQuery("SELECT ID FROM CONF_STMT ORDER BY ID DESC");
            for (int i = 1; i <= 50; i++) {
                assertTrue(up.next() && down.next());
                assertEquals(i, up.getInt(1));
                assertEquals(51 - i, down.getInt(1));
            }
        }
    }

    @Test
    default void aNewExecutionClosesTheOldResult() throws SQLException {
        try (Statement statement = connection().createStatement()) {
            ResultSet old = statement.executeQuery("VALUES 1");
            statement.executeQuery("VALUES 2");
            assertTrue(old.isClosed());
            assertFails(90007, "90007", old::next);
        }
    }

    @Test
    default void generatedKeysInAllThreeForms() throws SQLException {
        table("CONF_KEYS", "ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, NAME VARCHAR(40), N INT DEFAULT 5");
        try (Statement statement = connection().createStatement()) {
            statement.executeUpdate("INSERT INTO CONF_KEYS (NAME) VALUES ('a')", Statement.RETURN_GENERATED_KEYS);
            long first = onlyKey(statement, "ID");
            statement.executeUpdate("INSERT INTO CONF_KEYS (NAME) VALUES ('b')", new String[] {"ID"});
            long second = onlyKey(statement, "ID");
            assertTrue(second > first);
            statement.executeUpdate("INSERT INTO CONF_KEYS (NAME) VALUES ('c')", new int[] {1});
            assertTrue(onlyKey(statement, "ID") > second);
            statement.execute("INSERT INTO CONF_KEYS (NAME) VALUES ('d')", new String[] {"N"});
            assertEquals(5, onlyKey(statement, "N"));
            statement.executeUpdate("INSERT INTO CONF_KEYS (NAME) VALUES ('e')");
            assertFalse(statement.getGeneratedKeys().next(), "none were asked for");
        }
    }

    private static long onlyKey(Statement statement, String column) throws SQLException {
        try (ResultSet keys = statement.getGeneratedKeys()) {
            assertTrue(keys.next());
            long key = keys.getLong(column);
            assertFalse(keys.next());
            return key;
        }
    }

    @Test
    default void batchesOfText() throws SQLException {
        table("CONF_STMT", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        try (Statement statement = connection().createStatement()) {
            statement.addBatch("INSERT INTO CONF_STMT VALUES (1, 'a')");
            statement.addBatch("INSERT INTO CONF_STMT VALUES (2, 'b'), (3, 'c')");
            statement.addBatch("DELETE FROM CONF_STMT WHERE ID = 9");
            assertArrayEquals(new int[] {1, 2, 0}, statement.executeBatch());
            assertArrayEquals(new int[0], statement.executeBatch());
            statement.addBatch("INSERT INTO CONF_STMT VALUES (4, 'd')");
            statement.addBatch("INSERT INTO CONF_STMT VALUES (4, 'again')");
            statement.addBatch("INSERT INTO CONF_STMT VALUES (5, 'e')");
            BatchUpdateException failed = assertThrows(BatchUpdateException.class, statement::executeBatch);
            assertArrayEquals(new int[] {1, Statement.EXECUTE_FAILED, 1}, failed.getUpdateCounts());
            assertEquals(23505, failed.getErrorCode());
            assertEquals("23505", failed.getSQLState());
        }
        assertEquals(5, count("CONF_STMT"));
    }

    @Test
    default void closingTwiceIsOnceAndUseAfterwardsFails() throws SQLException {
        Statement statement = connection().createStatement();
        assertFalse(statement.isClosed());
        assertSame(connection(), statement.getConnection());
        statement.close();
        statement.close();
        assertTrue(statement.isClosed());
        assertFails(90007, "90007", () -> statement.executeQuery("VALUES 1"));
        assertFails(90007, "90007", statement::getMaxRows);

        Connection other = another();
        Statement orphan = other.createStatement();
        ResultSet rows = orphan.executeQuery("VALUES 1");
        other.close();
        other.close();
        assertTrue(other.isClosed());
        assertFails(90007, "90007", other::createStatement);
        assertFails(90007, "90007", () -> orphan.executeQuery("VALUES 1"));
        assertThrows(SQLException.class, rows::next);
        assertFalse(other.isValid(1));
    }

    @Test
    default void closeOnCompletionFollowsTheResult() throws SQLException {
        try (Statement statement = connection().createStatement()) {
            statement.closeOnCompletion();
            assertTrue(statement.isCloseOnCompletion());
            statement.executeQuery("VALUES 1").close();
            assertTrue(statement.isClosed());
        }
    }

    @Test
    default void escapesAreTranslated() throws SQLException {
        try (Statement statement = connection().createStatement()) {
            assertEquals("AB", one(statement, "SELECT {fn UCASE('ab')}"));
            assertEquals("2024-02-03", one(statement, "SELECT {d '2024-02-03'}"));
            assertEquals("10:11:12", one(statement, "SELECT {t '10:11:12'}"));
            assertEquals("2024-02-03 10:11:12", one(statement, "SELECT {ts '2024-02-03 10:11:12'}"));
            assertEquals("3", one(statement, "{call ABS(-3)}"));
            assertEquals("{fn x}", one(statement, "SELECT '{fn x}'"));
            assertEquals("1", one(statement, "SELECT 1 /* {not an escape */"));
            assertSyntaxError(() -> statement.executeQuery("SELECT {fn UCASE('ab')"));
        }
        assertEquals("SELECT     UCASE('ab') ", connection().nativeSQL("SELECT {fn UCASE('ab')}"));
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            assertTrue(result.next());
            return result.getString(1);
        }
    }

    @Test
    default void settingsAreKept() throws SQLException {
        try (Statement statement = connection().createStatement()) {
            statement.setQueryTimeout(5);
            assertEquals(5, statement.getQueryTimeout());
            assertFails(90008, "90008", () -> statement.setQueryTimeout(-1));
            statement.setFetchSize(33);
            assertEquals(33, statement.getFetchSize());
            assertEquals(ResultSet.TYPE_FORWARD_ONLY, statement.getResultSetType());
            assertEquals(ResultSet.CONCUR_READ_ONLY, statement.getResultSetConcurrency());
            assertEquals(ResultSet.FETCH_FORWARD, statement.getFetchDirection());
            assertEquals(ResultSet.HOLD_CURSORS_OVER_COMMIT, statement.getResultSetHoldability());
            assertNull(statement.getWarnings());
            statement.clearWarnings();
            assertTrue(statement.isWrapperFor(Statement.class));
            assertSame(statement, statement.unwrap(Statement.class));
            assertFalse(statement.isWrapperFor(String.class));
            statement.cancel();
        }
        passOrRefuse(() -> connection()
                .createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE)
                .close());
        assertFails(90008, "90008", () -> connection().createStatement(77, ResultSet.CONCUR_READ_ONLY));
    }

    @Test
    default void identifiersAndLiteralsAreQuoted() throws SQLException {
        try (Statement statement = connection().createStatement()) {
            assertEquals("'it''s'", statement.enquoteLiteral("it's"));
            assertEquals("\"a b\"", statement.enquoteIdentifier("a b", false));
        }
    }
}
