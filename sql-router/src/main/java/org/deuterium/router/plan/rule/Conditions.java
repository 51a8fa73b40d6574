package org.deuterium.router.plan.rule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of one SELECT, which are read for what they say of partition columns: first all equal columns, then the
 * constants, so that a constant reaches every column it can.
 */
final class Conditions {

    private record Condition(SqlNode part, Scope scope, Island island) {}

    private final Function<String, Value> evaluator;
    private final List<Condition> parts = new ArrayList<>();

    Conditions(Function<String, Value> evaluator) {
        this.evaluator = evaluator;
    }

    void add(@Nullable SqlNode condition, Scope scope, Island island) {
        for (SqlNode part : Expressions.conjuncts(condition)) {
            parts.add(new Condition(part, scope, island));
        }
    }

    /** A column of a join's USING: those of the two tables that it joins are equal, and no others. */
    static void using(String column, Relation first, Relation joined, Island island) {
        KeyColumn left = first.columns().get(column);
        KeyColumn right = joined.columns().get(column);
        if (left != null && right != null) {
            KeyColumn.equal(left, right, island);
        }
    }

    void learn() {
        for (Condition condition : parts) {
            if (condition.part.getKind() == SqlKind.EQUALS) {
                equalColumns((SqlCall) condition.part, condition);
            }
        }
        for (Condition condition : parts) {
            constants(condition);
        }
    }

    private void equalColumns(SqlCall equals, Condition where) {
        List<SqlNode> left = elements(equals.operand(0));
        List<SqlNode> right = elements(equals.operand(1));
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            KeyColumn a = where.scope.keyColumn(left.get(i));
            KeyColumn b = where.scope.keyColumn(right.get(i));
            if (a != null && b != null) {
                KeyColumn.equal(a, b, where.island);
            }
        }
    }

    private void constants(Condition where) {
        Map<KeyColumn, List<KeyOperand>> fixed = new LinkedHashMap<>();
        for (SqlNode choice : Expressions.disjuncts(where.part)) {
            Map<KeyColumn, List<KeyOperand>> here = fixedBy(choice, where.scope);
            if (fixed.isEmpty() && choice == Expressions.disjuncts(where.part).get(0)) {
                fixed.putAll(here);
            } else {
                fixed.keySet().retainAll(here.keySet());
                fixed.replaceAll((column, operands) -> union(operands, here.getOrDefault(column, List.of())));
            }
        }
        fixed.forEach((column, operands) -> column.equalsOneOf(operands, where.island));
    }

    /** What one alternative of a condition fixes. */
    private Map<KeyColumn, List<KeyOperand>> fixedBy(SqlNode choice, Scope scope) {
        Map<KeyColumn, List<KeyOperand>> fixed = new LinkedHashMap<>();
        for (SqlNode part : Expressions.conjuncts(choice)) {
            if (part.getKind() == SqlKind.EQUALS) {
                SqlCall equals = (SqlCall) part;
                pairs(elements(equals.operand(0)), elements(equals.operand(1)), scope, fixed);
                pairs(elements(equals.operand(1)), elements(equals.operand(0)), scope, fixed);
            } else if (part.getKind() == SqlKind.IN && ((SqlCall) part).operand(1) instanceof SqlNodeList list) {
                in(elements(((SqlCall) part).operand(0)), list, scope, fixed);
            }
        }
        return fixed;
    }

    private void pairs(
            List<SqlNode> columns, List<SqlNode> values, Scope scope, Map<KeyColumn, List<KeyOperand>> fixed) {
        for (int i = 0; i < Math.min(columns.size(), values.size()); i++) {
            KeyColumn column = scope.keyColumn(columns.get(i));
            KeyOperand operand = column == null ? null : Expressions.operand(values.get(i), evaluator);
            if (column != null && operand != null) {
                fixed.putIfAbsent(column, List.of(operand));
            }
        }
    }

    private void in(List<SqlNode> columns, SqlNodeList list, Scope scope, Map<KeyColumn, List<KeyOperand>> fixed) {
        for (int i = 0; i < columns.size(); i++) {
            KeyColumn column = scope.keyColumn(columns.get(i));
            if (column == null) {
                continue;
            }
            List<KeyOperand> operands = new ArrayList<>();
            for (SqlNode row : list) {
                List<SqlNode> values = elements(row);
                KeyOperand operand = i < values.size() ? Expressions.operand(values.get(i), evaluator) : null;
                if (operand != null) {
                    operands.add(operand);
                }
            }
            if (operands.size() == list.size() && !operands.isEmpty()) {
                fixed.putIfAbsent(column, operands);
            }
        }
    }

    private static List<KeyOperand> union(List<KeyOperand> some, List<KeyOperand> more) {
        List<KeyOperand> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    /** The parts of a row value, or the expression alone. */
    private static List<SqlNode> elements(SqlNode expression) {
        return expression.getKind() == SqlKind.ROW ? ((SqlCall) expression).getOperandList() : List.of(expression);
    }
}
