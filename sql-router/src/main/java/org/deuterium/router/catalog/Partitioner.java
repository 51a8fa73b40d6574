package org.deuterium.router.catalog;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.h2.util.DateTimeUtils;
import org.h2.value.Value;
import org.h2.value.ValueDate;
import org.h2.value.ValueNull;
import org.h2.value.ValueTime;
import org.h2.value.ValueTimestamp;
import org.h2.value.ValueUuid;

/**
 * {@code HASH v1}: from the values of the partition columns to one of 65,536 slots. It never changes: rows are found by
 * it for ever. A later hash gets another number.
 *
 * <ol>
 * <li>Each value becomes 64 bits. {@code mix} is the finaliser of MurmurHash3 (fmix64); {@code fnv} is FNV-1a, 64 bits.
 *     <ul>
 *     <li>NULL: 0
 *     <li>NUMBER that is a whole number in the range of BIGINT: {@code mix(n)}; any other: trailing zeros of the fraction
 *         removed, {@code mix(fnv(unscaled two's complement) + 31 * scale)}
 *     <li>BOOLEAN: as the numbers 0 and 1
 *     <li>TEXT, PADDED_TEXT (without trailing blanks): {@code mix(fnv(UTF-8 bytes))}; BYTES: {@code mix(fnv(bytes))}
 *     <li>DATE: {@code mix(days since 1970-01-01)}; TIME: {@code mix(nanoseconds of the day)}
 *     <li>TIMESTAMP: {@code mix(31 * mix(days) + nanoseconds of the day)}; UUID: {@code mix(31 * mix(high) + low)}
 *     </ul>
 * <li>A key of several columns: {@code h = mix(31 * h + next)} from the left; of one column: its value's bits.
 * <li>The slot is the lowest 16 bits.
 * </ol>
 */
public final class Partitioner {

    public static final int SLOTS = 1 << 16;

    public static final long NULL_HASH = 0;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Partitioner() {}

    public static int slot(long hash) {
        return (int) (hash & (SLOTS - 1));
    }

    /** The hash of a key whose columns on the left hash to {@code left}, with one more column. */
    public static long combine(long left, long next) {
        return mix(31 * left + next);
    }

    /** The hash of a value that already has its column's type. */
    public static long hash(Value value, HashType type) {
        if (value == ValueNull.INSTANCE) {
            return NULL_HASH;
        }
        return switch (type) {
            case NUMBER -> value.getValueType() == Value.NUMERIC ? hash(value.getBigDecimal()) : hash(value.getLong());
            case BOOLEAN -> hash(value.getBoolean() ? 1 : 0);
            case TEXT, PADDED_TEXT -> {
                byte[] utf8 = String.valueOf(value.getString()).getBytes(StandardCharsets.UTF_8);
                yield type == HashType.TEXT ? hash(utf8, 0, utf8.length) : hashPadded(utf8, 0, utf8.length);
            }
            case BYTES -> {
                byte[] bytes = value.getBytesNoCopy();
                yield hash(bytes, 0, bytes.length);
            }
            case DATE -> mix(DateTimeUtils.absoluteDayFromDateValue(((ValueDate) value).getDateValue()));
            case TIME -> mix(((ValueTime) value).getNanos());
            case TIMESTAMP -> {
                ValueTimestamp timestamp = (ValueTimestamp) value;
                long day = DateTimeUtils.absoluteDayFromDateValue(timestamp.getDateValue());
                yield combine(mix(day), timestamp.getTimeNanos());
            }
            case UUID -> combine(mix(((ValueUuid) value).getHigh()), ((ValueUuid) value).getLow());
        };
    }

    public static long hash(long number) {
        return mix(number);
    }

    public static long hash(BigDecimal number) {
        BigDecimal plain = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
        if (plain.scale() <= 0 && plain.precision() - plain.scale() <= 19) {
            BigDecimal whole = plain.setScale(0);
            if (whole.unscaledValue().bitLength() < 64) {
                return mix(whole.longValue());
            }
        }
        byte[] unscaled = plain.unscaledValue().toByteArray();
        return mix(fnv(unscaled, 0, unscaled.length) + 31L * plain.scale());
    }

    /** The hash of TEXT as UTF-8, or of BYTES. */
    public static long hash(byte[] bytes, int from, int length) {
        return mix(fnv(bytes, from, length));
    }

    /** The hash of PADDED_TEXT as UTF-8. */
    public static long hashPadded(byte[] utf8, int from, int length) {
        int end = from + length;
        while (end > from && utf8[end - 1] == ' ') {
            end--;
        }
        return mix(fnv(utf8, from, end - from));
    }

    private static long fnv(byte[] bytes, int from, int length) {
        long hash = FNV_OFFSET;
        for (int i = from; i < from + length; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
        }
        return hash;
    }

    private static long mix(long bits) {
        long h = bits;
        h ^= h >>> 33;
        h *= 0xff51afd7ed558ccdL;
        h ^= h >>> 33;
        h *= 0xc4ceb9fe1a85ec53L;
        h ^= h >>> 33;
        return h;
    }
}
