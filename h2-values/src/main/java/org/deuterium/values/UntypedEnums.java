package org.deuterium.values;

import java.util.Iterator;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.h2.engine.CastDataProvider;
import org.h2.value.ExtTypeInfoEnum;
import org.h2.value.ExtTypeInfoRow;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueInteger;
import org.h2.value.ValueRow;
import org.h2.value.ValueVarchar;

/**
 * ENUM values that were read from bytes: each has its label and its number, but not the type, and without that H2 can
 * neither convert nor compare it. So whoever gives such a value to H2 gives the type as well, or its label or its number
 * instead, also inside of arrays and rows.
 */
public final class UntypedEnums {

    private UntypedEnums() {}

    /** The value with the label of each ENUM instead of it: what SQL takes for a value of any ENUM column. */
    public static Value asLabels(Value value) {
        return replace(value, one -> ValueVarchar.get(one.getString()));
    }

    /** The value with the number of each ENUM instead of it, which is its order. */
    public static Value asNumbers(Value value) {
        return replace(value, one -> ValueInteger.get(one.getInt()));
    }

    /**
     * The value as one of a column's type, to which it belongs already; an ENUM by its number, so labels may have been
     * renamed. H2's own conversion would take the type of a row's first converted field for all fields behind it.
     */
    public static Value typed(Value value, TypeInfo type, CastDataProvider provider) {
        return switch (value.getValueType()) {
            case Value.ENUM ->
                type.getExtTypeInfo() instanceof ExtTypeInfoEnum labels
                        ? labels.getValue(value.getInt(), provider)
                        : value;
            case Value.ARRAY -> {
                if (!(type.getExtTypeInfo() instanceof TypeInfo component)) {
                    yield value;
                }
                Value[] values = ((ValueArray) value).getList().clone();
                for (int i = 0; i < values.length; i++) {
                    values[i] = typed(values[i], component, provider);
                }
                yield ValueArray.get(component, values, provider);
            }
            case Value.ROW -> {
                Value[] values = ((ValueRow) value).getList().clone();
                if (!(type.getExtTypeInfo() instanceof ExtTypeInfoRow row)
                        || row.getFields().size() != values.length) {
                    yield value;
                }
                Iterator<Map.Entry<String, TypeInfo>> fields = row.getFields().iterator();
                for (int i = 0; i < values.length; i++) {
                    values[i] = typed(values[i], fields.next().getValue(), provider);
                }
                yield ValueRow.get(type, values);
            }
            default -> value;
        };
    }

    /** True if values of the type are ENUMs or hold some. */
    static boolean isWithin(TypeInfo type) {
        return switch (type.getValueType()) {
            case Value.ENUM -> true;
            case Value.ARRAY -> type.getExtTypeInfo() instanceof TypeInfo component && isWithin(component);
            case Value.ROW ->
                type.getExtTypeInfo() instanceof ExtTypeInfoRow row
                        && row.getFields().stream().map(Map.Entry::getValue).anyMatch(UntypedEnums::isWithin);
            default -> false;
        };
    }

    private static Value replace(Value value, UnaryOperator<Value> one) {
        return switch (value.getValueType()) {
            case Value.ENUM -> one.apply(value);
            case Value.ARRAY -> {
                ValueArray array = (ValueArray) value;
                yield isWithin(array.getComponentType()) ? ValueArray.get(replace(array.getList(), one), null) : array;
            }
            case Value.ROW -> ValueRow.get(replace(((ValueRow) value).getList(), one));
            default -> value;
        };
    }

    private static Value[] replace(Value[] values, UnaryOperator<Value> one) {
        Value[] replaced = new Value[values.length];
        for (int i = 0; i < values.length; i++) {
            replaced[i] = replace(values[i], one);
        }
        return replaced;
    }
}
