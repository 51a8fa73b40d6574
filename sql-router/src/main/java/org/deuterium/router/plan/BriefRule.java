package org.deuterium.router.plan;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDelete;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlInsert;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlUpdate;
import org.deuterium.router.catalog.CatalogSnapshot;
import org.deuterium.router.catalog.CatalogTable;
import org.deuterium.router.plan.rule.Aggregates;
import org.deuterium.router.plan.rule.Expressions;
import org.deuterium.sql.parser.StatementOperators;
import org.jspecify.annotations.Nullable;

/**
 * Whether a statement surely touches only a few rows: one table, all columns of a unique key equal to literals or
 * parameters, and nothing in it that can take long. Such a statement may run on the thread that received it.
 */
final class BriefRule {

    private static final int FEW_ROWS = 8;

    /** Functions whose cost is bounded by the length of their arguments, as an operator's. */
    private static final Set<String> CHEAP = Set.of(
            "SUBSTRING",
            "UPPER",
            "LOWER",
            "TRIM",
            "ABS",
            "MOD",
            "LENGTH",
            "CHAR_LENGTH",
            "COALESCE",
            "NULLIF",
            "IFNULL",
            "GREATEST",
            "LEAST",
            "ROUND",
            "CONCAT",
            "CURRENT_TIMESTAMP",
            "CURRENT_DATE",
            "LOCALTIMESTAMP",
            "EXTRACT");

    private final CatalogSnapshot snapshot;
    private final String schema;

    BriefRule(CatalogSnapshot snapshot, String schema) {
        this.snapshot = snapshot;
        this.schema = schema;
    }

    boolean isBrief(SqlNode statement) {
        if (Expressions.contains(statement, node -> isSlow(node, statement))) {
            return false;
        }
        if (statement instanceof SqlInsert insert) {
            return insert.getSource().getKind() == SqlKind.VALUES
                    && ((SqlCall) insert.getSource()).operandCount() <= FEW_ROWS;
        }
        if (statement instanceof SqlUpdate update) {
            return findsByKey(update.getTargetTable(), update.getCondition());
        }
        if (statement instanceof SqlDelete delete) {
            return findsByKey(delete.getTargetTable(), delete.getCondition());
        }
        SqlNode query = statement;
        if (query instanceof SqlCall call && call.getOperator() == StatementOperators.FOR_UPDATE) {
            query = call.operand(0);
        }
        if (query instanceof SqlOrderBy ordered) {
            query = ordered.query;
        }
        return query instanceof SqlSelect select
                && select.getFrom() != null
                && findsByKey(select.getFrom(), select.getWhere());
    }

    /** Sub-queries, and functions other than operators, aggregates and the cheap ones. */
    private static boolean isSlow(SqlNode node, SqlNode statement) {
        if (node instanceof SqlSelect) {
            return node != statement && !isOutermost(node, statement);
        }
        if (!(node instanceof SqlCall call) || node instanceof SqlInsert) {
            return false;
        }
        if (Aggregates.isAggregate(call)) {
            return false;
        }
        boolean function = call.getKind() == SqlKind.OTHER_FUNCTION
                && !CHEAP.contains(call.getOperator().getName().toUpperCase(Locale.ROOT));
        return function
                || call.getKind() == SqlKind.JOIN
                || call.getKind() == SqlKind.WITH
                || call.getKind().belongsTo(SqlKind.SET_QUERY);
    }

    private static boolean isOutermost(SqlNode select, SqlNode statement) {
        SqlNode query = statement;
        if (query instanceof SqlCall call && call.getOperator() == StatementOperators.FOR_UPDATE) {
            query = call.operand(0);
        }
        return query == select || (query instanceof SqlOrderBy ordered && ordered.query == select);
    }

    private boolean findsByKey(SqlNode from, @Nullable SqlNode where) {
        SqlNode table = from.getKind() == SqlKind.AS ? ((SqlBasicCall) from).operand(0) : from;
        if (!(table instanceof SqlIdentifier name) || where == null) {
            return false;
        }
        List<String> names = name.names;
        CatalogTable found =
                snapshot.table(names.size() == 1 ? schema : names.get(names.size() - 2), names.get(names.size() - 1));
        if (found == null || found.uniqueKeys().isEmpty()) {
            return false;
        }
        Set<String> fixed = new HashSet<>();
        collectFixed(where, fixed);
        for (Set<String> key : found.uniqueKeys()) {
            if (fixed.containsAll(key)) {
                return true;
            }
        }
        return false;
    }

    private static void collectFixed(SqlNode condition, Set<String> fixed) {
        if (condition.getKind() == SqlKind.AND) {
            for (SqlNode part : ((SqlCall) condition).getOperandList()) {
                collectFixed(part, fixed);
            }
        } else if (condition.getKind() == SqlKind.EQUALS) {
            SqlCall equals = (SqlCall) condition;
            fix(equals.operand(0), equals.operand(1), fixed);
            fix(equals.operand(1), equals.operand(0), fixed);
        } else if (condition.getKind() == SqlKind.IN
                && ((SqlCall) condition).operand(1) instanceof SqlNodeList list
                && list.size() <= FEW_ROWS
                && list.stream().allMatch(BriefRule::isValue)) {
            fix(((SqlCall) condition).operand(0), list.get(0), fixed);
        }
    }

    private static void fix(SqlNode column, SqlNode value, Set<String> fixed) {
        if (column instanceof SqlIdentifier name && isValue(value)) {
            fixed.add(name.names.get(name.names.size() - 1));
        }
    }

    private static boolean isValue(SqlNode node) {
        return node instanceof SqlLiteral
                || node instanceof SqlDynamicParam
                || (node.getKind() == SqlKind.MINUS_PREFIX && ((SqlCall) node).operand(0) instanceof SqlLiteral);
    }
}
