package org.deuterium.values;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.h2.api.IntervalQualifier;
import org.h2.util.DateTimeUtils;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueBigint;
import org.h2.value.ValueBinary;
import org.h2.value.ValueBlob;
import org.h2.value.ValueBoolean;
import org.h2.value.ValueChar;
import org.h2.value.ValueClob;
import org.h2.value.ValueDate;
import org.h2.value.ValueDecfloat;
import org.h2.value.ValueDouble;
import org.h2.value.ValueEnumBase;
import org.h2.value.ValueGeometry;
import org.h2.value.ValueInteger;
import org.h2.value.ValueInterval;
import org.h2.value.ValueJavaObject;
import org.h2.value.ValueJson;
import org.h2.value.ValueNull;
import org.h2.value.ValueNumeric;
import org.h2.value.ValueReal;
import org.h2.value.ValueRow;
import org.h2.value.ValueSmallint;
import org.h2.value.ValueTime;
import org.h2.value.ValueTimeTimeZone;
import org.h2.value.ValueTimestamp;
import org.h2.value.ValueTimestampTimeZone;
import org.h2.value.ValueTinyint;
import org.h2.value.ValueUuid;
import org.h2.value.ValueVarbinary;
import org.h2.value.ValueVarchar;
import org.h2.value.ValueVarcharIgnoreCase;

/** H2's values to and from the bytes that {@link ValueType} describes. */
public final class ValueCodec {

    private static final int FINITE = 0;
    private static final int POSITIVE_INFINITY = 1;
    private static final int NEGATIVE_INFINITY = 2;
    private static final int NOT_A_NUMBER = 3;

    /** Arrays and rows inside one another; deeper bytes are hostile. */
    private static final int MAX_DEPTH = 64;

    /** H2's 100,000 digits. A larger number would keep a thread busy for minutes when it is written out. */
    private static final int MAX_DECIMAL_BYTES = 41_600;

    private static final long NANOS_PER_DAY = 86_400_000_000_000L;
    private static final int MAX_OFFSET_SECONDS = 18 * 3600;
    private static final IntervalQualifier[] QUALIFIERS = IntervalQualifier.values();
    private static final ValueType[] BY_H2_TYPE = new ValueType[Value.TYPE_COUNT];

    static {
        Arrays.fill(BY_H2_TYPE, ValueType.INTERVAL);
        BY_H2_TYPE[Value.NULL] = ValueType.NULL;
        BY_H2_TYPE[Value.CHAR] = ValueType.CHAR;
        BY_H2_TYPE[Value.VARCHAR] = ValueType.VARCHAR;
        BY_H2_TYPE[Value.CLOB] = ValueType.CLOB;
        BY_H2_TYPE[Value.VARCHAR_IGNORECASE] = ValueType.VARCHAR_IGNORECASE;
        BY_H2_TYPE[Value.BINARY] = ValueType.BINARY;
        BY_H2_TYPE[Value.VARBINARY] = ValueType.VARBINARY;
        BY_H2_TYPE[Value.BLOB] = ValueType.BLOB;
        BY_H2_TYPE[Value.BOOLEAN] = ValueType.BOOLEAN;
        BY_H2_TYPE[Value.TINYINT] = ValueType.TINYINT;
        BY_H2_TYPE[Value.SMALLINT] = ValueType.SMALLINT;
        BY_H2_TYPE[Value.INTEGER] = ValueType.INTEGER;
        BY_H2_TYPE[Value.BIGINT] = ValueType.BIGINT;
        BY_H2_TYPE[Value.NUMERIC] = ValueType.NUMERIC;
        BY_H2_TYPE[Value.REAL] = ValueType.REAL;
        BY_H2_TYPE[Value.DOUBLE] = ValueType.DOUBLE;
        BY_H2_TYPE[Value.DECFLOAT] = ValueType.DECFLOAT;
        BY_H2_TYPE[Value.DATE] = ValueType.DATE;
        BY_H2_TYPE[Value.TIME] = ValueType.TIME;
        BY_H2_TYPE[Value.TIME_TZ] = ValueType.TIME_TZ;
        BY_H2_TYPE[Value.TIMESTAMP] = ValueType.TIMESTAMP;
        BY_H2_TYPE[Value.TIMESTAMP_TZ] = ValueType.TIMESTAMP_TZ;
        BY_H2_TYPE[Value.JAVA_OBJECT] = ValueType.JAVA_OBJECT;
        BY_H2_TYPE[Value.ENUM] = ValueType.ENUM;
        BY_H2_TYPE[Value.GEOMETRY] = ValueType.GEOMETRY;
        BY_H2_TYPE[Value.JSON] = ValueType.JSON;
        BY_H2_TYPE[Value.UUID] = ValueType.UUID;
        BY_H2_TYPE[Value.ARRAY] = ValueType.ARRAY;
        BY_H2_TYPE[Value.ROW] = ValueType.ROW;
    }

