package org.deuterium.router.plan.rule;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWith;
import org.apache.calcite.sql.SqlWithItem;
import org.jspecify.annotations.Nullable;

/**
 * Walks a query and finds, for each use of a partitioned table, what is known of its partition columns. Unknown
 * constructs teach nothing, which is always safe: a row is then looked for everywhere, or the statement refused.
 */
final class QueryAnalyzer {

    static final String UNSPREAD = "a sub-query over partitioned tables in a query of none, over several partitions,";

    private final RelationReader relations;
    private final Findings findings;

    QueryAnalyzer(StatementContext context, Findings findings) {
        this.findings = findings;
        this.relations = new RelationReader(context, findings, this);
    }

    /**
     * Analyses a query of any form.
     *
     * @param island what its conditions govern
     * @return its result's columns, with those that are partition columns; unknown after a set operation
     */
    Relation analyze(SqlNode query, @Nullable Scope outer, Island island) {
        if (query instanceof SqlOrderBy ordered) {
            Relation result = analyze(ordered.query, outer, island);
            if (ordered.fetch != null || ordered.offset != null) {
                findings.limited(island);
            }
            for (SqlNode key : ordered.orderList) {
                subqueries(key, outer, island);
            }
            return result;
        }
        if (query instanceof SqlWith with) {
            Scope scope = new Scope(outer);
            for (SqlNode item : with.withList) {
                define((SqlWithItem) item, scope);
            }
            return analyze(with.body, scope, island);
        }
        if (query instanceof SqlSelect select) {
            return select(select, outer, island);
        }
        if (query.getKind() == SqlKind.EXPLICIT_TABLE) {
            return relations.read(((SqlCall) query).operand(0), new Scope(outer), island);
        }
        if (query.getKind().belongsTo(SqlKind.SET_QUERY)) {
            int before = findings.all().size();
            for (SqlNode arm : ((SqlCall) query).getOperandList()) {
                analyze(arm, outer, new Island(island));
            }
            if (findings.all().size() > before) {
                findings.gatherBlocked(query.getKind() + " over several partitions");
            }
            return Relation.unknown("");
        }
        // VALUES, which is a query and has others only inside its rows.
        for (SqlNode child : Expressions.children(query)) {
            subqueries(child, outer, island);
        }
        return Relation.unknown("");
    }

    private static void define(SqlWithItem item, Scope scope) {
        if (item.recursive != null && item.recursive.booleanValue()) {
            throw notSupported(
                    "WITH RECURSIVE over partitioned tables is not supported yet; read the rows level by level");
        }
        List<String> columns = item.columnList == null ? null : names(item.columnList);
        scope.define(item.name.getSimple(), new Scope.Named(item.query, columns, scope));
    }

    static List<String> names(SqlNodeList list) {
        List<String> names = new ArrayList<>();
        for (SqlNode name : list) {
            names.add(
                    name instanceof SqlIdentifier identifier ? identifier.names.get(identifier.names.size() - 1) : "");
        }
        return names;
    }

    private Relation select(SqlSelect select, @Nullable Scope outer, Island island) {
        Scope scope = new Scope(outer);
        Conditions conditions = new Conditions(findings.evaluator());
        int before = findings.all().size();
        boolean spread = select.getFrom() != null && from(select.getFrom(), scope, island, conditions);
        conditions.add(select.getWhere(), scope, island);
        conditions.learn();
        subqueries(select.getFrom() instanceof SqlJoin join ? join : null, scope, island);
        condition(select.getWhere(), scope, island);
        subqueries(select.getSelectList(), scope, island);
        subqueries(select.getGroup(), scope, island);
        condition(select.getHaving(), scope, island);
        subqueries(select.getOrderList(), scope, island);
        if (!spread && findings.all().size() > before) {
            findings.unspread(island);
        }
        if (select.getFetch() != null || select.getOffset() != null) {
            findings.limited(island);
        }
        if (select.getQualify() != null) {
            findings.gatherBlocked("QUALIFY over several partitions");
            findings.limited(island);
        }
        SelectOutput output = new SelectOutput(select, scope, island);
        if (island.isOutermost()) {
            if (findings.isUnspread(island)) {
                findings.gatherBlocked(UNSPREAD);
            }
            List<TableUse> uses = findings.usesIn(island);
            Relation grouped = output.groups();
            findings.outermost(output.groupsByKeys(grouped, uses), output.groupsByKeys(output.columns(), uses));
        }
        return output.columns();
    }

