package org.deuterium.router.plan.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.type.SqlTypeName;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueNull;
import org.h2.value.ValueNumeric;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/** Small questions about expressions of a syntax tree. */
public final class Expressions {

    private Expressions() {}

    /** The parts of a condition that must all hold. */
    static List<SqlNode> conjuncts(@Nullable SqlNode condition) {
        List<SqlNode> parts = new ArrayList<>();
        collect(condition, SqlKind.AND, parts);
        return parts;
    }

    /** The parts of a condition of which one must hold. */
    static List<SqlNode> disjuncts(SqlNode condition) {
        List<SqlNode> parts = new ArrayList<>();
        collect(condition, SqlKind.OR, parts);
        return parts;
    }

    private static void collect(@Nullable SqlNode condition, SqlKind kind, List<SqlNode> parts) {
        if (condition == null) {
            return;
        }
        if (condition.getKind() == kind) {
            for (SqlNode operand : ((SqlCall) condition).getOperandList()) {
                collect(operand, kind, parts);
            }
        } else {
            parts.add(condition);
        }
    }

    /** The parameter or constant an expression is, or null if it is neither. */
    static @Nullable KeyOperand operand(SqlNode expression, Function<String, Value> evaluator) {
        if (expression instanceof SqlDynamicParam parameter) {
            return KeyOperand.ofParameter(parameter.getIndex());
        }
        Value value = simpleConstant(expression, 1);
        if (value == null && isConstant(expression)) {
            value = evaluator.apply(SqlTexts.text(expression));
        }
        return value == null ? null : KeyOperand.of(value);
    }

    private static @Nullable Value simpleConstant(SqlNode expression, int sign) {
        if (expression.getKind() == SqlKind.MINUS_PREFIX) {
            return simpleConstant(((SqlCall) expression).operand(0), -sign);
        }
        if (!(expression instanceof SqlLiteral literal)) {
            return null;
        }
        if (literal.getTypeName() == SqlTypeName.NULL) {
            return ValueNull.INSTANCE;
        }
        if (literal.getTypeName() == SqlTypeName.DECIMAL) {
            java.math.BigDecimal number = literal.bigDecimalValue();
            if (number == null) {
                return null;
            }
            number = sign < 0 ? number.negate() : number;
            boolean whole = number.scale() == 0 && number.unscaledValue().bitLength() < 64;
            return whole ? ValueBigint.get(number.longValue()) : ValueNumeric.getAnyScale(number);
        }
        if (literal.getTypeName() == SqlTypeName.CHAR && sign > 0) {
            return ValueVarchar.get(literal.getValueAs(String.class));
        }
        return null;
    }

    private static boolean isConstant(SqlNode expression) {
        if (expression instanceof SqlLiteral) {
            return true;
        }
        if (!(expression instanceof SqlCall call)) {
            return false;
        }
        return switch (call.getKind()) {
            case PLUS, MINUS, TIMES, DIVIDE, MINUS_PREFIX, PLUS_PREFIX ->
                call.getOperandList().stream().allMatch(Expressions::isConstant);
            case CAST -> isConstant(call.operand(0));
            default ->
                call.getOperator().getName().equals("||")
                        && call.getOperandList().stream().allMatch(Expressions::isConstant);
        };
    }

    /** True if the tree has a node of this sort. */
    public static boolean contains(@Nullable SqlNode node, Predicate<SqlNode> sort) {
        if (node == null) {
            return false;
        }
        if (sort.test(node)) {
            return true;
        }
        List<? extends @Nullable SqlNode> children = children(node);
        for (SqlNode child : children) {
            if (contains(child, sort)) {
                return true;
            }
        }
        return false;
    }

    /** As contains, but does not look into sub-queries. */
    public static boolean containsHere(@Nullable SqlNode node, Predicate<SqlNode> sort) {
        if (node == null || isQuery(node)) {
            return false;
        }
        if (sort.test(node)) {
            return true;
        }
        List<? extends @Nullable SqlNode> children = children(node);
        for (SqlNode child : children) {
            if (containsHere(child, sort)) {
                return true;
            }
        }
        return false;
    }

    static List<? extends @Nullable SqlNode> children(SqlNode node) {
        if (node instanceof SqlNodeList list) {
            return list.getList();
        }
        return node instanceof SqlCall call ? call.getOperandList() : List.of();
    }

    /** An item of a select list or of FROM without the name that AS gives it. */
    public static SqlNode withoutAlias(SqlNode item) {
        return item.getKind() == SqlKind.AS ? ((SqlCall) item).operand(0) : item;
    }

    /** True if an item is called so by AS. */
    public static boolean hasAlias(SqlNode item, String name) {
        return item.getKind() == SqlKind.AS
                && ((SqlIdentifier) ((SqlCall) item).operand(1)).getSimple().equals(name);
    }

    /** True for SELECT, VALUES, set operations and what wraps them. */
    public static boolean isQuery(SqlNode node) {
        return node.getKind().belongsTo(SqlKind.QUERY) || node.getKind() == SqlKind.WITH;
    }
}
