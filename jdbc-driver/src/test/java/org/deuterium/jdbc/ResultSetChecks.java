package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import org.junit.jupiter.api.Test;

/** java.sql.ResultSet: where it stands, what its columns are called, and how values change their type. */
public interface ResultSetChecks extends CheckedConnection {

    @Test
    default void forwardOnlyKnowsWhereItIs() throws SQLException {
        table("CONF_ROWS", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_ROWS", 3);
        try (Statement statement = connection().createStatement()) {
            ResultSet rows = statement.executeQuery("SELECT * FROM CONF_ROWS ORDER BY ID");
            assertEquals(ResultSet.TYPE_FORWARD_ONLY, rows.getType());
            assertSame(statement, rows.getStatement());
            assertTrue(rows.isBeforeFirst());
            assertEquals(0, rows.getRow());
            assertFails(2000, "02000", () -> rows.getInt(1));
            assertTrue(rows.next());
            assertTrue(rows.isFirst());
            assertFalse(rows.isLast());
            assertEquals(1, rows.getRow());
            assertTrue(rows.next());
            assertTrue(rows.next());
            assertTrue(rows.isLast());
            assertEquals(3, rows.getRow());
            assertFalse(rows.next());
            assertFalse(rows.next());
            assertFails(2000, "02000", () -> rows.getInt(1));
            rows.close();
            rows.close();
            assertFails(90007, "90007", rows::next);
            assertFails(90007, "90007", rows::getMetaData);

            ResultSet again = statement.executeQuery("SELECT * FROM CONF_ROWS ORDER BY ID");
            again.next();
            again.next();
            assertFails(90128, "90128", again::previous);
            assertFails(90128, "90128", again::beforeFirst);
            assertFails(90128, "90128", again::first);
            ResultSet none = statement.executeQuery("SELECT * FROM CONF_ROWS WHERE ID > 9");
            assertFalse(none.isBeforeFirst());
            assertFalse(none.next());
            assertFalse(none.isAfterLast());
        }
    }

    @Test
    default void scrollingGoesAnywhere() throws SQLException {
        table("CONF_ROWS", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_ROWS", 25);
        try (Statement statement =
                connection().createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)) {
            statement.setFetchSize(4);
            ResultSet rows = statement.executeQuery("SELECT ID FROM CONF_ROWS ORDER BY ID");
            assertEquals(ResultSet.TYPE_SCROLL_INSENSITIVE, rows.getType());
            assertTrue(rows.last());
            assertEquals(25, rows.getInt(1));
            assertEquals(25, rows.getRow());
            assertTrue(rows.isLast());
            assertTrue(rows.first());
            assertEquals(1, rows.getInt(1));
            assertTrue(rows.absolute(13));
            assertEquals(13, rows.getInt(1));
            assertTrue(rows.absolute(-2));
            assertEquals(24, rows.getInt(1));
            assertTrue(rows.relative(-4));
            assertEquals(20, rows.getInt(1));
            assertTrue(rows.previous());
            assertEquals(19, rows.getInt(1));
            assertTrue(rows.relative(3));
            assertEquals(22, rows.getInt(1));
            assertFalse(rows.absolute(26));
            assertTrue(rows.isAfterLast());
            assertEquals(0, rows.getRow());
            assertTrue(rows.previous());
            assertEquals(25, rows.getInt(1));
            rows.beforeFirst();
            assertTrue(rows.isBeforeFirst());
            assertTrue(rows.next());
            assertEquals(1, rows.getInt(1));
            rows.afterLast();
            assertTrue(rows.isAfterLast());
            assertFalse(rows.absolute(0));
            for (int i = 1; i <= 25; i++) {
                assertTrue(rows.next());
                assertEquals(i, rows.getInt(1));
            }
        }
    }

    @Test
    default void columnsAreFoundByLabelThenByNameInAnyCase() throws SQLException {
        table("CONF_ROWS", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_ROWS", 1);
        try (Statement statement = connection().createStatement()) {
            ResultSet rows =
                    statement.executeQuery("SELECT ID AS KEY1, NAME, 'x' AS \"Quoted\", ID AS NAME FROM CONF_ROWS");
            assertTrue(rows.next());
            assertEquals(1, rows.findColumn("key1"));
            assertEquals(1, rows.findColumn("ID"));
            assertEquals(2, rows.findColumn("name"));
            assertEquals(3, rows.findColumn("quoted"));
            assertEquals("name 1", rows.getString("Name"));
            assertEquals(2, rows.findColumn("conf_rows.name"));
            assertFails(42122, "42S22", () -> rows.findColumn("NOPE"));
            assertFails(42122, "42S22", () -> rows.getString("NOPE"));
            assertFails(90008, "90008", () -> rows.getString(0));
            assertFails(90008, "90008", () -> rows.getString(5));
            assertFails(90008, "90008", () -> rows.findColumn(null));
        }
    }

    @Test
    default void nullIsTold() throws SQLException {
        try (Statement statement = connection().createStatement()) {
            ResultSet rows = statement.executeQuery("SELECT CAST(NULL AS INT) A, 5 B, CAST(NULL AS VARCHAR) C");
            rows.next();
            assertEquals(0, rows.getInt("A"));
            assertTrue(rows.wasNull());
            assertEquals(5, rows.getInt("B"));
            assertFalse(rows.wasNull());
            assertNull(rows.getString("C"));
            assertTrue(rows.wasNull());
            assertFalse(rows.getBoolean(1));
            assertNull(rows.getObject(1));
            assertNull(rows.getObject(1, Integer.class));
            assertNull(rows.getBigDecimal(1));
            assertNull(rows.getTimestamp(1));
            assertNull(rows.getBytes(3));
            assertNull(rows.getClob(3));
            assertNull(rows.getArray(3));
        }
    }

    @Test
    default void numbersChangeTheirTypeByH2sRules() throws SQLException {
        try (Statement statement = connection().createStatement()) {
            ResultSet rows = statement.executeQuery("SELECT 300 A, 2.5 B, CAST(3000000000 AS BIGINT) C, TRUE D, "
                    + "CAST(2.7 AS DOUBLE PRECISION) E, ' 42 ' F, 'yes' G, 'abc' H, CAST(1.5 AS REAL) I, "
                    + "CAST(7 AS TINYINT) J, CAST(-8 AS SMALLINT) K, CAST(1.25 AS DECFLOAT) L");
            rows.next();
            assertFails(22003, "22003", () -> rows.getByte("A"));
            assertEquals(300, rows.getShort("A"));
            assertEquals(300L, rows.getLong("A"));
            assertEquals("300", rows.getString("A"));
            assertEquals(new BigDecimal(300), rows.getBigDecimal("A"));
            assertTrue(rows.getBoolean("A"));
            assertEquals(3, rows.getInt("B"));
            assertEquals(2.5, rows.getDouble("B"));
            assertFails(22003, "22003", () -> rows.getInt("C"));
            assertEquals(1, rows.getInt("D"));
            assertEquals("TRUE", rows.getString("D"));
            assertEquals(3, rows.getInt("E"));
            assertEquals("2.7", rows.getString("E"));
            assertEquals(42, rows.getInt("F"));
            assertEquals(42L, rows.getLong("F"));
            assertTrue(rows.getBoolean("G"));
            assertFails(22018, "22018", () -> rows.getInt("H"));
            assertFails(22018, "22018", () -> rows.getBoolean("H"));
            assertFails(22018, "22018", () -> rows.getDouble("H"));
            assertFails(22018, "22018", () -> rows.getBigDecimal("H"));
            assertFails(22007, "22007", () -> rows.getDate("H"));
            assertEquals(1.5f, rows.getFloat("I"));
            assertEquals(2, rows.getInt("I"));
            assertEquals(Integer.valueOf(7), rows.getObject("J"));
            assertEquals(Integer.valueOf(-8), rows.getObject("K"));
            assertEquals((byte) 7, rows.getByte("J"));
            assertEquals(new BigDecimal("1.25"), rows.getObject("L"));
            assertEquals(Byte.valueOf((byte) 7), rows.getObject("J", Byte.class));
            assertEquals(Long.valueOf(300), rows.getObject("A", Long.class));
            assertEquals("300", rows.getObject("A", String.class));
        }
    }

    @Test
    default void describedColumns() throws SQLException {
        table(
                "CONF_ROWS",
                "ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, NAME VARCHAR(40) NOT NULL, "
                        + "PRICE NUMERIC(10, 2), AT TIMESTAMP(3)");
        try (Statement statement = connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT ID, NAME N, PRICE, AT, ID + 1 FROM CONF_ROWS")) {
            ResultSetMetaData columns = rows.getMetaData();
            assertEquals(5, columns.getColumnCount());
            assertEquals("ID", columns.getColumnName(1));
            assertTrue(columns.isAutoIncrement(1));
            assertEquals(Types.BIGINT, columns.getColumnType(1));
            assertEquals("BIGINT", columns.getColumnTypeName(1));
            assertEquals(Long.class.getName(), columns.getColumnClassName(1));
            assertEquals("N", columns.getColumnLabel(2));
            assertEquals("NAME", columns.getColumnName(2));
            assertEquals("CONF_ROWS", columns.getTableName(2));
            assertEquals("PUBLIC", columns.getSchemaName(2));
            assertEquals(ResultSetMetaData.columnNoNulls, columns.isNullable(2));
            assertEquals(ResultSetMetaData.columnNullable, columns.isNullable(3));
            assertEquals(40, columns.getPrecision(2));
            assertEquals(40, columns.getColumnDisplaySize(2));
            assertEquals("CHARACTER VARYING", columns.getColumnTypeName(2));
            assertEquals(10, columns.getPrecision(3));
            assertEquals(2, columns.getScale(3));
            assertTrue(columns.isSigned(3));
            assertFalse(columns.isSigned(2));
            assertEquals(Types.TIMESTAMP, columns.getColumnType(4));
            assertEquals(java.sql.Timestamp.class.getName(), columns.getColumnClassName(4));
            assertEquals("", columns.getTableName(5));
            assertFails(90008, "90008", () -> columns.getColumnName(6));
        }
    }

    @Test
    default void changingThroughAResultIsRefused() throws SQLException {
        table("CONF_ROWS", "ID INT PRIMARY KEY, NAME VARCHAR(40)");
        fill("CONF_ROWS", 1);
        try (Statement statement = connection().createStatement()) {
            ResultSet rows = statement.executeQuery("SELECT * FROM CONF_ROWS");
            rows.next();
            assertEquals(ResultSet.CONCUR_READ_ONLY, rows.getConcurrency());
            assertFails(90140, "90140", () -> rows.updateString(2, "x"));
            assertFails(90140, "90140", rows::deleteRow);
            assertThrows(SQLException.class, rows::insertRow);
        }
    }

    @Test
    default void aWideAndLongResult() throws SQLException {
        StringBuilder query = new StringBuilder("SELECT X");
        for (int i = 2; i <= 200; i++) {
            query.append(", X * ").append(i);
        }
        query.append(" FROM SYSTEM_RANGE(1, 500)");
        passOrRefuse(() -> {
            try (Statement statement = connection().createStatement();
                    ResultSet rows = statement.executeQuery(query.toString())) {
                for (int row = 1; row <= 500; row++) {
                    assertTrue(rows.next());
                    assertEquals(row * 200L, rows.getLong(200));
                    assertEquals(row, rows.getLong(1));
                }
                assertFalse(rows.next());
            }
        });
    }
}
