package org.deuterium.wire;

/**
 * The types a value can have on the wire: H2's data types. A value is its type's code (one byte) and then:
 *
 * <table>
 * <caption>bytes after the type code</caption>
 * <tr><td>NULL</td><td>nothing</td></tr>
 * <tr><td>BOOLEAN, TINYINT</td><td>byte</td></tr>
 * <tr><td>SMALLINT, INTEGER, BIGINT</td><td>zLong</td></tr>
 * <tr><td>NUMERIC</td><td>zLong scale, bytes of the unscaled two's complement</td></tr>
 * <tr><td>DECFLOAT</td><td>byte 0 finite, 1 infinity, 2 -infinity, 3 NaN; if finite, as NUMERIC</td></tr>
 * <tr><td>REAL, DOUBLE</td><td>float, double</td></tr>
 * <tr><td>CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB</td><td>string</td></tr>
 * <tr><td>BINARY, VARBINARY, BLOB, JSON, GEOMETRY (EWKB), JAVA_OBJECT</td><td>bytes</td></tr>
 * <tr><td>DATE</td><td>zLong days since 1970-01-01 (proleptic Gregorian)</td></tr>
 * <tr><td>TIME</td><td>vLong nanoseconds of the day</td></tr>
 * <tr><td>TIME_TZ</td><td>vLong nanoseconds of the day, zLong offset in seconds</td></tr>
 * <tr><td>TIMESTAMP</td><td>as DATE, then as TIME</td></tr>
 * <tr><td>TIMESTAMP_TZ</td><td>as TIMESTAMP (local at the offset), zLong offset in seconds</td></tr>
 * <tr><td>INTERVAL</td><td>byte qualifier (0 YEAR, 1 MONTH, 2 DAY, 3 HOUR, 4 MINUTE, 5 SECOND, 6 YEAR TO MONTH,
 * 7 DAY TO HOUR, 8 DAY TO MINUTE, 9 DAY TO SECOND, 10 HOUR TO MINUTE, 11 HOUR TO SECOND, 12 MINUTE TO SECOND),
 * boolean negative, vLong leading, vLong remaining (H2's two fields)</td></tr>
 * <tr><td>UUID</td><td>two longs</td></tr>
 * <tr><td>ENUM</td><td>vInt ordinal (from 1), string label</td></tr>
 * <tr><td>ARRAY, ROW</td><td>vInt count, the values</td></tr>
 * </table>
 */
public enum ValueType {
    NULL,
    BOOLEAN,
    TINYINT,
    SMALLINT,
    INTEGER,
    BIGINT,
    NUMERIC,
    DECFLOAT,
    REAL,
    DOUBLE,
    CHAR,
    VARCHAR,
    VARCHAR_IGNORECASE,
    BINARY,
    VARBINARY,
    CLOB,
    BLOB,
    DATE,
    TIME,
    TIME_TZ,
    TIMESTAMP,
    TIMESTAMP_TZ,
    INTERVAL,
    UUID,
    JSON,
    GEOMETRY,
    ENUM,
    ARRAY,
    ROW,
    JAVA_OBJECT;

    private static final ValueType[] BY_CODE = values();

    /** The byte before a value; the order of the constants never changes. */
    public int code() {
        return ordinal();
    }

    public static ValueType ofCode(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new MalformedMessageException("unknown value type " + code);
        }
        return BY_CODE[code];
    }
}
