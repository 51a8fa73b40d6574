package org.deuterium.jdbc;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Reader;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.NClob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.Map;
import java.util.UUID;
import org.deuterium.wire.ValueType;
import org.jspecify.annotations.Nullable;

/** Values as the Java objects an application asks for; the way back is {@link ParameterValue}. */
final class JavaObjects {

    /** How a value becomes an instance of one class. */
    private interface Conversion {
        Object of(SqlValue value) throws SQLException;
    }

    private static final Map<Class<?>, Conversion> CONVERSIONS = Map.ofEntries(
            Map.entry(String.class, SqlValue::asString),
            Map.entry(Boolean.class, SqlValue::asBoolean),
            Map.entry(Byte.class, SqlValue::asByte),
            Map.entry(Short.class, SqlValue::asShort),
            Map.entry(Integer.class, SqlValue::asInt),
            Map.entry(Long.class, SqlValue::asLong),
            Map.entry(Float.class, SqlValue::asFloat),
            Map.entry(Double.class, SqlValue::asDouble),
            Map.entry(BigDecimal.class, SqlValue::asBigDecimal),
            Map.entry(BigInteger.class, SqlValue::asBigInteger),
            Map.entry(byte[].class, SqlValue::asBytes),
            Map.entry(UUID.class, SqlValue::asUuid),
            Map.entry(Character.class, JavaObjects::character),
            Map.entry(LocalDate.class, DateTimes::localDate),
            Map.entry(LocalTime.class, DateTimes::localTime),
            Map.entry(LocalDateTime.class, DateTimes::localDateTime),
            Map.entry(OffsetTime.class, DateTimes::offsetTime),
            Map.entry(OffsetDateTime.class, DateTimes::offsetDateTime),
            Map.entry(ZonedDateTime.class, value -> DateTimes.offsetDateTime(value)
                    .toZonedDateTime()),
            Map.entry(Instant.class, value -> DateTimes.offsetDateTime(value).toInstant()),
            Map.entry(Period.class, value -> interval(value).toPeriod()),
            Map.entry(Duration.class, value -> interval(value).toDuration()),
            Map.entry(IntervalValue.class, JavaObjects::interval),
            Map.entry(java.sql.Date.class, value -> DateTimes.date(value, null)),
            Map.entry(java.sql.Time.class, value -> DateTimes.time(value, null)),
            Map.entry(java.sql.Timestamp.class, value -> DateTimes.timestamp(value, null)),
            Map.entry(
                    java.util.Date.class,
                    value -> new java.util.Date(DateTimes.timestamp(value, null).getTime())),
            Map.entry(Calendar.class, JavaObjects::calendar),
            Map.entry(Array.class, value -> new ValueArray(arrayOf(value))),
            Map.entry(Clob.class, value -> new InlineClob(value.asString())),
            Map.entry(NClob.class, value -> new InlineClob(value.asString())),
            Map.entry(Blob.class, value -> new InlineBlob(value.asBytes())),
            Map.entry(SQLXML.class, value -> new InlineXml(value.asString())),
            Map.entry(Reader.class, value -> new StringReader(value.asString())),
            Map.entry(InputStream.class, value -> new ByteArrayInputStream(value.asBytes())),
            Map.entry(Object.class, value -> deserialized(value.asBytes())));

    private JavaObjects() {}

    /** What getObject(int) gives. */
    static Object defaultObject(SqlValue value) throws SQLException {
        return switch (value.type()) {
            case CLOB -> new InlineClob((String) value.content());
            case BLOB -> new InlineBlob((byte[]) value.content());
            case DATE -> DateTimes.date(value, null);
            case TIME -> DateTimes.time(value, null);
            case TIMESTAMP -> DateTimes.timestamp(value, null);
            case ENUM, GEOMETRY -> value.asString();
            case DECFLOAT -> value.asBigDecimal();
            case ARRAY -> new ValueArray(value.elements());
            case ROW -> RowBatchResultSet.ofRow(value.elements());
            case JAVA_OBJECT -> deserialized((byte[]) value.content());
            default -> value.content();
        };
    }

    static @Nullable Object[] defaultObjects(@Nullable SqlValue[] values) throws SQLException {
        @Nullable Object[] objects = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            SqlValue value = values[i];
            objects[i] = value == null ? null : defaultObject(value);
        }
        return objects;
    }

    static <T> T as(SqlValue value, Class<T> wanted) throws SQLException {
        Conversion conversion = CONVERSIONS.get(wanted);
        Object converted;
        if (conversion != null) {
            converted = conversion.of(value);
        } else if (wanted.isArray()) {
            converted = typedArray(value, wanted.getComponentType());
        } else if (wanted == ResultSet.class) {
            converted =
                    RowBatchResultSet.ofRow(value.type() == ValueType.ROW ? value.elements() : new SqlValue[] {value});
        } else if (value.type() == ValueType.JAVA_OBJECT) {
            converted = deserialized((byte[]) value.content());
        } else {
            throw SqlExceptions.notSupported("converting " + value.type() + " to " + wanted.getName()
                    + "; ask for one of the classes of the JDBC specification or of java.time");
        }
        if (!wanted.isInstance(converted)) {
            throw value.cannotBe(wanted.getName());
        }
        return wanted.cast(converted);
    }

    private static Object typedArray(SqlValue value, Class<?> component) throws SQLException {
        @Nullable SqlValue[] elements = value.elements();
        Object array = java.lang.reflect.Array.newInstance(component, elements.length);
        for (int i = 0; i < elements.length; i++) {
            SqlValue element = elements[i];
            if (element != null) {
                Object converted = component == Object.class ? defaultObject(element) : as(element, component);
                java.lang.reflect.Array.set(array, i, converted);
            }
        }
        return array;
    }

    /** An ARRAY, or any other value as an array of one, as H2 does. */
    static @Nullable SqlValue[] arrayOf(SqlValue value) throws SQLException {
        return value.type() == ValueType.ARRAY ? value.elements() : new SqlValue[] {value};
    }

    private static Character character(SqlValue value) throws SQLException {
        String text = value.asString();
        return text.isEmpty() ? ' ' : text.charAt(0);
    }

    private static IntervalValue interval(SqlValue value) throws SQLException {
        if (value.content() instanceof IntervalValue interval) {
            return interval;
        }
        throw value.cannotBe("INTERVAL");
    }

    private static Calendar calendar(SqlValue value) throws SQLException {
        GregorianCalendar calendar = new GregorianCalendar();
        calendar.setGregorianChange(new java.util.Date(Long.MIN_VALUE));
        calendar.setTime(DateTimes.timestamp(value, null));
        return calendar;
    }

    static Object deserialized(byte[] bytes) throws SQLException {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            Object object = in.readObject();
            if (object == null) {
                throw new IOException("the bytes are those of null");
            }
            return object;
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            throw SqlExceptions.h2(
                    SqlExceptions.DESERIALIZATION_FAILED,
                    "the Java object cannot be made of its " + bytes.length + " bytes here: " + e.getMessage(),
                    e);
        }
    }

    static byte[] serialized(Object object) throws SQLException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException e) {
            throw SqlExceptions.h2(
                    SqlExceptions.SERIALIZATION_FAILED,
                    "a " + object.getClass().getName() + " cannot be written as a Java object: " + e.getMessage(),
                    e);
        }
        return bytes.toByteArray();
    }
}