    /**
     * Takes the relations of a FROM clause into the scope, and its ON conditions into the conditions.
     *
     * @return true if no two partitions make the same of its rows: each has rows of partitioned tables in it. Where the
     *     side of an outer join that keeps all its rows has none, every partition would give those rows again.
     */
    boolean from(SqlNode from, Scope scope, Island island, Conditions conditions) {
        if (!(from instanceof SqlJoin join)) {
            int before = findings.all().size();
            scope.relations.add(relations.read(from, scope, island));
            return findings.all().size() > before;
        }
        int start = scope.relations.size();
        boolean leftSpread;
        boolean rightSpread;
        boolean keepsLeft = false;
        boolean keepsRight = false;
        switch (join.getJoinType()) {
            case LEFT -> {
                Island right = island.nullableSide();
                leftSpread = from(join.getLeft(), scope, island, conditions);
                rightSpread = from(join.getRight(), scope, right, conditions);
                on(join, start, scope, right, conditions);
                right.open();
                keepsLeft = true;
            }
            case RIGHT -> {
                Island left = island.nullableSide();
                leftSpread = from(join.getLeft(), scope, left, conditions);
                rightSpread = from(join.getRight(), scope, island, conditions);
                on(join, start, scope, left, conditions);
                left.open();
                keepsRight = true;
            }
            case FULL -> {
                leftSpread = from(join.getLeft(), scope, island.nullableSide(), conditions);
                rightSpread = from(join.getRight(), scope, island.nullableSide(), conditions);
                keepsLeft = true;
                keepsRight = true;
            }
            default -> {
                leftSpread = from(join.getLeft(), scope, island, conditions);
                rightSpread = from(join.getRight(), scope, island, conditions);
                on(join, start, scope, island, conditions);
            }
        }
        if ((keepsLeft && !leftSpread && rightSpread) || (keepsRight && !rightSpread && leftSpread)) {
            findings.gatherBlocked("an outer join that keeps rows of no partitioned table, over several partitions,");
        }
        return leftSpread || rightSpread;
    }

    private static void on(SqlJoin join, int start, Scope scope, Island island, Conditions conditions) {
        SqlNode condition = join.getCondition();
        if (condition instanceof SqlNodeList columns) {
            Relation first = FromClause.first(join.getLeft(), start, scope);
            if (first != null && !(join.getRight() instanceof SqlJoin)) {
                Relation joined = scope.relations.get(scope.relations.size() - 1);
                names(columns).forEach(column -> Conditions.using(column, first, joined, island));
            }
        } else if (condition != null) {
            conditions.add(condition, scope, island);
        }
    }

    /**
     * Analyses every query inside a condition that only lets rows pass or not, so that UNKNOWN is as good as FALSE: that of
     * WHERE, HAVING or ON.
     */
    void condition(@Nullable SqlNode condition, Scope scope, Island island) {
        for (SqlNode part : Expressions.conjuncts(condition)) {
            List<SqlNode> choices = Expressions.disjuncts(part);
            for (SqlNode choice : choices) {
                if (choices.size() > 1) {
                    condition(choice, scope, island);
                } else if (choice.getKind() != SqlKind.IN || !keyIn((SqlCall) choice, scope, island)) {
                    subqueries(choice, scope, island);
                }
            }
        }
    }

    /** Analyses every query inside an expression, each as an island of its own. */
    void subqueries(@Nullable SqlNode expression, @Nullable Scope scope, Island island) {
        if (expression == null) {
            return;
        }
        if (expression.getKind() == SqlKind.OVER) {
            findings.gatherBlocked("a window function over several partitions");
        }
        if (isRowNumber(expression)) {
            findings.gatherBlocked("ROWNUM over several partitions");
        }
        if (Expressions.isQuery(expression)) {
            analyze(expression, scope, new Island(island));
            return;
        }
        if (expression instanceof SqlJoin join) {
            // The relations were read already; only the conditions are expressions.
            joinConditions(join, scope, island);
            return;
        }
        for (SqlNode child : Expressions.children(expression)) {
            subqueries(child, scope, island);
        }
    }

    /** H2's ROWNUM counts the rows of one database. */
    private static boolean isRowNumber(SqlNode expression) {
        boolean name = expression instanceof SqlIdentifier identifier
                && identifier.isSimple()
                && identifier.getSimple().equals("ROWNUM");
        return name
                || (expression instanceof SqlCall call
                        && call.getOperator().getName().equalsIgnoreCase("ROWNUM"));
    }

    private void joinConditions(SqlJoin join, @Nullable Scope scope, Island island) {
        if (scope == null) {
            subqueries(join.getCondition(), null, island);
        } else {
            condition(join.getCondition(), scope, island);
        }
        if (join.getLeft() instanceof SqlJoin left) {
            joinConditions(left, scope, island);
        }
        if (join.getRight() instanceof SqlJoin right) {
            joinConditions(right, scope, island);
        }
    }

    /**
     * {@code k IN (SELECT k2 ...)}, where UNKNOWN is as good as FALSE: only rows of the sub-query with k2 = k matter, and
     * they are where k is. Under NOT, or as a value, rows with NULL matter too, and they are in one partition only.
     */
    private boolean keyIn(SqlCall in, Scope scope, Island island) {
        KeyColumn left = scope.keyColumn(in.operand(0));
        if (left == null || !Expressions.isQuery(in.operand(1))) {
            return false;
        }
        Island inner = new Island(island);
        Relation result = analyze(in.operand(1), scope, inner);
        Map<String, @Nullable KeyColumn> columns = new LinkedHashMap<>(result.columns());
        for (KeyColumn right : columns.values()) {
            if (right != null && columns.size() == 1 && !findings.isLimited(inner)) {
                KeyColumn.equal(left, right, inner);
            }
        }
        return true;
    }
}