    private ValueCodec() {}

    /** The type on the wire of one of H2's value types; H2's "unknown" (an untyped parameter) travels as NULL. */
    public static ValueType typeOf(int h2ValueType) {
        return h2ValueType < 0 ? ValueType.NULL : BY_H2_TYPE[h2ValueType];
    }

    public static void write(Value value, WireWriter out) {
        ValueType type = typeOf(value.getValueType());
        out.writeByte(type.code());
        switch (type) {
            case NULL -> {}
            case INTEGER, SMALLINT -> out.writeZLong(value.getInt());
            case BIGINT -> out.writeZLong(value.getLong());
            case VARCHAR, CHAR, VARCHAR_IGNORECASE, CLOB -> out.writeString(text(value));
            case BOOLEAN -> out.writeBoolean(value.getBoolean());
            case TINYINT -> out.writeByte(value.getByte());
            case NUMERIC -> writeDecimal(value.getBigDecimal(), out);
            case DECFLOAT -> writeDecfloat((ValueDecfloat) value, out);
            case REAL -> out.writeFloat(value.getFloat());
            case DOUBLE -> out.writeDouble(value.getDouble());
            case BINARY, VARBINARY, JSON, GEOMETRY, JAVA_OBJECT -> out.writeBytes(value.getBytesNoCopy());
            case BLOB -> out.writeBytes(value.getBytes());
            case DATE -> writeDate(((ValueDate) value).getDateValue(), out);
            case TIME -> out.writeVLong(((ValueTime) value).getNanos());
            case TIME_TZ -> {
                ValueTimeTimeZone time = (ValueTimeTimeZone) value;
                out.writeVLong(time.getNanos()).writeZLong(time.getTimeZoneOffsetSeconds());
            }
            case TIMESTAMP -> {
                ValueTimestamp timestamp = (ValueTimestamp) value;
                writeDate(timestamp.getDateValue(), out);
                out.writeVLong(timestamp.getTimeNanos());
            }
            case TIMESTAMP_TZ -> {
                ValueTimestampTimeZone timestamp = (ValueTimestampTimeZone) value;
                writeDate(timestamp.getDateValue(), out);
                out.writeVLong(timestamp.getTimeNanos()).writeZLong(timestamp.getTimeZoneOffsetSeconds());
            }
            case INTERVAL -> {
                ValueInterval interval = (ValueInterval) value;
                out.writeByte(interval.getQualifier().ordinal()).writeBoolean(interval.isNegative());
                out.writeVLong(interval.getLeading()).writeVLong(interval.getRemaining());
            }
            case UUID -> {
                ValueUuid uuid = (ValueUuid) value;
                out.writeLong(uuid.getHigh()).writeLong(uuid.getLow());
            }
            case ENUM -> out.writeVInt(value.getInt()).writeString(text(value));
            case ARRAY -> writeAll(((ValueArray) value).getList(), out);
            case ROW -> writeAll(((ValueRow) value).getList(), out);
        }
    }

