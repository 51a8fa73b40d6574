package org.deuterium.jdbc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Collectors;
import org.deuterium.jdbc.WireValues.EnumLabel;
import org.deuterium.wire.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * One value that is not NULL, with H2's rules for what it can be read as.
 *
 * @param content Boolean; Integer for TINYINT to INTEGER; Long; BigDecimal (for DECFLOAT also a Double that is no
 *     number); Float; Double; String for CHAR to CLOB; byte[] for BINARY to BLOB, JSON, GEOMETRY and JAVA_OBJECT; the
 *     java.time classes; IntervalValue; UUID; EnumLabel; SqlValue[] for ARRAY and ROW
 */
record SqlValue(ValueType type, Object content) {

    private static final BigDecimal MOST_LONG = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final BigDecimal LEAST_LONG = BigDecimal.valueOf(Long.MIN_VALUE);

    static SqlValue text(String text) {
        return new SqlValue(ValueType.VARCHAR, text);
    }

    static SqlValue integer(int number) {
        return new SqlValue(ValueType.INTEGER, number);
    }

    boolean isText() {
        return content instanceof String;
    }

    String asString() throws SQLException {
        return switch (type) {
            case CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB -> (String) content;
            case BOOLEAN -> (Boolean) content ? "TRUE" : "FALSE";
            case BINARY, VARBINARY, BLOB, JSON -> new String((byte[]) content, StandardCharsets.UTF_8);
            case JAVA_OBJECT -> throw cannotBe("CHARACTER VARYING");
            case GEOMETRY -> GeometryText.of((byte[]) content);
            case DATE -> DateTimeText.of((LocalDate) content);
            case TIME -> DateTimeText.of((LocalTime) content);
            case TIME_TZ -> DateTimeText.of((OffsetTime) content);
            case TIMESTAMP -> DateTimeText.of((LocalDateTime) content);
            case TIMESTAMP_TZ -> DateTimeText.of((OffsetDateTime) content);
            case ENUM -> ((EnumLabel) content).label();
            case ARRAY -> "[" + joined() + "]";
            case ROW -> "ROW (" + joined() + ")";
            case NULL, TINYINT, SMALLINT, INTEGER, BIGINT, NUMERIC, DECFLOAT, REAL, DOUBLE, INTERVAL, UUID ->
                content.toString();
        };
    }

    private String joined() throws SQLException {
        StringBuilder text = new StringBuilder();
        for (SqlValue element : elements()) {
            text.append(text.length() > 0 ? ", " : "").append(element == null ? "null" : element.asString());
        }
        return text.toString();
    }

    /** The values of an ARRAY or ROW. */
    @Nullable
    SqlValue[] elements() throws SQLException {
        if (content instanceof @Nullable SqlValue[] values) {
            return values;
        }
        throw cannotBe("ARRAY");
    }

    boolean asBoolean() throws SQLException {
        return switch (type) {
            case BOOLEAN -> (Boolean) content;
            case TINYINT, SMALLINT, INTEGER, BIGINT -> ((Number) content).longValue() != 0;
            case REAL, DOUBLE -> ((Number) content).doubleValue() != 0;
            case NUMERIC, DECFLOAT -> !(content instanceof BigDecimal number) || number.signum() != 0;
            case CHAR, VARCHAR, VARCHAR_IGNORECASE -> textAsBoolean(((String) content).trim());
            default -> throw cannotBe("BOOLEAN");
        };
    }

    private boolean textAsBoolean(String text) throws SQLException {
        for (String yes : new String[] {"true", "t", "yes", "y"}) {
            if (yes.equalsIgnoreCase(text)) {
                return true;
            }
        }
        for (String no : new String[] {"false", "f", "no", "n"}) {
            if (no.equalsIgnoreCase(text)) {
                return false;
            }
        }
        try {
            return new BigDecimal(text).signum() != 0;
        } catch (NumberFormatException e) {
            throw SqlExceptions.conversion(text, "BOOLEAN", e);
        }
    }

    byte asByte() throws SQLException {
        return (byte) integral(Byte.MIN_VALUE, Byte.MAX_VALUE, Byte.BYTES, "TINYINT");
    }

    short asShort() throws SQLException {
        return (short) integral(Short.MIN_VALUE, Short.MAX_VALUE, Short.BYTES, "SMALLINT");
    }

    int asInt() throws SQLException {
        return (int) integral(Integer.MIN_VALUE, Integer.MAX_VALUE, Integer.BYTES, "INTEGER");
    }

    long asLong() throws SQLException {
        return integral(Long.MIN_VALUE, Long.MAX_VALUE, Long.BYTES, "BIGINT");
    }

    private long integral(long least, long most, int bytes, String target) throws SQLException {
        long value =
                switch (type) {
                    case BOOLEAN -> (Boolean) content ? 1 : 0;
                    case TINYINT, SMALLINT, INTEGER, BIGINT -> ((Number) content).longValue();
                    case NUMERIC, DECFLOAT -> rounded(asBigDecimal());
                    case REAL, DOUBLE -> rounded(((Number) content).doubleValue());
                    case CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB -> textAsIntegral((String) content, least, most);
                    case ENUM -> ((EnumLabel) content).ordinal();
                    case INTERVAL -> ((IntervalValue) content).rounded();
                    case BINARY, VARBINARY -> bytesAsIntegral((byte[]) content, bytes, target);
                    default -> throw cannotBe(target);
                };
        if (value < least || value > most) {
            throw SqlExceptions.outOfRange(Long.toString(value));
        }
        return value;
    }

