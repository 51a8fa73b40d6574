package org.deuterium.values;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.statement.ColumnDescription;
import org.h2.result.ResultInterface;
import org.h2.util.MathUtils;
import org.h2.value.DataType;
import org.h2.value.TypeInfo;
import org.h2.value.ValueToObjectConverter;
import org.jspecify.annotations.Nullable;

/** What H2 knows of a result's columns, said as H2's own {@code ResultSetMetaData} says it. */
public final class ColumnDescriptions {

    private ColumnDescriptions() {}

    public static List<ColumnDescription> of(ResultInterface result) {
        int count = result.getVisibleColumnCount();
        List<ColumnDescription> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            columns.add(of(result, i));
        }
        return columns;
    }

    private static ColumnDescription of(ResultInterface result, int column) {
        TypeInfo type = result.getColumnType(column);
        return new ColumnDescription(
                orEmpty(result.getAlias(column)),
                orEmpty(result.getColumnName(column)),
                orEmpty(result.getSchemaName(column)),
                orEmpty(result.getTableName(column)),
                ValueCodec.typeOf(type.getValueType()),
                type.getDeclaredTypeName(),
                DataType.convertTypeToSQLType(type),
                MathUtils.convertLongToInt(type.getPrecision()),
                type.getScale(),
                type.getDisplaySize(),
                result.getNullable(column),
                result.isIdentity(column),
                ValueToObjectConverter.getDefaultClass(type.getValueType(), true)
                        .getName());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
