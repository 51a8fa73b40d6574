package org.deuterium.jdbc;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;

/** An ARRAY value with all its elements. */
final class ValueArray implements Array {

    private @Nullable SqlValue @Nullable [] elements;

    ValueArray(@Nullable SqlValue[] elements) {
        this.elements = elements;
    }

    @Nullable
    SqlValue[] elements() throws SQLException {
        @Nullable SqlValue[] open = elements;
        if (open == null) {
            throw SqlExceptions.closed("array");
        }
        return open;
    }

    private @Nullable SqlValue[] slice(long index, int count) throws SQLException {
        @Nullable SqlValue[] all = elements();
        if (index < 1 || index > all.length) {
            throw SqlExceptions.invalidValue("index (1.." + all.length + ")", index);
        }
        if (count < 0 || count > all.length - (int) index + 1) {
            throw SqlExceptions.invalidValue("count (0.." + (all.length - index + 1) + ")", count);
        }
        return Arrays.copyOfRange(all, (int) index - 1, (int) index - 1 + count);
    }

    @Override
    public String getBaseTypeName() throws SQLException {
        return switch (baseType()) {
            case VARCHAR, NULL -> baseType() == ValueType.NULL ? "NULL" : "CHARACTER VARYING";
            case CHAR -> "CHARACTER";
            case VARBINARY -> "BINARY VARYING";
            case CLOB -> "CHARACTER LARGE OBJECT";
            case BLOB -> "BINARY LARGE OBJECT";
            case DOUBLE -> "DOUBLE PRECISION";
            case TIME_TZ -> "TIME WITH TIME ZONE";
            case TIMESTAMP_TZ -> "TIMESTAMP WITH TIME ZONE";
            default -> baseType().name();
        };
    }

    @Override
    public int getBaseType() throws SQLException {
        return switch (baseType()) {
            case NULL -> Types.NULL;
            case BOOLEAN -> Types.BOOLEAN;
            case TINYINT -> Types.TINYINT;
            case SMALLINT -> Types.SMALLINT;
            case INTEGER -> Types.INTEGER;
            case BIGINT -> Types.BIGINT;
            case NUMERIC, DECFLOAT -> Types.NUMERIC;
            case REAL -> Types.REAL;
            case DOUBLE -> Types.DOUBLE;
            case CHAR, ENUM -> Types.CHAR;
            case VARCHAR, VARCHAR_IGNORECASE -> Types.VARCHAR;
            case BINARY, UUID -> Types.BINARY;
            case VARBINARY -> Types.VARBINARY;
            case CLOB -> Types.CLOB;
            case BLOB -> Types.BLOB;
            case DATE -> Types.DATE;
            case TIME -> Types.TIME;
            case TIME_TZ -> Types.TIME_WITH_TIMEZONE;
            case TIMESTAMP -> Types.TIMESTAMP;
            case TIMESTAMP_TZ -> Types.TIMESTAMP_WITH_TIMEZONE;
            case ARRAY -> Types.ARRAY;
            case JAVA_OBJECT -> Types.JAVA_OBJECT;
            case INTERVAL, JSON, GEOMETRY, ROW -> Types.OTHER;
        };
    }

    private ValueType baseType() throws SQLException {
        for (SqlValue element : elements()) {
            if (element != null) {
                return element.type();
            }
        }
        return ValueType.NULL;
    }

    @Override
    public Object getArray() throws SQLException {
        return JavaObjects.defaultObjects(elements());
    }

    @Override
    public Object getArray(@Nullable Map<String, Class<?>> map) throws SQLException {
        checkMap(map);
        return getArray();
    }

    @Override
    public Object getArray(long index, int count) throws SQLException {
        return JavaObjects.defaultObjects(slice(index, count));
    }

    @Override
    public Object getArray(long index, int count, @Nullable Map<String, Class<?>> map) throws SQLException {
        checkMap(map);
        return getArray(index, count);
    }

    @Override
    public ResultSet getResultSet() throws SQLException {
        return resultSet(elements(), 1);
    }

    @Override
    public ResultSet getResultSet(@Nullable Map<String, Class<?>> map) throws SQLException {
        checkMap(map);
        return getResultSet();
    }

    @Override
    public ResultSet getResultSet(long index, int count) throws SQLException {
        return resultSet(slice(index, count), index);
    }

    @Override
    public ResultSet getResultSet(long index, int count, @Nullable Map<String, Class<?>> map) throws SQLException {
        checkMap(map);
        return getResultSet(index, count);
    }

    static void checkMap(@Nullable Map<String, Class<?>> map) throws SQLException {
        if (map != null && !map.isEmpty()) {
            throw SqlExceptions.notSupported("a map of user-defined types; leave it empty");
        }
    }

    private ResultSet resultSet(@Nullable SqlValue[] values, long first) throws SQLException {
        WireWriter rows = new WireWriter();
        for (int i = 0; i < values.length; i++) {
            WireValues.write(new SqlValue(ValueType.BIGINT, first + i), rows);
            WireValues.write(values[i], rows);
        }
        List<ColumnDescription> columns = List.of(
                column("INDEX", ValueType.BIGINT, "BIGINT", Types.BIGINT, "java.lang.Long"),
                column("VALUE", baseType(), getBaseTypeName(), getBaseType(), "java.lang.Object"));
        return RowBatchResultSet.ofLocalRows(new RowsPage(columns, values.length, rows.toByteArray(), 0));
    }

    static ColumnDescription column(String name, ValueType type, String typeName, int sqlType, String javaClass) {
        return new ColumnDescription(name, name, "", "", type, typeName, sqlType, 0, 0, 0, 2, false, javaClass);
    }

    @Override
    public void free() {
        elements = null;
    }

    /** As H2 shows an array. */
    @Override
    public String toString() {
        @Nullable SqlValue[] open = elements;
        return open == null ? "ARRAY (freed)" : Arrays.toString(open);
    }
}
