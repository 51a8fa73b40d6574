package org.deuterium.jdbc;

import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.List;
import org.deuterium.wire.statement.ColumnDescription;
import org.jspecify.annotations.Nullable;

/** The columns of a result, as the server described them. */
final class ColumnMetaData implements ResultSetMetaData {

    private final List<ColumnDescription> columns;
    private final @Nullable ClusterConnection connection;

    ColumnMetaData(List<ColumnDescription> columns, @Nullable ClusterConnection connection) {
        this.columns = columns;
        this.connection = connection;
    }

    private ColumnDescription at(int column) throws SQLException {
        if (column < 1 || column > columns.size()) {
            throw SqlExceptions.invalidValue("columnIndex", column);
        }
        return columns.get(column - 1);
    }

    @Override
    public int getColumnCount() {
        return columns.size();
    }

    @Override
    public String getColumnLabel(int column) throws SQLException {
        return at(column).label();
    }

    @Override
    public String getColumnName(int column) throws SQLException {
        return at(column).name();
    }

    @Override
    public int getColumnType(int column) throws SQLException {
        return at(column).sqlType();
    }

    @Override
    public String getColumnTypeName(int column) throws SQLException {
        return at(column).typeName();
    }

    @Override
    public String getColumnClassName(int column) throws SQLException {
        return at(column).className();
    }

    @Override
    public String getSchemaName(int column) throws SQLException {
        return at(column).schema();
    }

    @Override
    public String getTableName(int column) throws SQLException {
        return at(column).table();
    }

    @Override
    public String getCatalogName(int column) throws SQLException {
        at(column);
        return connection == null ? "" : connection.getCatalog();
    }

    @Override
    public int getPrecision(int column) throws SQLException {
        return (int) Math.min(at(column).precision(), Integer.MAX_VALUE);
    }

    @Override
    public int getScale(int column) throws SQLException {
        return at(column).scale();
    }

    @Override
    public int getColumnDisplaySize(int column) throws SQLException {
        return at(column).displaySize();
    }

    @Override
    public int isNullable(int column) throws SQLException {
        return at(column).nullable();
    }

    @Override
    public boolean isAutoIncrement(int column) throws SQLException {
        return at(column).identity();
    }

    @Override
    public boolean isSigned(int column) throws SQLException {
        return switch (at(column).type()) {
            case TINYINT, SMALLINT, INTEGER, BIGINT, NUMERIC, DECFLOAT, REAL, DOUBLE -> true;
            default -> false;
        };
    }

    @Override
    public boolean isCaseSensitive(int column) throws SQLException {
        at(column);
        return true;
    }

    @Override
    public boolean isSearchable(int column) throws SQLException {
        at(column);
        return true;
    }

    @Override
    public boolean isCurrency(int column) throws SQLException {
        at(column);
        return false;
    }

    /** False, as H2 says: the column may be changed, though not through this result. */
    @Override
    public boolean isReadOnly(int column) throws SQLException {
        at(column);
        return false;
    }

    @Override
    public boolean isWritable(int column) throws SQLException {
        at(column);
        return true;
    }

    @Override
    public boolean isDefinitelyWritable(int column) throws SQLException {
        at(column);
        return false;
    }

    @Override
    public <T> T unwrap(Class<T> wanted) throws SQLException {
        return Wrappers.unwrap(this, wanted);
    }

    @Override
    public boolean isWrapperFor(@Nullable Class<?> wanted) {
        return wanted != null && wanted.isInstance(this);
    }
}
