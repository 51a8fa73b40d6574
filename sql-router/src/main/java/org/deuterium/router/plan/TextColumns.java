package org.deuterium.router.plan;

import org.deuterium.wire.ValueType;
import org.deuterium.wire.statement.ColumnDescription;
import org.h2.value.DataType;
import org.h2.value.TypeInfo;
import org.h2.value.ValueToObjectConverter;

/** Columns of answers that the router makes itself, described as H2 would describe them. */
final class TextColumns {

    private TextColumns() {}

    /** A nullable column of VARCHAR, BOOLEAN, INTEGER or BIGINT. */
    static ColumnDescription column(String label, ValueType type) {
        TypeInfo h2Type =
                switch (type) {
                    case BOOLEAN -> TypeInfo.TYPE_BOOLEAN;
                    case INTEGER -> TypeInfo.TYPE_INTEGER;
                    case BIGINT -> TypeInfo.TYPE_BIGINT;
                    default -> TypeInfo.TYPE_VARCHAR;
                };
        return new ColumnDescription(
                label,
                label,
                "",
                "",
                type,
                h2Type.getDeclaredTypeName(),
                DataType.convertTypeToSQLType(h2Type),
                h2Type.getPrecision(),
                h2Type.getScale(),
                h2Type.getDisplaySize(),
                1,
                false,
                ValueToObjectConverter.getDefaultClass(h2Type.getValueType(), true)
                        .getName());
    }
}