    /**
     * Reads one value.
     *
     * @throws MalformedMessageException if the bytes are no value
     */
    public static Value read(WireReader in) {
        return read(in, 0);
    }

    private static Value read(WireReader in, int depth) {
        ValueType type = ValueType.ofCode(in.readByte());
        return switch (type) {
            case NULL -> ValueNull.INSTANCE;
            case BOOLEAN -> ValueBoolean.get(in.readBoolean());
            case TINYINT -> ValueTinyint.get((byte) in.readByte());
            case SMALLINT -> ValueSmallint.get((short) in.readZLong());
            case INTEGER -> ValueInteger.get((int) in.readZLong());
            case BIGINT -> ValueBigint.get(in.readZLong());
            case NUMERIC -> readNumeric(in);
            case DECFLOAT -> readDecfloat(in);
            case REAL -> ValueReal.get(in.readFloat());
            case DOUBLE -> ValueDouble.get(in.readDouble());
            case CHAR -> ValueChar.get(in.readString());
            case VARCHAR -> ValueVarchar.get(in.readString());
            case VARCHAR_IGNORECASE -> ValueVarcharIgnoreCase.get(in.readString());
            case CLOB -> ValueClob.createSmall(in.readString());
            case BINARY -> ValueBinary.getNoCopy(in.readBytes());
            case VARBINARY -> ValueVarbinary.getNoCopy(in.readBytes());
            case BLOB -> ValueBlob.createSmall(in.readBytes());
            case DATE -> ValueDate.fromDateValue(readDate(in));
            case TIME -> ValueTime.fromNanos(readNanos(in));
            case TIME_TZ -> ValueTimeTimeZone.fromNanos(readNanos(in), readOffset(in));
            case TIMESTAMP -> ValueTimestamp.fromDateValueAndNanos(readDate(in), readNanos(in));
            case TIMESTAMP_TZ ->
                ValueTimestampTimeZone.fromDateValueAndNanos(readDate(in), readNanos(in), readOffset(in));
            case INTERVAL -> readInterval(in);
            case UUID -> ValueUuid.get(in.readLong(), in.readLong());
            case JSON -> ValueJson.fromJson(in.readBytes());
            case GEOMETRY -> ValueGeometry.get(in.readBytes());
            case ENUM -> readEnum(in);
            case ARRAY -> readArray(in, depth);
            case ROW -> ValueRow.get(readAll(in, depth));
            case JAVA_OBJECT -> ValueJavaObject.getNoCopy(in.readBytes());
        };
    }

    /** H2 gives null for the text of NULL only, which never comes here. */
    private static String text(Value value) {
        String text = value.getString();
        if (text == null) {
            throw new IllegalStateException("a value of type " + value.getValueType() + " has no text");
        }
        return text;
    }

    private static void writeDecimal(BigDecimal decimal, WireWriter out) {
        out.writeZLong(decimal.scale()).writeBytes(decimal.unscaledValue().toByteArray());
    }

    private static BigDecimal readDecimal(WireReader in) {
        int scale = (int) in.readZLong();
        byte[] unscaled = in.readBytes();
        if (unscaled.length == 0 || unscaled.length > MAX_DECIMAL_BYTES) {
            throw new MalformedMessageException(
                    "a decimal of " + unscaled.length + " bytes; 1 to " + MAX_DECIMAL_BYTES);
        }
        return new BigDecimal(new BigInteger(unscaled), scale);
    }

    private static Value readNumeric(WireReader in) {
        BigDecimal decimal = readDecimal(in);
        if (Math.abs((long) decimal.scale()) > ValueNumeric.MAXIMUM_SCALE) {
            throw new MalformedMessageException("a NUMERIC of scale " + decimal.scale());
        }
        return ValueNumeric.getAnyScale(decimal);
    }

