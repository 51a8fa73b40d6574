package org.deuterium.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.UUID;
import org.deuterium.wire.ValueType;
import org.jspecify.annotations.Nullable;

/** Java objects of an application as values to send, by the rules of H2's setObject. */
final class ParameterValue {

    private ParameterValue() {}

    static @Nullable SqlValue of(@Nullable Object object) throws SQLException {
        if (object == null) {
            return null;
        } else if (object instanceof String text) {
            return SqlValue.text(text);
        } else if (object instanceof Number number) {
            return ofNumber(number);
        } else if (object instanceof Boolean) {
            return new SqlValue(ValueType.BOOLEAN, object);
        } else if (object instanceof byte[] bytes) {
            return new SqlValue(ValueType.VARBINARY, bytes);
        } else if (object instanceof UUID) {
            return new SqlValue(ValueType.UUID, object);
        } else if (object instanceof Character c) {
            return new SqlValue(ValueType.CHAR, c.toString());
        } else if (object instanceof @Nullable Object[] elements) {
            return ofArray(elements);
        }
        SqlValue time = ofTime(object);
        return time != null ? time : ofOther(object);
    }

    private static SqlValue ofNumber(Number number) throws SQLException {
        if (number instanceof Integer) {
            return new SqlValue(ValueType.INTEGER, number);
        } else if (number instanceof Long) {
            return new SqlValue(ValueType.BIGINT, number);
        } else if (number instanceof BigDecimal) {
            return new SqlValue(ValueType.NUMERIC, number);
        } else if (number instanceof Double) {
            return new SqlValue(ValueType.DOUBLE, number);
        } else if (number instanceof Float) {
            return new SqlValue(ValueType.REAL, number);
        } else if (number instanceof Short) {
            return new SqlValue(ValueType.SMALLINT, number.intValue());
        } else if (number instanceof Byte) {
            return new SqlValue(ValueType.TINYINT, number.intValue());
        } else if (number instanceof BigInteger integer) {
            return new SqlValue(ValueType.NUMERIC, new BigDecimal(integer));
        }
        return new SqlValue(ValueType.JAVA_OBJECT, JavaObjects.serialized(number));
    }

    private static @Nullable SqlValue ofTime(Object object) throws SQLException {
        if (object instanceof LocalDate) {
            return new SqlValue(ValueType.DATE, object);
        } else if (object instanceof LocalDateTime) {
            return new SqlValue(ValueType.TIMESTAMP, object);
        } else if (object instanceof LocalTime) {
            return new SqlValue(ValueType.TIME, object);
        } else if (object instanceof OffsetDateTime) {
            return new SqlValue(ValueType.TIMESTAMP_TZ, object);
        } else if (object instanceof Instant at) {
            return new SqlValue(ValueType.TIMESTAMP_TZ, at.atOffset(ZoneOffset.UTC));
        } else if (object instanceof ZonedDateTime at) {
            return new SqlValue(ValueType.TIMESTAMP_TZ, at.toOffsetDateTime());
        } else if (object instanceof OffsetTime) {
            return new SqlValue(ValueType.TIME_TZ, object);
        } else if (object instanceof Period period) {
            return new SqlValue(ValueType.INTERVAL, IntervalValue.of(period));
        } else if (object instanceof Duration duration) {
            return new SqlValue(ValueType.INTERVAL, IntervalValue.of(duration));
        } else if (object instanceof IntervalValue) {
            return new SqlValue(ValueType.INTERVAL, object);
        } else if (object instanceof java.sql.Timestamp timestamp) {
            return DateTimes.of(timestamp, null);
        } else if (object instanceof java.sql.Date date) {
            return DateTimes.of(date, null);
        } else if (object instanceof java.sql.Time time) {
            return DateTimes.of(time, null);
        } else if (object instanceof java.util.Date date) {
            return DateTimes.of(date);
        } else if (object instanceof Calendar calendar) {
            return DateTimes.of(calendar);
        }
        return null;
    }

    private static SqlValue ofOther(Object object) throws SQLException {
        if (object instanceof ValueArray array) {
            return new SqlValue(ValueType.ARRAY, array.elements());
        } else if (object instanceof Array array) {
            return ofArray((@Nullable Object[]) array.getArray());
        } else if (object instanceof Clob clob) {
            return new SqlValue(ValueType.CLOB, text(clob.getCharacterStream(), -1));
        } else if (object instanceof Blob blob) {
            return new SqlValue(ValueType.BLOB, bytes(blob.getBinaryStream(), -1));
        } else if (object instanceof Reader reader) {
            return new SqlValue(ValueType.CLOB, text(reader, -1));
        } else if (object instanceof InputStream stream) {
            return new SqlValue(ValueType.BLOB, bytes(stream, -1));
        } else if (object instanceof SQLXML xml) {
            return new SqlValue(ValueType.CLOB, xml.getString());
        }
        return new SqlValue(ValueType.JAVA_OBJECT, JavaObjects.serialized(object));
    }

