package org.deuterium.jdbc;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.List;
import java.util.Map;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a result. Values stay as the bytes they came as until a getter asks for one, so a number read as a number
 * makes no object. Where the rows come from, and whether one can go back, is the {@link RowSource}'s matter.
 */
final class RowBatchResultSet extends NamedColumnResultSet {

    private final RowSource rows;
    private final @Nullable ClusterStatement statement;
    private boolean wasNull;
    private boolean closed;

    RowBatchResultSet(RowSource rows, @Nullable ClusterStatement statement) {
        this.rows = rows;
        this.statement = statement;
    }

    /** Rows that are all here, with their columns; one can go back and forth in them. */
    static RowBatchResultSet ofLocalRows(RowsPage page) {
        return new RowBatchResultSet(RowSource.ofAll(page), null);
    }

    /** A ROW value as a result of one row. */
    static RowBatchResultSet ofRow(@Nullable SqlValue[] fields) throws SQLException {
        WireWriter row = new WireWriter();
        ColumnDescription[] columns = new ColumnDescription[fields.length];
        for (int i = 0; i < fields.length; i++) {
            SqlValue field = fields[i];
            WireValues.write(field, row);
            ValueArray alone = new ValueArray(new SqlValue[] {field});
            String name = "C" + (i + 1);
            ValueType type = field == null ? ValueType.NULL : field.type();
            columns[i] = new ColumnDescription(
                    name,
                    name,
                    "",
                    "",
                    type,
                    alone.getBaseTypeName(),
                    alone.getBaseType(),
                    0,
                    0,
                    0,
                    2,
                    false,
                    "java.lang.Object");
        }
        return ofLocalRows(new RowsPage(List.of(columns), 1, row.toByteArray(), RowsPage.NO_MORE));
    }

    RowSource rows() {
        return rows;
    }

    private void checkOpen() throws SQLException {
        if (closed) {
            throw SqlExceptions.closed("result set");
        }
        if (statement != null) {
            statement.connection().checkOpen();
        }
    }

    /** The bytes of a column of the row where the cursor is, at its type code. */
    private WireReader at(int column) throws SQLException {
        checkOpen();
        if (column < 1 || column > rows.columns().size()) {
            throw SqlExceptions.invalidValue("columnIndex", column);
        }
        if (!rows.onRow()) {
            throw SqlExceptions.noData();
        }
        WireReader value = rows.value(column - 1);
        wasNull = value.array()[value.position()] == ValueType.NULL.code();
        return value;
    }

    private @Nullable SqlValue value(int column) throws SQLException {
        return WireValues.read(at(column));
    }

    // ---- values

    @Override
    public @Nullable String getString(int column) throws SQLException {
        WireReader in = at(column);
        if (in.array()[in.position()] == ValueType.VARCHAR.code()) {
            in.skip(1);
            return in.readString();
        }
        SqlValue value = WireValues.read(in);
        return value == null ? null : value.asString();
    }

    @Override
    public int getInt(int column) throws SQLException {
        WireReader in = at(column);
        if (in.array()[in.position()] == ValueType.INTEGER.code()) {
            in.skip(1);
            return (int) in.readZLong();
        }
        SqlValue value = WireValues.read(in);
        return value == null ? 0 : value.asInt();
    }

    @Override
    public long getLong(int column) throws SQLException {
        WireReader in = at(column);
        byte type = in.array()[in.position()];
        if (type == ValueType.BIGINT.code() || type == ValueType.INTEGER.code()) {
            in.skip(1);
            return in.readZLong();
        }
        SqlValue value = WireValues.read(in);
        return value == null ? 0 : value.asLong();
    }

    @Override
    public boolean getBoolean(int column) throws SQLException {
        SqlValue value = value(column);
        return value != null && value.asBoolean();
    }

    @Override
    public byte getByte(int column) throws SQLException {
        SqlValue value = value(column);
        return value == null ? 0 : value.asByte();
    }

    @Override
    public short getShort(int column) throws SQLException {
        SqlValue value = value(column);
        return value == null ? 0 : value.asShort();
    }

    @Override
    public float getFloat(int column) throws SQLException {
        SqlValue value = value(column);
        return value == null ? 0 : value.asFloat();
    }

    @Override
    public double getDouble(int column) throws SQLException {
        SqlValue value = value(column);
        return value == null ? 0 : value.asDouble();
    }

