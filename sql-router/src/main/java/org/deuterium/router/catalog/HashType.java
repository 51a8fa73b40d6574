package org.deuterium.router.catalog;

import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a partition column are hashed. Columns of one hash type that compare equal hash equal, so rows of
 * two tables with equal keys meet in one partition.
 */
public enum HashType {
    /** TINYINT to BIGINT, and NUMERIC: by value, whatever the type or scale. */
    NUMBER,
    BOOLEAN,
    /** CHARACTER VARYING: by every character. */
    TEXT,
    /** CHARACTER: trailing blanks do not count. */
    PADDED_TEXT,
    BYTES,
    DATE,
    TIME,
    TIMESTAMP,
    UUID;

    /** The hash type for one of H2's value types, or null if such a column cannot decide the partition. */
    public static @Nullable HashType of(int h2ValueType) {
        return switch (h2ValueType) {
            case Value.TINYINT, Value.SMALLINT, Value.INTEGER, Value.BIGINT, Value.NUMERIC -> NUMBER;
            case Value.BOOLEAN -> BOOLEAN;
            case Value.VARCHAR -> TEXT;
            case Value.CHAR -> PADDED_TEXT;
            case Value.VARBINARY, Value.BINARY -> BYTES;
            case Value.DATE -> DATE;
            case Value.TIME -> TIME;
            case Value.TIMESTAMP -> TIMESTAMP;
            case Value.UUID -> UUID;
            default -> null;
        };
    }
}