    private static void writeDecfloat(ValueDecfloat value, WireWriter out) {
        if (value.isFinite()) {
            out.writeByte(FINITE);
            writeDecimal(value.getBigDecimal(), out);
        } else if (value == ValueDecfloat.POSITIVE_INFINITY) {
            out.writeByte(POSITIVE_INFINITY);
        } else {
            out.writeByte(value == ValueDecfloat.NEGATIVE_INFINITY ? NEGATIVE_INFINITY : NOT_A_NUMBER);
        }
    }

    private static Value readDecfloat(WireReader in) {
        int kind = in.readByte();
        return switch (kind) {
            case FINITE -> ValueDecfloat.get(readDecimal(in));
            case POSITIVE_INFINITY -> ValueDecfloat.POSITIVE_INFINITY;
            case NEGATIVE_INFINITY -> ValueDecfloat.NEGATIVE_INFINITY;
            case NOT_A_NUMBER -> ValueDecfloat.NAN;
            default -> throw new MalformedMessageException("unknown kind of DECFLOAT " + kind);
        };
    }

    private static void writeDate(long dateValue, WireWriter out) {
        out.writeZLong(DateTimeUtils.absoluteDayFromDateValue(dateValue));
    }

    private static long readDate(WireReader in) {
        long day = in.readZLong();
        // H2 keeps years of nine digits; beyond that its arithmetic overflows.
        if (Math.abs(day) > 365_300_000_000L) {
            throw new MalformedMessageException("day " + day + " is outside the calendar");
        }
        return DateTimeUtils.dateValueFromAbsoluteDay(day);
    }

    private static long readNanos(WireReader in) {
        long nanos = in.readVLong();
        if (nanos < 0 || nanos >= NANOS_PER_DAY) {
            throw new MalformedMessageException(nanos + " is no nanosecond of a day");
        }
        return nanos;
    }

    private static int readOffset(WireReader in) {
        long seconds = in.readZLong();
        if (Math.abs(seconds) > MAX_OFFSET_SECONDS) {
            throw new MalformedMessageException(seconds + " seconds is no time zone offset");
        }
        return (int) seconds;
    }

    private static Value readInterval(WireReader in) {
        int ordinal = in.readByte();
        if (ordinal < 0 || ordinal >= QUALIFIERS.length) {
            throw new MalformedMessageException("unknown kind of interval " + ordinal);
        }
        return ValueInterval.from(QUALIFIERS[ordinal], in.readBoolean(), in.readVLong(), in.readVLong());
    }

    private static Value readEnum(WireReader in) {
        int ordinal = in.readVInt();
        return ValueEnumBase.get(in.readString(), ordinal);
    }

    private static void writeAll(Value[] values, WireWriter out) {
        out.writeVInt(values.length);
        for (Value value : values) {
            write(value, out);
        }
    }

    private static Value[] readAll(WireReader in, int depth) {
        if (depth > MAX_DEPTH) {
            throw new MalformedMessageException("arrays or rows nested deeper than " + MAX_DEPTH);
        }
        Value[] values = new Value[in.readCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = read(in, depth + 1);
        }
        return values;
    }

    private static Value readArray(WireReader in, int depth) {
        Value[] values = readAll(in, depth);
        TypeInfo component = TypeInfo.TYPE_NULL;
        for (Value value : values) {
            component = TypeInfo.getHigherType(component, value.getType());
        }
        if (!UntypedEnums.isWithin(component)) {
            return ValueArray.get(component, values, null);
        }
        // H2 converts each element to the type of all, which an ENUM without its labels cannot stand.
        Value[] nothing = new Value[values.length];
        Arrays.fill(nothing, ValueNull.INSTANCE);
        ValueArray array = ValueArray.get(component, nothing, null);
        System.arraycopy(values, 0, array.getList(), 0, values.length);
        return array;
    }
}
