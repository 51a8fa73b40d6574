package org.deuterium.jdbc;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/** Values as they travel, to and from JDK classes; the bytes are described at {@link ValueType}. */
final class WireValues {

    /** An ENUM value. */
    record EnumLabel(int ordinal, String label) {}

    private WireValues() {}

    /** Reads one value; null for SQL's NULL. */
    static @Nullable SqlValue read(WireReader in) {
        ValueType type = ValueType.ofCode(in.readByte());
        if (type == ValueType.NULL) {
            return null;
        }
        return new SqlValue(type, content(type, in));
    }

    private static Object content(ValueType type, WireReader in) {
        return switch (type) {
            case NULL -> throw new MalformedMessageException("NULL has no content");
            case BOOLEAN -> in.readByte() != 0;
            case TINYINT -> (int) in.readByte();
            case SMALLINT, INTEGER -> (int) in.readZLong();
            case BIGINT -> in.readZLong();
            case NUMERIC -> decimal(in);
            case DECFLOAT -> decfloat(in);
            case REAL -> in.readFloat();
            case DOUBLE -> in.readDouble();
            case CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB -> in.readString();
            case BINARY, VARBINARY, BLOB, JSON, GEOMETRY, JAVA_OBJECT -> in.readBytes();
            case DATE -> LocalDate.ofEpochDay(in.readZLong());
            case TIME -> LocalTime.ofNanoOfDay(in.readVLong());
            case TIME_TZ -> OffsetTime.of(LocalTime.ofNanoOfDay(in.readVLong()), offset(in));
            case TIMESTAMP -> timestamp(in);
            case TIMESTAMP_TZ -> OffsetDateTime.of(timestamp(in), offset(in));
            case INTERVAL -> new IntervalValue(in.readByte(), in.readBoolean(), in.readVLong(), in.readVLong());
            case UUID -> new UUID(in.readLong(), in.readLong());
            case ENUM -> new EnumLabel(in.readVInt(), in.readString());
            case ARRAY, ROW -> list(in);
        };
    }

    private static BigDecimal decimal(WireReader in) {
        int scale = (int) in.readZLong();
        return new BigDecimal(new BigInteger(in.readBytes()), scale);
    }

    /** A BigDecimal, or a Double for the three that are no numbers. */
    private static Object decfloat(WireReader in) {
        int special = in.readByte();
        return switch (special) {
            case 0 -> decimal(in);
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> Double.NEGATIVE_INFINITY;
            case 3 -> Double.NaN;
            default -> throw new MalformedMessageException("no DECFLOAT begins with " + special);
        };
    }

    private static LocalDateTime timestamp(WireReader in) {
        return LocalDateTime.of(LocalDate.ofEpochDay(in.readZLong()), LocalTime.ofNanoOfDay(in.readVLong()));
    }

    private static ZoneOffset offset(WireReader in) {
        return ZoneOffset.ofTotalSeconds((int) in.readZLong());
    }

    private static @Nullable SqlValue[] list(WireReader in) {
        @Nullable SqlValue[] values = new SqlValue[in.readCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = read(in);
        }
        return values;
    }

    /** Goes past one value without making anything of it. */
    static void skip(WireReader in) {
        ValueType type = ValueType.ofCode(in.readByte());
        switch (type) {
            case NULL -> {
                // has no content
            }
            case BOOLEAN, TINYINT -> in.skip(1);
            case SMALLINT, INTEGER, BIGINT, DATE, TIME -> in.readVLong();
            case TIME_TZ, TIMESTAMP -> {
                in.readVLong();
                in.readVLong();
            }
            case TIMESTAMP_TZ -> {
                in.readVLong();
                in.readVLong();
                in.readVLong();
            }
            case NUMERIC -> {
                in.readVLong();
                in.skip(in.readCount());
            }
            case DECFLOAT -> decfloat(in);
            case REAL -> in.skip(Float.BYTES);
            case DOUBLE -> in.skip(Double.BYTES);
            case CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB, BINARY, VARBINARY, BLOB, JSON, GEOMETRY, JAVA_OBJECT ->
                in.skip(in.readCount());
            case INTERVAL -> {
                in.skip(2);
                in.readVLong();
                in.readVLong();
            }
            case UUID -> in.skip(2 * Long.BYTES);
            case ENUM -> {
                in.readVInt();
                in.skip(in.readCount());
            }
            case ARRAY, ROW -> {
                for (int i = in.readCount(); i > 0; i--) {
                    skip(in);
                }
            }
        }
    }

