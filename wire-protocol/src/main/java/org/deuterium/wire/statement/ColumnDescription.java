package org.deuterium.wire.statement;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * One column of a result, as {@code ResultSetMetaData} tells of it.
 *
 * @param label what the query calls it (alias)
 * @param name the column's own name, or the label of an expression
 * @param schema the schema of its table, "" for an expression
 * @param table its table, "" for an expression
 * @param type how its values travel
 * @param typeName H2's name of the type, e.g. "CHARACTER VARYING"
 * @param sqlType the number in java.sql.Types that H2 gives
 * @param precision as H2's ResultSetMetaData.getPrecision
 * @param nullable 0 no, 1 yes, 2 unknown (java.sql.ResultSetMetaData)
 * @param className what getObject returns, as H2 names it
 */
public record ColumnDescription(
        String label,
        String name,
        String schema,
        String table,
        ValueType type,
        String typeName,
        int sqlType,
        long precision,
        int scale,
        int displaySize,
        int nullable,
        boolean identity,
        String className) {

    public void encode(WireWriter out) {
        out.writeString(label).writeString(name).writeString(schema).writeString(table);
        out.writeByte(type.code()).writeString(typeName).writeZLong(sqlType);
        out.writeVLong(precision).writeZLong(scale).writeVInt(displaySize).writeByte(nullable);
        out.writeBoolean(identity).writeString(className);
    }

    public static ColumnDescription decode(WireReader in) {
        return new ColumnDescription(
                in.readString(),
                in.readString(),
                in.readString(),
                in.readString(),
                ValueType.ofCode(in.readByte()),
                in.readString(),
                (int) in.readZLong(),
                in.readVLong(),
                (int) in.readZLong(),
                in.readVInt(),
                in.readByte(),
                in.readBoolean(),
                in.readString());
    }

    public static void encodeAll(List<ColumnDescription> columns, WireWriter out) {
        out.writeVInt(columns.size());
        for (ColumnDescription column : columns) {
            column.encode(out);
        }
    }

    public static List<ColumnDescription> decodeAll(WireReader in) {
        int count = in.readCount();
        List<ColumnDescription> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            columns.add(decode(in));
        }
        return columns;
    }
}
