package org.deuterium.router.plan;

import org.deuterium.router.catalog.HashType;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.deuterium.router.catalog.RegularMode;
import org.h2.message.DbException;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/** From a value a statement gives to the value a partition column would hold: what H2 does when it stores or compares. */
final class KeyConversion {

    private KeyConversion() {}

    /**
     * Converts a value.
     *
     * @param assigned true if it will be stored, false if it is compared
     * @return null if unequal column values may equal it (H2 then compares in another type), or if the session's time
     *     zone has a say
     */
    static @Nullable Value convert(Value value, PartitionColumn column, boolean assigned) {
        if (value == ValueNull.INSTANCE) {
            return value;
        }
        if (!assigned && !comparesAsColumn(value.getValueType(), column.hashType())) {
            return null;
        }
        if (dependsOnTimeZone(value, column.hashType())) {
            return null;
        }
        try {
            return assigned
                    ? value.convertForAssignTo(column.type(), RegularMode.INSTANCE, column.name())
                    : value.convertTo(comparable(column), RegularMode.INSTANCE);
        } catch (DbException e) {
            // No row has such a key; the partition that is asked finds none, or reports the value as H2 does.
            return ValueNull.INSTANCE;
        }
    }

    /** A number is compared unrounded: a fraction equals no whole number, and any partition finds nothing. */
    private static org.h2.value.TypeInfo comparable(PartitionColumn column) {
        return switch (column.hashType()) {
            case NUMBER -> org.h2.value.TypeInfo.TYPE_NUMERIC_FLOATING_POINT;
            case TEXT, PADDED_TEXT -> org.h2.value.TypeInfo.TYPE_VARCHAR;
            case BYTES -> org.h2.value.TypeInfo.TYPE_VARBINARY;
            case TIMESTAMP -> org.h2.value.TypeInfo.TYPE_TIMESTAMP;
            case BOOLEAN, DATE, TIME, UUID -> column.type();
        };
    }

    /** The leader converts in the time zone of the client's session, which is not that of this process. */
    private static boolean dependsOnTimeZone(Value value, HashType column) {
        return switch (column) {
            case DATE, TIME, TIMESTAMP ->
                switch (value.getValueType()) {
                    case Value.TIMESTAMP_TZ, Value.TIME_TZ -> true;
                    case Value.VARCHAR, Value.CHAR -> namesTimeZone(value.getString());
                    default -> false;
                };
            case NUMBER, TEXT, PADDED_TEXT, BYTES, BOOLEAN, UUID -> false;
        };
    }

    private static boolean namesTimeZone(@Nullable String text) {
        int time = text == null ? -1 : text.indexOf(':');
        if (text == null || time < 0) {
            return false;
        }
        for (int i = time; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '+' || c == '-' || Character.isLetter(c)) {
                return true;
            }
        }
        return false;
    }

    private static boolean comparesAsColumn(int valueType, HashType column) {
        boolean text = valueType == Value.VARCHAR || valueType == Value.CHAR;
        return switch (column) {
            case NUMBER -> text || HashType.of(valueType) == HashType.NUMBER;
            case TEXT, PADDED_TEXT -> text;
            case BOOLEAN -> text || valueType == Value.BOOLEAN;
            case DATE -> text || valueType == Value.DATE;
            case TIME -> text || valueType == Value.TIME;
            case TIMESTAMP -> text || valueType == Value.TIMESTAMP || valueType == Value.DATE;
            case UUID -> text || valueType == Value.UUID;
            case BYTES -> valueType == Value.VARBINARY || valueType == Value.BINARY;
        };
    }
}
