package org.deuterium.router.plan;

import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;

/** Moves over values on the wire without reading them. */
public final class WireValues {

    private WireValues() {}

    public static void skip(WireReader in) {
        ValueType type = ValueType.ofCode(in.readByte());
        switch (type) {
            case NULL -> {}
            case BOOLEAN, TINYINT -> in.skip(1);
            case SMALLINT, INTEGER, BIGINT, DATE -> in.readZLong();
            case NUMERIC -> decimal(in);
            case DECFLOAT -> {
                if (in.readByte() == 0) {
                    decimal(in);
                }
            }
            case REAL -> in.skip(Float.BYTES);
            case DOUBLE -> in.skip(Double.BYTES);
            case CHAR, VARCHAR, VARCHAR_IGNORECASE, CLOB, BINARY, VARBINARY, BLOB, JSON, GEOMETRY, JAVA_OBJECT ->
                bytes(in);
            case TIME -> in.readVLong();
            case TIME_TZ -> {
                in.readVLong();
                in.readZLong();
            }
            case TIMESTAMP -> {
                in.readZLong();
                in.readVLong();
            }
            case TIMESTAMP_TZ -> {
                in.readZLong();
                in.readVLong();
                in.readZLong();
            }
            case INTERVAL -> {
                in.skip(2);
                in.readVLong();
                in.readVLong();
            }
            case UUID -> in.skip(2 * Long.BYTES);
            case ENUM -> {
                in.readVInt();
                bytes(in);
            }
            case ARRAY, ROW -> {
                for (int i = in.readCount(); i > 0; i--) {
                    skip(in);
                }
            }
        }
    }

    private static void decimal(WireReader in) {
        in.readZLong();
        bytes(in);
    }

    private static void bytes(WireReader in) {
        in.skip(in.readCount());
    }
}
