package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** java.sql.DatabaseMetaData, and what a Connection tells of itself. */
public interface MetaDataChecks extends CheckedConnection {

    @Test
    default void tablesAndColumns() throws SQLException {
        table("CONF_META", "ID INT PRIMARY KEY, NAME VARCHAR(40) NOT NULL, PRICE NUMERIC(10, 2) DEFAULT 1");
        run("CREATE INDEX CONF_META_I ON CONF_META(NAME)");
        DatabaseMetaData data = connection().getMetaData();
        try (ResultSet tables = data.getTables(null, "PUBLIC", "CONF_META", null)) {
            assertTrue(tables.next());
            assertEquals("CONF_META", tables.getString("TABLE_NAME"));
            assertEquals("PUBLIC", tables.getString("TABLE_SCHEM"));
            assertEquals(connection().getCatalog(), tables.getString("TABLE_CAT"));
            assertFalse(tables.next());
        }
        try (ResultSet tables = data.getTables(null, null, "CONF_MET%", new String[] {"VIEW"})) {
            assertFalse(tables.next());
        }
        try (ResultSet columns = data.getColumns(null, null, "CONF_META", "%")) {
            List<String> names = new ArrayList<>();
            while (columns.next()) {
                names.add(columns.getString("COLUMN_NAME"));
                if (columns.getString("COLUMN_NAME").equals("PRICE")) {
                    assertEquals(Types.NUMERIC, columns.getInt("DATA_TYPE"));
                    assertEquals(10, columns.getInt("COLUMN_SIZE"));
                    assertEquals(2, columns.getInt("DECIMAL_DIGITS"));
                }
            }
            assertEquals(List.of("ID", "NAME", "PRICE"), names);
        }
        try (ResultSet keys = data.getPrimaryKeys(null, null, "CONF_META")) {
            assertTrue(keys.next());
            assertEquals("ID", keys.getString("COLUMN_NAME"));
            assertFalse(keys.next());
        }
        try (ResultSet indexes = data.getIndexInfo(null, null, "CONF_META", false, true)) {
            boolean found = false;
            while (indexes.next()) {
                found |= "CONF_META_I".equals(indexes.getString("INDEX_NAME"));
            }
            assertTrue(found);
        }
        try (ResultSet schemas = data.getSchemas(null, "PUB%")) {
            assertTrue(schemas.next());
            assertEquals("PUBLIC", schemas.getString("TABLE_SCHEM"));
        }
    }

    @Test
    default void whoItIs() throws SQLException {
        DatabaseMetaData data = connection().getMetaData();
        assertSame(connection(), data.getConnection());
        assertEquals("H2", data.getDatabaseProductName());
        assertTrue(data.getDatabaseProductVersion().startsWith("2."));
        assertEquals(2, data.getDatabaseMajorVersion());
        assertEquals("SA", data.getUserName());
        assertTrue(data.getURL().startsWith("jdbc:"));
        assertNotNull(data.getDriverName());
        assertNotNull(data.getDriverVersion());
        assertEquals(4, data.getJDBCMajorVersion());
        assertFalse(data.isReadOnly());
        assertTrue(data.supportsTransactions());
        assertTrue(data.supportsBatchUpdates());
        assertTrue(data.supportsSavepoints());
        assertTrue(data.supportsGetGeneratedKeys());
        assertTrue(data.supportsResultSetType(ResultSet.TYPE_SCROLL_INSENSITIVE));
        assertFalse(data.supportsResultSetType(ResultSet.TYPE_SCROLL_SENSITIVE));
        assertEquals("\"", data.getIdentifierQuoteString());
        assertEquals(Connection.TRANSACTION_READ_COMMITTED, data.getDefaultTransactionIsolation());
        assertTrue(data.isWrapperFor(DatabaseMetaData.class));
        assertSame(data, data.unwrap(DatabaseMetaData.class));
    }

    /** Whatever H2 answers without arguments is answered here too, at least without an error. */
    @Test
    default void everyMethodWithoutArgumentsAnswers() throws Exception {
        DatabaseMetaData data = connection().getMetaData();
        for (Method method : DatabaseMetaData.class.getMethods()) {
            if (method.getParameterCount() == 0) {
                try {
                    Object answer = method.invoke(data);
                    assertNotNull(answer, method.getName());
                    if (answer instanceof ResultSet rows) {
                        rows.next();
                        rows.close();
                    }
                } catch (InvocationTargetException e) {
                    throw new AssertionError(method.getName(), e.getCause());
                }
            }
        }
    }

    @Test
    default void schemaAndCatalog() throws SQLException {
        assertEquals("PUBLIC", connection().getSchema());
        assertNotNull(connection().getCatalog());
        connection().setCatalog(connection().getCatalog());
        connection().setSchema("INFORMATION_SCHEMA");
        assertEquals("INFORMATION_SCHEMA", connection().getSchema());
        run("SET SCHEMA PUBLIC");
        assertEquals("PUBLIC", connection().getSchema());
        assertFails(90079, "90079", () -> connection().setSchema("CONF_NO_SUCH_SCHEMA"));
    }

    @Test
    default void connectionSettings() throws SQLException {
        assertTrue(connection().isValid(60));
        assertNull(connection().getWarnings());
        connection().clearWarnings();
        assertEquals(Map.of(), connection().getTypeMap());
        connection().setTypeMap(Map.of());
        connection().setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
        assertEquals(ResultSet.CLOSE_CURSORS_AT_COMMIT, connection().getHoldability());
        connection().setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT);
        connection().setReadOnly(false);
        assertFalse(connection().isReadOnly());
        assertNotNull(connection().getClientInfo());
        connection().setClientInfo(new Properties());
        assertTrue(connection().isWrapperFor(Connection.class));
        assertSame(connection(), connection().unwrap(Connection.class));
        passOrRefuse(() -> connection().prepareCall("CALL ABS(?)").close());
        passOrRefuse(() -> connection().createStruct("X", new Object[0]));
    }
}