    @Override
    public @Nullable BigDecimal getBigDecimal(int column) throws SQLException {
        SqlValue value = value(column);
        return value == null ? null : value.asBigDecimal();
    }

    @Override
    @Deprecated
    public @Nullable BigDecimal getBigDecimal(int column, int scale) throws SQLException {
        if (scale < 0) {
            throw SqlExceptions.invalidValue("scale", scale);
        }
        BigDecimal value = getBigDecimal(column);
        return value == null ? null : value.setScale(scale, RoundingMode.HALF_UP);
    }

    @Override
    public byte @Nullable [] getBytes(int column) throws SQLException {
        SqlValue value = value(column);
        return value == null ? null : value.asBytes();
    }

    @Override
    public @Nullable Date getDate(int column) throws SQLException {
        return getDate(column, null);
    }

    @Override
    public @Nullable Date getDate(int column, @Nullable Calendar calendar) throws SQLException {
        SqlValue value = value(column);
        return value == null ? null : DateTimes.date(value, calendar);
    }

    @Override
    public @Nullable Time getTime(int column) throws SQLException {
        return getTime(column, null);
    }

    @Override
    public @Nullable Time getTime(int column, @Nullable Calendar calendar) throws SQLException {
        SqlValue value = value(column);
        return value == null ? null : DateTimes.time(value, calendar);
    }

    @Override
    public @Nullable Timestamp getTimestamp(int column) throws SQLException {
        return getTimestamp(column, null);
    }

    @Override
    public @Nullable Timestamp getTimestamp(int column, @Nullable Calendar calendar) throws SQLException {
        SqlValue value = value(column);
        return value == null ? null : DateTimes.timestamp(value, calendar);
    }

    @Override
    public @Nullable Object getObject(int column) throws SQLException {
        SqlValue value = value(column);
        return value == null ? null : JavaObjects.defaultObject(value);
    }

    @Override
    public @Nullable Object getObject(int column, @Nullable Map<String, Class<?>> map) throws SQLException {
        throw SqlExceptions.notSupported("getObject with a map of types; ask with getObject(column, Class)");
    }

    @Override
    public <T> @Nullable T getObject(int column, @Nullable Class<T> type) throws SQLException {
        if (type == null) {
            throw SqlExceptions.invalidValue("type", null);
        }
        SqlValue value = value(column);
        return value == null ? null : JavaObjects.as(value, type);
    }

    @Override
    public @Nullable Clob getClob(int column) throws SQLException {
        return getNClob(column);
    }

    @Override
    public @Nullable NClob getNClob(int column) throws SQLException {
        String text = getString(column);
        return text == null ? null : new InlineClob(text);
    }

    @Override
    public @Nullable Blob getBlob(int column) throws SQLException {
        byte[] bytes = getBytes(column);
        return bytes == null ? null : new InlineBlob(bytes);
    }

    @Override
    public @Nullable Array getArray(int column) throws SQLException {
        SqlValue value = value(column);
        return value == null ? null : new ValueArray(JavaObjects.arrayOf(value));
    }

    @Override
    public @Nullable SQLXML getSQLXML(int column) throws SQLException {
        String text = getString(column);
        return text == null ? null : new InlineXml(text);
    }

    @Override
    public @Nullable String getNString(int column) throws SQLException {
        return getString(column);
    }

    @Override
    public @Nullable Reader getCharacterStream(int column) throws SQLException {
        String text = getString(column);
        return text == null ? null : new StringReader(text);
    }

    @Override
    public @Nullable Reader getNCharacterStream(int column) throws SQLException {
        return getCharacterStream(column);
    }

