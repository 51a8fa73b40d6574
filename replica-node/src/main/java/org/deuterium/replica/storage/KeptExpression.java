package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.h2.expression.BinaryOperation;
import org.h2.expression.ConcatenationOperation;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionColumn;
import org.h2.expression.Parameter;
import org.h2.expression.SearchedCase;
import org.h2.expression.UnaryOperation;
import org.h2.expression.ValueExpression;
import org.h2.expression.condition.Comparison;
import org.h2.util.HasSQL;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * An expression over the columns of one row, constants and parameters that has the same value on every replica: exact
 * numbers and plain text only, and only operators that look at nothing else. No clock, random number, sequence, time
 * zone, locale or platform's floating point can be in it, so its text may stand in the log.
 *
 * @param fragments the text around the parameters; one more than there are parameters
 * @param parameters which parameter of the statement stands between two fragments, from 0
 */
record KeptExpression(List<String> fragments, List<Integer> parameters) {

    private static final Set<Class<?>> OPERATORS = Set.of(
            BinaryOperation.class,
            UnaryOperation.class,
            ConcatenationOperation.class,
            Comparison.class,
            SearchedCase.class);

    private static final Set<Integer> TYPES = Set.of(
            Value.UNKNOWN,
            Value.NULL,
            Value.BOOLEAN,
            Value.TINYINT,
            Value.SMALLINT,
            Value.INTEGER,
            Value.BIGINT,
            Value.NUMERIC,
            Value.VARCHAR);

    KeptExpression {
        fragments = List.copyOf(fragments);
        parameters = List.copyOf(parameters);
    }

    /** True for values whose conversions and operators are the same everywhere. */
    static boolean isPlain(int h2ValueType) {
        return TYPES.contains(h2ValueType);
    }

    /** The expression, parsed and mapped to its table's columns; null if it need not be the same on every replica. */
    static @Nullable KeptExpression of(Expression expression) {
        if (!isRepeatable(expression)) {
            return null;
        }
        return split(expression
                .getUnenclosedSQL(new StringBuilder(), HasSQL.QUOTE_ONLY_WHEN_REQUIRED)
                .toString());
    }

    private static boolean isRepeatable(Expression expression) {
        if (!isPlain(expression.getType().getValueType())) {
            return false;
        }
        Class<?> type = expression.getClass();
        if (type == ExpressionColumn.class) {
            return ((ExpressionColumn) expression).getColumn() != null;
        }
        if (type == Parameter.class || type == ValueExpression.class) {
            return expression != ValueExpression.DEFAULT;
        }
        if (!OPERATORS.contains(type)) {
            return false;
        }
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            if (!isRepeatable(expression.getSubexpression(i))) {
                return false;
            }
        }
        return true;
    }

    /** Cuts H2's text at its parameters, which it writes as ?1, ?2, ... */
    private static KeptExpression split(String sql) {
        List<String> fragments = new ArrayList<>();
        List<Integer> parameters = new ArrayList<>();
        int from = 0;
        char quote = 0;
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '?') {
                int end = i + 1;
                while (end < sql.length() && Character.isDigit(sql.charAt(end))) {
                    end++;
                }
                fragments.add(sql.substring(from, i));
                parameters.add(Integer.parseInt(sql.substring(i + 1, end)) - 1);
                from = end;
                i = end - 1;
            }
        }
        fragments.add(sql.substring(from));
        return new KeptExpression(fragments, parameters);
    }

    /** True if a parameter is part of a calculation, and not all of it. */
    boolean computesWithParameters() {
        return !parameters.isEmpty() && !fragments.equals(List.of("", ""));
    }

    /** Whether the values given now are plain as well. */
    boolean fits(Value[] values) {
        for (int parameter : parameters) {
            if (!isPlain(values[parameter].getValueType())) {
                return false;
            }
        }
        return true;
    }

    /** Appends the text with question marks, and the values that stand for them. */
    void write(StringBuilder sql, Value[] values, List<Value> bound) {
        sql.append(fragments.get(0));
        for (int i = 0; i < parameters.size(); i++) {
            bound.add(values[parameters.get(i)]);
            sql.append('?').append(fragments.get(i + 1));
        }
    }
}