    static void write(@Nullable SqlValue value, WireWriter out) {
        if (value == null) {
            out.writeByte(ValueType.NULL.code());
            return;
        }
        out.writeByte(value.type().code());
        writeContent(value.type(), value.content(), out);
    }

    private static void writeContent(ValueType type, Object content, WireWriter out) {
        switch (type) {
            case NULL -> throw new IllegalArgumentException("NULL has no content");
            case BOOLEAN -> out.writeBoolean((Boolean) content);
            case TINYINT -> out.writeByte((Integer) content);
            case SMALLINT, INTEGER -> out.writeZLong((Integer) content);
            case BIGINT -> out.writeZLong((Long) content);
            case NUMERIC -> writeDecimal((BigDecimal) content, out);
            case DECFLOAT -> writeDecfloat(content, out);
            case REAL -> out.writeFloat((Float) content);
            case DOUBLE -> out.writeDouble((Double) content);
            case CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB -> out.writeString((String) content);
            case BINARY, VARBINARY, BLOB, JSON, GEOMETRY, JAVA_OBJECT -> out.writeBytes((byte[]) content);
            case DATE -> out.writeZLong(((LocalDate) content).toEpochDay());
            case TIME -> out.writeVLong(((LocalTime) content).toNanoOfDay());
            case TIME_TZ -> {
                OffsetTime time = (OffsetTime) content;
                out.writeVLong(time.toLocalTime().toNanoOfDay());
                out.writeZLong(time.getOffset().getTotalSeconds());
            }
            case TIMESTAMP -> writeTimestamp((LocalDateTime) content, out);
            case TIMESTAMP_TZ -> {
                OffsetDateTime at = (OffsetDateTime) content;
                writeTimestamp(at.toLocalDateTime(), out);
                out.writeZLong(at.getOffset().getTotalSeconds());
            }
            case INTERVAL -> {
                IntervalValue interval = (IntervalValue) content;
                out.writeByte(interval.qualifier()).writeBoolean(interval.negative());
                out.writeVLong(interval.leading()).writeVLong(interval.remaining());
            }
            case UUID -> {
                UUID id = (UUID) content;
                out.writeLong(id.getMostSignificantBits()).writeLong(id.getLeastSignificantBits());
            }
            case ENUM -> {
                EnumLabel label = (EnumLabel) content;
                out.writeVInt(label.ordinal()).writeString(label.label());
            }
            case ARRAY, ROW -> {
                @Nullable SqlValue[] values = (@Nullable SqlValue[]) content;
                out.writeVInt(values.length);
                for (SqlValue value : values) {
                    write(value, out);
                }
            }
        }
    }

    private static void writeDecimal(BigDecimal value, WireWriter out) {
        out.writeZLong(value.scale()).writeBytes(value.unscaledValue().toByteArray());
    }

    private static void writeDecfloat(Object content, WireWriter out) {
        if (content instanceof BigDecimal finite) {
            writeDecimal(finite, out.writeByte(0));
        } else {
            double special = (Double) content;
            out.writeByte(Double.isNaN(special) ? 3 : special > 0 ? 1 : 2);
        }
    }

    private static void writeTimestamp(LocalDateTime at, WireWriter out) {
        out.writeZLong(at.toLocalDate().toEpochDay());
        out.writeVLong(at.toLocalTime().toNanoOfDay());
    }
}