    @Override
    public @Nullable InputStream getAsciiStream(int column) throws SQLException {
        String text = getString(column);
        return text == null ? null : new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    @Deprecated
    public InputStream getUnicodeStream(int column) throws SQLException {
        throw SqlExceptions.notSupported("getUnicodeStream; use getCharacterStream");
    }

    @Override
    public @Nullable InputStream getBinaryStream(int column) throws SQLException {
        byte[] bytes = getBytes(column);
        return bytes == null ? null : new ByteArrayInputStream(bytes);
    }

    @Override
    public @Nullable URL getURL(int column) throws SQLException {
        String text = getString(column);
        try {
            return text == null ? null : new URL(text);
        } catch (MalformedURLException e) {
            throw SqlExceptions.conversion(text == null ? "" : text, "a URL", e);
        }
    }

    @Override
    public Ref getRef(int column) throws SQLException {
        throw SqlExceptions.notSupported("REF values; no type of H2 has them");
    }

    @Override
    public RowId getRowId(int column) throws SQLException {
        throw SqlExceptions.notSupported("row ids; select a key column instead");
    }

    @Override
    public boolean wasNull() throws SQLException {
        checkOpen();
        return wasNull;
    }

    // ---- columns

    @Override
    public int findColumn(@Nullable String label) throws SQLException {
        checkOpen();
        return rows.labels().find(label);
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        checkOpen();
        return new ColumnMetaData(rows.columns(), statement == null ? null : statement.connection());
    }

    // ---- where the cursor is

    @Override
    public boolean next() throws SQLException {
        checkOpen();
        return rows.next();
    }

    @Override
    public boolean previous() throws SQLException {
        checkOpen();
        return rows.moveTo(rows.position() - 1);
    }

    @Override
    public boolean first() throws SQLException {
        checkOpen();
        return rows.moveTo(1);
    }

    @Override
    public boolean last() throws SQLException {
        checkOpen();
        return rows.moveTo(rows.count());
    }

    @Override
    public boolean absolute(int row) throws SQLException {
        checkOpen();
        return rows.moveTo(row >= 0 ? row : Math.max(0, rows.count() + row + 1));
    }

    @Override
    public boolean relative(int count) throws SQLException {
        checkOpen();
        return rows.moveTo(Math.max(0, rows.position() + count));
    }

    @Override
    public void beforeFirst() throws SQLException {
        checkOpen();
        if (rows.position() != 0) {
            rows.moveTo(0);
        }
    }

    @Override
    public void afterLast() throws SQLException {
        checkOpen();
        while (rows.next()) {
            // forward is always allowed
        }
    }

    @Override
    public boolean isBeforeFirst() throws SQLException {
        checkOpen();
        return rows.position() == 0 && rows.hasRows();
    }

    @Override
    public boolean isAfterLast() throws SQLException {
        checkOpen();
        return rows.position() > 0 && !rows.onRow() && rows.hasRows();
    }

    @Override
    public boolean isFirst() throws SQLException {
        checkOpen();
        return rows.position() == 1 && rows.onRow();
    }

    @Override
    public boolean isLast() throws SQLException {
        checkOpen();
        return rows.onRow() && rows.isLast();
    }

    @Override
    public int getRow() throws SQLException {
        checkOpen();
        return rows.onRow() ? (int) Math.min(rows.position(), Integer.MAX_VALUE) : 0;
    }

    // ---- about the result

    @Override
    public int getType() throws SQLException {
        checkOpen();
        return rows.scrollable() ? TYPE_SCROLL_INSENSITIVE : TYPE_FORWARD_ONLY;
    }

    @Override
    public void setFetchDirection(int direction) throws SQLException {
        checkOpen();
        if (direction != FETCH_FORWARD) {
            throw SqlExceptions.notSupported("a fetch direction other than forward");
        }
    }

    @Override
    public int getFetchDirection() throws SQLException {
        checkOpen();
        return FETCH_FORWARD;
    }

    @Override
    public void setFetchSize(int count) throws SQLException {
        checkOpen();
        if (count < 0) {
            throw SqlExceptions.invalidValue("rows", count);
        }
        rows.setFetchSize(count);
    }

    @Override
    public int getFetchSize() throws SQLException {
        checkOpen();
        return rows.fetchSize();
    }

    @Override
    public @Nullable Statement getStatement() throws SQLException {
        checkOpen();
        return statement;
    }

    @Override
    public int getHoldability() throws SQLException {
        checkOpen();
        return statement == null
                ? HOLD_CURSORS_OVER_COMMIT
                : statement.connection().getHoldability();
    }

    @Override
    public String getCursorName() throws SQLException {
        throw SqlExceptions.notSupported("cursor names; update rows by their key");
    }

    @Override
    public @Nullable SQLWarning getWarnings() throws SQLException {
        checkOpen();
        return null;
    }

    @Override
    public void clearWarnings() throws SQLException {
        checkOpen();
    }

    @Override
    public void close() throws SQLException {
        if (!closed) {
            closeRows();
            if (statement != null) {
                statement.resultClosed(this);
            }
        }
    }

    /** Closes without telling the statement, which is what asks for it. */
    void closeRows() {
        closed = true;
        rows.close();
    }

    @Override
    public boolean isClosed() {
        return closed;
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
