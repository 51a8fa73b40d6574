package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionColumn;
import org.h2.expression.ExpressionVisitor;
import org.h2.expression.Parameter;
import org.h2.expression.ValueExpression;
import org.h2.expression.condition.Comparison;
import org.h2.expression.condition.ConditionAndOr;
import org.h2.expression.condition.ConditionAndOrN;
import org.h2.expression.condition.ConditionInConstantSet;
import org.h2.expression.condition.ConditionInList;
import org.h2.index.Index;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a WHERE names by a whole unique key of their table, each column by {@code =} and at most one of them by
 * IN. Whatever else the condition says only takes rows away.
 *
 * @param columns the columns of the key
 * @param listed the column named by IN; null if there is none
 * @param list the values of that IN
 */
record NamedKeys(List<Column> columns, @Nullable Column listed, List<Expression> list) {

    /** Types whose equality is that of their values; CHAR, for one, compares differently in = and in IN. */
    private static final Set<Integer> KEY_TYPES = Set.of(
            Value.BOOLEAN,
            Value.TINYINT,
            Value.SMALLINT,
            Value.INTEGER,
            Value.BIGINT,
            Value.NUMERIC,
            Value.VARCHAR,
            Value.VARBINARY,
            Value.BINARY,
            Value.UUID,
            Value.DATE,
            Value.TIME,
            Value.TIMESTAMP);

    NamedKeys {
        columns = List.copyOf(columns);
        list = List.copyOf(list);
    }

    /**
     * Null if the condition names no whole unique key.
     *
     * @param changed columns that no key may have, since the rows have others afterwards
     */
    static @Nullable NamedKeys of(
            Table table, TableFilter filter, @Nullable Expression condition, Set<Column> changed) {
        Map<Column, List<Expression>> fixed = new HashMap<>();
        if (condition != null) {
            collect(condition, filter, fixed);
        }
        NamedKeys found = null;
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isUnique() || index.getIndexType().isPrimaryKey()) {
                NamedKeys keys = of(index.getColumns(), fixed);
                if (keys != null
                        && Collections.disjoint(keys.columns, changed)
                        && (found == null || keys.listed == null)) {
                    found = keys;
                }
            }
        }
        return found;
    }

    private static @Nullable NamedKeys of(Column[] columns, Map<Column, List<Expression>> fixed) {
        Column listed = null;
        List<Expression> list = List.of();
        for (Column column : columns) {
            List<Expression> values = fixed.get(column);
            if (values == null || !KEY_TYPES.contains(column.getType().getValueType())) {
                return null;
            }
            if (values.size() > 1) {
                if (listed != null) {
                    return null;
                }
                listed = column;
                list = values;
            }
        }
        return columns.length == 0 ? null : new NamedKeys(List.of(columns), listed, list);
    }

    private static void collect(Expression condition, TableFilter filter, Map<Column, List<Expression>> fixed) {
        boolean and = (condition instanceof ConditionAndOr || condition instanceof ConditionAndOrN)
                && PrivateFields.read(condition, "andOrType", Integer.class) == ConditionAndOr.AND;
        if (and) {
            for (int i = 0; i < condition.getSubexpressionCount(); i++) {
                collect(condition.getSubexpression(i), filter, fixed);
            }
        } else if (condition instanceof Comparison) {
            if (PrivateFields.read(condition, "compareType", Integer.class) == Comparison.EQUAL) {
                fix(condition.getSubexpression(0), List.of(condition.getSubexpression(1)), filter, fixed);
                fix(condition.getSubexpression(1), List.of(condition.getSubexpression(0)), filter, fixed);
            }
        } else if ((condition instanceof ConditionInList || condition instanceof ConditionInConstantSet)
                && !PrivateFields.read(condition, "not", Boolean.class)
                && !PrivateFields.read(condition, "whenOperand", Boolean.class)) {
            List<Expression> values = new ArrayList<>();
            for (int i = 1; i < condition.getSubexpressionCount(); i++) {
                values.add(condition.getSubexpression(i));
            }
            fix(condition.getSubexpression(0), values, filter, fixed);
        }
    }

    private static void fix(
            Expression column, List<Expression> values, TableFilter filter, Map<Column, List<Expression>> fixed) {
        if (!(column instanceof ExpressionColumn named) || named.getTableFilter() != filter || values.isEmpty()) {
            return;
        }
        ExpressionVisitor ofOthers = ExpressionVisitor.getNotFromResolverVisitor(filter);
        for (Expression value : values) {
            boolean constant = value instanceof Parameter || value instanceof ValueExpression;
            if (!(values.size() == 1 ? value.isEverything(ofOthers) : constant)) {
                return;
            }
        }
        List<Expression> before = fixed.get(named.getColumn());
        if (before == null || before.size() > values.size()) {
            fixed.put(named.getColumn(), values);
        }
    }

    /** How many keys are named by the parameters bound now. */
    int count(SessionLocal session) {
        Column column = listed;
        if (column == null) {
            return 1;
        }
        Set<Value> distinct = new HashSet<>();
        for (Expression expression : list) {
            Value value = expression.getValue(session);
            if (value != ValueNull.INSTANCE) {
                distinct.add(column.convert(session, value));
            }
        }
        return distinct.size();
    }
}