    static SqlValue ofArray(@Nullable Object[] elements) throws SQLException {
        @Nullable SqlValue[] values = new SqlValue[elements.length];
        for (int i = 0; i < elements.length; i++) {
            values[i] = of(elements[i]);
        }
        return new SqlValue(ValueType.ARRAY, values);
    }

    /** As setObject with a type of java.sql.Types: converted here, so that a wrong value is told at once. */
    static @Nullable SqlValue of(@Nullable Object object, int sqlType) throws SQLException {
        if (object == null) {
            return null;
        } else if (sqlType == Types.JAVA_OBJECT) {
            return new SqlValue(ValueType.JAVA_OBJECT, JavaObjects.serialized(object));
        }
        SqlValue value = of(object);
        return value == null ? null : convert(value, sqlType);
    }

    private static @Nullable SqlValue convert(SqlValue value, int sqlType) throws SQLException {
        return switch (sqlType) {
            case Types.CHAR, Types.NCHAR ->
                new SqlValue(ValueType.CHAR, value.asString().stripTrailing());
            case Types.VARCHAR, Types.LONGVARCHAR, Types.NVARCHAR, Types.LONGNVARCHAR ->
                SqlValue.text(value.asString());
            case Types.CLOB, Types.NCLOB -> new SqlValue(ValueType.CLOB, value.asString());
            case Types.NUMERIC, Types.DECIMAL -> new SqlValue(ValueType.NUMERIC, value.asBigDecimal());
            case Types.BIT, Types.BOOLEAN -> new SqlValue(ValueType.BOOLEAN, value.asBoolean());
            case Types.TINYINT -> new SqlValue(ValueType.TINYINT, (int) value.asByte());
            case Types.SMALLINT -> new SqlValue(ValueType.SMALLINT, (int) value.asShort());
            case Types.INTEGER -> new SqlValue(ValueType.INTEGER, value.asInt());
            case Types.BIGINT -> new SqlValue(ValueType.BIGINT, value.asLong());
            case Types.REAL -> new SqlValue(ValueType.REAL, value.asFloat());
            case Types.DOUBLE, Types.FLOAT -> new SqlValue(ValueType.DOUBLE, value.asDouble());
            case Types.BINARY ->
                // H2 names UUID's type BINARY too, and so do applications that read it back
                value.type() == ValueType.UUID ? value : new SqlValue(ValueType.BINARY, value.asBytes());
            case Types.VARBINARY, Types.LONGVARBINARY -> new SqlValue(ValueType.VARBINARY, value.asBytes());
            case Types.BLOB -> new SqlValue(ValueType.BLOB, value.asBytes());
            case Types.DATE -> new SqlValue(ValueType.DATE, DateTimes.localDate(value));
            case Types.TIME -> new SqlValue(ValueType.TIME, DateTimes.localTime(value));
            case Types.TIME_WITH_TIMEZONE -> new SqlValue(ValueType.TIME_TZ, DateTimes.offsetTime(value));
            case Types.TIMESTAMP -> new SqlValue(ValueType.TIMESTAMP, DateTimes.localDateTime(value));
            case Types.TIMESTAMP_WITH_TIMEZONE -> new SqlValue(ValueType.TIMESTAMP_TZ, DateTimes.offsetDateTime(value));
            case Types.ARRAY -> new SqlValue(ValueType.ARRAY, JavaObjects.arrayOf(value));
            case Types.NULL -> null;
            case Types.OTHER -> value;
            default -> throw SqlExceptions.h2(50004, "unknown data type: " + sqlType, null);
        };
    }

    /** The characters of a reader, at most {@code length} of them unless that is negative. */
    static String text(Reader reader, long length) throws SQLException {
        try (reader) {
            StringWriter text = new StringWriter();
            if (length < 0) {
                reader.transferTo(text);
                return text.toString();
            }
            char[] part = new char[8192];
            long left = length;
            while (left > 0) {
                int read = reader.read(part, 0, (int) Math.min(part.length, left));
                if (read < 0) {
                    break;
                }
                text.write(part, 0, read);
                left -= read;
            }
            return text.toString();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** The bytes of a stream, at most {@code length} of them unless that is negative. */
    static byte[] bytes(InputStream stream, long length) throws SQLException {
        try (stream) {
            return length < 0
                    ? stream.readAllBytes()
                    : stream.readNBytes((int) Math.min(length, Integer.MAX_VALUE - 8));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    static String ascii(InputStream stream, long length) throws SQLException {
        return new String(bytes(stream, length), StandardCharsets.US_ASCII);
    }

    private static SQLException unreadable(IOException e) {
        return SqlExceptions.h2(
                SqlExceptions.IO_FAILED, "the stream given as a parameter cannot be read: " + e.getMessage(), e);
    }
}
