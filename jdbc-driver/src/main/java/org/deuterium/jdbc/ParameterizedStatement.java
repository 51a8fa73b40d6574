package org.deuterium.jdbc;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.Arrays;
import java.util.Calendar;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/** The parameters of a prepared statement: every setter of java.sql makes a value that is kept until it is set anew. */
abstract class ParameterizedStatement extends ClusterStatement implements PreparedStatement {

    private final @Nullable SqlValue[] values;
    private final boolean[] isSet;

    ParameterizedStatement(ClusterConnection connection, int resultSetType, int parameterCount) {
        super(connection, resultSetType);
        values = new SqlValue[parameterCount];
        isSet = new boolean[parameterCount];
    }

    final int parameterCount() {
        return values.length;
    }

    /** Appends the values, all of which must be set. */
    final void writeParameters(WireWriter out) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            if (!isSet[i]) {
                throw SqlExceptions.h2(
                        SqlExceptions.PARAMETER_NOT_SET, "parameter \"#" + (i + 1) + "\" is not set", null);
            }
            WireValues.write(values[i], out);
        }
    }

    @Override
    public void clearParameters() throws SQLException {
        checkOpen();
        Arrays.fill(values, null);
        Arrays.fill(isSet, false);
    }

    private void set(int parameter, @Nullable SqlValue value) throws SQLException {
        checkOpen();
        if (parameter < 1 || parameter > values.length) {
            throw SqlExceptions.invalidValue("parameterIndex", parameter);
        }
        values[parameter - 1] = value;
        isSet[parameter - 1] = true;
    }

    private void set(int parameter, ValueType type, @Nullable Object content) throws SQLException {
        set(parameter, content == null ? null : new SqlValue(type, content));
    }

    @Override
    public void setNull(int parameter, int sqlType) throws SQLException {
        set(parameter, null);
    }

    @Override
    public void setNull(int parameter, int sqlType, String typeName) throws SQLException {
        set(parameter, null);
    }

    @Override
    public void setBoolean(int parameter, boolean value) throws SQLException {
        set(parameter, ValueType.BOOLEAN, value);
    }

    @Override
    public void setByte(int parameter, byte value) throws SQLException {
        set(parameter, ValueType.TINYINT, (int) value);
    }

    @Override
    public void setShort(int parameter, short value) throws SQLException {
        set(parameter, ValueType.SMALLINT, (int) value);
    }

    @Override
    public void setInt(int parameter, int value) throws SQLException {
        set(parameter, ValueType.INTEGER, value);
    }

    @Override
    public void setLong(int parameter, long value) throws SQLException {
        set(parameter, ValueType.BIGINT, value);
    }

    @Override
    public void setFloat(int parameter, float value) throws SQLException {
        set(parameter, ValueType.REAL, value);
    }

    @Override
    public void setDouble(int parameter, double value) throws SQLException {
        set(parameter, ValueType.DOUBLE, value);
    }

    @Override
    public void setBigDecimal(int parameter, @Nullable BigDecimal value) throws SQLException {
        set(parameter, ValueType.NUMERIC, value);
    }

    @Override
    public void setString(int parameter, @Nullable String value) throws SQLException {
        set(parameter, ValueType.VARCHAR, value);
    }

    @Override
    public void setNString(int parameter, @Nullable String value) throws SQLException {
        set(parameter, ValueType.VARCHAR, value);
    }

    @Override
    public void setBytes(int parameter, byte @Nullable [] value) throws SQLException {
        set(parameter, ValueType.VARBINARY, value);
    }

    @Override
    public void setDate(int parameter, @Nullable Date value) throws SQLException {
        setDate(parameter, value, null);
    }

    @Override
    public void setDate(int parameter, @Nullable Date value, @Nullable Calendar calendar) throws SQLException {
        set(parameter, value == null ? null : DateTimes.of(value, calendar));
    }

    @Override
    public void setTime(int parameter, @Nullable Time value) throws SQLException {
        setTime(parameter, value, null);
    }

    @Override
    public void setTime(int parameter, @Nullable Time value, @Nullable Calendar calendar) throws SQLException {
        set(parameter, value == null ? null : DateTimes.of(value, calendar));
    }

    @Override
    public void setTimestamp(int parameter, @Nullable Timestamp value) throws SQLException {
        setTimestamp(parameter, value, null);
    }

    @Override
    public void setTimestamp(int parameter, @Nullable Timestamp value, @Nullable Calendar calendar)
            throws SQLException {
        set(parameter, value == null ? null : DateTimes.of(value, calendar));
    }

    @Override
    public void setObject(int parameter, @Nullable Object value) throws SQLException {
        set(parameter, ParameterValue.of(value));
    }

    @Override
    public void setObject(int parameter, @Nullable Object value, int sqlType) throws SQLException {
        set(parameter, ParameterValue.of(value, sqlType));
    }

    @Override
    public void setObject(int parameter, @Nullable Object value, int sqlType, int scaleOrLength) throws SQLException {
        setObject(parameter, value, sqlType);
    }

    @Override
    public void setObject(int parameter, @Nullable Object value, @Nullable SQLType type) throws SQLException {
        if (type == null) {
            throw SqlExceptions.invalidValue("targetSqlType", null);
        }
        Integer number = type.getVendorTypeNumber();
        setObject(parameter, value, number == null ? Types.OTHER : number);
    }

    @Override
    public void setObject(int parameter, @Nullable Object value, @Nullable SQLType type, int scaleOrLength)
            throws SQLException {
        setObject(parameter, value, type);
    }

    @Override
    public void setArray(int parameter, @Nullable Array value) throws SQLException {
        set(parameter, ParameterValue.of(value));
    }

    // ---- large objects: read here and now, as far as the length says

    private void setText(int parameter, @Nullable Reader reader, long length) throws SQLException {
        checkOpen();
        set(parameter, ValueType.CLOB, reader == null ? null : ParameterValue.text(reader, length));
    }

    private void setBinary(int parameter, @Nullable InputStream stream, long length) throws SQLException {
        checkOpen();
        set(parameter, ValueType.BLOB, stream == null ? null : ParameterValue.bytes(stream, length));
    }

    private void setAscii(int parameter, @Nullable InputStream stream, long length) throws SQLException {
        checkOpen();
        set(parameter, ValueType.CLOB, stream == null ? null : ParameterValue.ascii(stream, length));
    }

    @Override
    public void setClob(int parameter, @Nullable Clob value) throws SQLException {
        setText(parameter, value == null ? null : value.getCharacterStream(), -1);
    }

    @Override
    public void setClob(int parameter, @Nullable Reader reader, long length) throws SQLException {
        setText(parameter, reader, length);
    }

    @Override
    public void setClob(int parameter, @Nullable Reader reader) throws SQLException {
        setText(parameter, reader, -1);
    }

    @Override
    public void setNClob(int parameter, @Nullable NClob value) throws SQLException {
        setClob(parameter, value);
    }

    @Override
    public void setNClob(int parameter, @Nullable Reader reader, long length) throws SQLException {
        setText(parameter, reader, length);
    }

    @Override
    public void setNClob(int parameter, @Nullable Reader reader) throws SQLException {
        setText(parameter, reader, -1);
    }

    @Override
    public void setCharacterStream(int parameter, @Nullable Reader reader, int length) throws SQLException {
        setText(parameter, reader, length);
    }

    @Override
    public void setCharacterStream(int parameter, @Nullable Reader reader, long length) throws SQLException {
        setText(parameter, reader, length);
    }

    @Override
    public void setCharacterStream(int parameter, @Nullable Reader reader) throws SQLException {
        setText(parameter, reader, -1);
    }

    @Override
    public void setNCharacterStream(int parameter, @Nullable Reader reader, long length) throws SQLException {
        setText(parameter, reader, length);
    }

    @Override
    public void setNCharacterStream(int parameter, @Nullable Reader reader) throws SQLException {
        setText(parameter, reader, -1);
    }

    @Override
    public void setAsciiStream(int parameter, @Nullable InputStream stream, int length) throws SQLException {
        setAscii(parameter, stream, length);
    }

    @Override
    public void setAsciiStream(int parameter, @Nullable InputStream stream, long length) throws SQLException {
        setAscii(parameter, stream, length);
    }

    @Override
    public void setAsciiStream(int parameter, @Nullable InputStream stream) throws SQLException {
        setAscii(parameter, stream, -1);
    }

    @Override
    public void setBlob(int parameter, @Nullable Blob value) throws SQLException {
        setBinary(parameter, value == null ? null : value.getBinaryStream(), -1);
    }

    @Override
    public void setBlob(int parameter, @Nullable InputStream stream, long length) throws SQLException {
        setBinary(parameter, stream, length);
    }

    @Override
    public void setBlob(int parameter, @Nullable InputStream stream) throws SQLException {
        setBinary(parameter, stream, -1);
    }

    @Override
    public void setBinaryStream(int parameter, @Nullable InputStream stream, int length) throws SQLException {
        setBinary(parameter, stream, length);
    }

    @Override
    public void setBinaryStream(int parameter, @Nullable InputStream stream, long length) throws SQLException {
        setBinary(parameter, stream, length);
    }

    @Override
    public void setBinaryStream(int parameter, @Nullable InputStream stream) throws SQLException {
        setBinary(parameter, stream, -1);
    }

    @Override
    public void setSQLXML(int parameter, @Nullable SQLXML value) throws SQLException {
        set(parameter, ParameterValue.of(value));
    }

    @Override
    public void setURL(int parameter, @Nullable URL value) throws SQLException {
        set(parameter, ValueType.VARCHAR, value == null ? null : value.toString());
    }

    // ---- not in H2

    @Override
    @Deprecated
    public void setUnicodeStream(int parameter, InputStream stream, int length) throws SQLException {
        throw SqlExceptions.notSupported("setUnicodeStream; use setCharacterStream");
    }

    @Override
    public void setRef(int parameter, Ref value) throws SQLException {
        throw SqlExceptions.notSupported("REF values; no type of H2 has them");
    }

    @Override
    public void setRowId(int parameter, RowId value) throws SQLException {
        throw SqlExceptions.notSupported("row ids; use a key column instead");
    }
}