    private static long textAsIntegral(String text, long least, long most) throws SQLException {
        try {
            long value = Long.parseLong(text.trim());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw SqlExceptions.conversion(text, "a whole number", e);
        }
        throw SqlExceptions.conversion(text, "a whole number from " + least + " to " + most, null);
    }

    private long bytesAsIntegral(byte[] bytes, int count, String target) throws SQLException {
        if (bytes.length != count) {
            throw cannotBe(target);
        }
        long value = bytes[0];
        for (int i = 1; i < count; i++) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
    }

    private static long rounded(BigDecimal value) throws SQLException {
        if (value.compareTo(MOST_LONG) > 0 || value.compareTo(LEAST_LONG) < 0) {
            throw SqlExceptions.outOfRange(value.toString());
        }
        return value.setScale(0, RoundingMode.HALF_UP).longValue();
    }

    private static long rounded(double value) throws SQLException {
        if (value > Long.MAX_VALUE || value < Long.MIN_VALUE) {
            throw SqlExceptions.outOfRange(Double.toString(value));
        }
        return Math.round(value);
    }

    float asFloat() throws SQLException {
        return content instanceof Float exact ? exact : (float) asDouble("REAL");
    }

    double asDouble() throws SQLException {
        return asDouble("DOUBLE PRECISION");
    }

    private double asDouble(String target) throws SQLException {
        return switch (type) {
            case BOOLEAN -> (Boolean) content ? 1 : 0;
            case TINYINT, SMALLINT, INTEGER, BIGINT, NUMERIC, DECFLOAT, REAL, DOUBLE ->
                ((Number) content).doubleValue();
            case ENUM -> ((EnumLabel) content).ordinal();
            case INTERVAL -> ((IntervalValue) content).rounded();
            case CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB -> {
                try {
                    yield Double.parseDouble(((String) content).trim());
                } catch (NumberFormatException e) {
                    throw SqlExceptions.conversion((String) content, target, e);
                }
            }
            default -> throw cannotBe(target);
        };
    }

    BigDecimal asBigDecimal() throws SQLException {
        return switch (type) {
            case NUMERIC, DECFLOAT -> {
                if (content instanceof BigDecimal number) {
                    yield number;
                }
                throw cannotBe("NUMERIC");
            }
            case BOOLEAN -> (Boolean) content ? BigDecimal.ONE : BigDecimal.ZERO;
            case TINYINT, SMALLINT, INTEGER, BIGINT -> BigDecimal.valueOf(((Number) content).longValue());
            case REAL, DOUBLE, CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB -> {
                try {
                    yield new BigDecimal(content.toString().trim());
                } catch (NumberFormatException e) {
                    throw SqlExceptions.conversion(content.toString(), "NUMERIC", e);
                }
            }
            case ENUM -> BigDecimal.valueOf(((EnumLabel) content).ordinal());
            case INTERVAL -> BigDecimal.valueOf(((IntervalValue) content).rounded());
            default -> throw cannotBe("NUMERIC");
        };
    }

    BigInteger asBigInteger() throws SQLException {
        return asBigDecimal().setScale(0, RoundingMode.HALF_UP).toBigInteger();
    }

    byte[] asBytes() throws SQLException {
        return switch (type) {
            case BINARY, VARBINARY, BLOB, JSON, GEOMETRY, JAVA_OBJECT -> (byte[]) content;
            case CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB -> ((String) content).getBytes(StandardCharsets.UTF_8);
            case TINYINT -> new byte[] {(byte) (int) (Integer) content};
            case SMALLINT ->
                ByteBuffer.allocate(Short.BYTES)
                        .putShort((short) (int) (Integer) content)
                        .array();
            case INTEGER ->
                ByteBuffer.allocate(Integer.BYTES).putInt((Integer) content).array();
            case BIGINT ->
                ByteBuffer.allocate(Long.BYTES).putLong((Long) content).array();
            case UUID -> uuidBytes((UUID) content);
            default -> throw cannotBe("BINARY VARYING");
        };
    }

    static byte[] uuidBytes(UUID id) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    UUID asUuid() throws SQLException {
        if (content instanceof UUID id) {
            return id;
        } else if (isText()) {
            try {
                return UUID.fromString(((String) content).trim());
            } catch (IllegalArgumentException e) {
                throw SqlExceptions.conversion((String) content, "UUID", e);
            }
        } else if ((type == ValueType.BINARY || type == ValueType.VARBINARY) && ((byte[]) content).length == 16) {
            ByteBuffer bytes = ByteBuffer.wrap((byte[]) content);
            return new UUID(bytes.getLong(), bytes.getLong());
        }
        throw cannotBe("UUID");
    }

    SQLException cannotBe(String target) {
        return SqlExceptions.conversion(toString(), target, null);
    }

    /** For messages: the type, and the content where it is short. */
    @Override
    public String toString() {
        if (content instanceof byte[] bytes) {
            return type + " of " + bytes.length + " bytes";
        } else if (content instanceof @Nullable SqlValue[] values) {
            return Arrays.stream(values).map(String::valueOf).collect(Collectors.joining(", ", type + " (", ")"));
        }
        return content + " (" + type + ")";
    }

    /** By content, arrays included. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SqlValue value
                && type == value.type
                && Arrays.deepEquals(new Object[] {content}, new Object[] {value.content});
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(new Object[] {type, content});
    }
}
