package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.deuterium.router.catalog.StatementFacts;
import org.deuterium.router.plan.Merge.Combination;
import org.deuterium.router.plan.rule.Aggregates;
import org.deuterium.router.plan.rule.Expressions;
import org.deuterium.router.plan.rule.GroupTarget;
import org.jspecify.annotations.Nullable;

/**
 * Plans aggregates, GROUP BY and DISTINCT over several partitions: each computes its part, and a scratch H2 computes the
 * answer over {@code TABLE(...)} of all parts, in H2's own types.
 */
final class CombinationPlanner {

    /** Asks H2 about a text. */
    interface Preparer {
        StatementFacts prepare(String sql);
    }

    private final QueryParts parts;
    private final StatementFacts facts;
    private final Preparer prepare;

    /**
     * Prepares planning.
     *
     * @param facts what H2 says of the client's query
     * @param prepare asks H2 about another text
     */
    CombinationPlanner(QueryParts parts, StatementFacts facts, Preparer prepare) {
        this.parts = parts;
        this.facts = facts;
        this.prepare = prepare;
    }

    /** SELECT DISTINCT without aggregates: distinct rows of each partition, and the distinct ones of these. */
    Combination distinct() {
        SortKeys sortKeys = new SortKeys(parts.select().getSelectList(), facts.columns());
        List<Merge.SortKey> keys = sortKeys.resolve(parts.orderBy());
        if (!sortKeys.hidden().isEmpty()) {
            throw notSupported("SELECT DISTINCT over several partitions must have what it is ordered by in its list");
        }
        PlanWriter pushed = new PlanWriter(0);
        parts.writeWith(pushed).add(parts.select());
        List<String> names = names("C", facts.columns().size());
        PlanWriter combine = new PlanWriter(names.size() + 1);
        combine.add("SELECT DISTINCT " + String.join(", ", names)).add(from(names, facts.columnTypes()));
        if (!keys.isEmpty()) {
            combine.add(" ORDER BY " + SortKeys.text(keys));
        }
        limit(combine);
        return checked(new Combination(pushed.done(), facts.columns(), combine.done()));
    }

    /** Aggregates with or without GROUP BY. */
    Combination aggregate() {
        List<SqlNode> groups = groups();
        AggregateSplit first = new AggregateSplit(groups, List.of());
        combineAll(first);
        AggregateSplit split = new AggregateSplit(groups, typesOf(first.aggregates()));
        List<List<SqlNode>> combined = combineAll(split);
        List<SqlNode> grouped = new ArrayList<>(groups);
        grouped.addAll(split.distinctArguments());
        BoundSql pushed = push(groups, split, grouped);
        StatementFacts partial = prepare.prepare(pushed.sql());
        List<String> names = new ArrayList<>(names("G", groups.size()));
        names.addAll(names("D", split.distinctArguments().size()));
        names.addAll(names("P", split.partials().size()));
        BoundSql combine = combineSql(combined, groups.size(), names, partial.columnTypes());
        return checked(new Combination(pushed, partial.columns(), combine));
    }

    private BoundSql push(List<SqlNode> groups, AggregateSplit split, List<SqlNode> grouped) {
        PlanWriter pushed = parts.writeWith(new PlanWriter(0)).add("SELECT ");
        writeNamed(pushed, groups, "G", true);
        writeNamed(pushed, split.distinctArguments(), "D", groups.isEmpty());
        writeNamed(pushed, split.partials(), "P", grouped.isEmpty());
        if (grouped.isEmpty() && split.partials().isEmpty()) {
            pushed.add("COUNT(*) AS P0");
        }
        parts.writeFromWhere(pushed);
        if (!grouped.isEmpty()) {
            pushed.add(" GROUP BY ").addAll(grouped);
        }
        return pushed.done();
    }

    private BoundSql combineSql(List<List<SqlNode>> combined, int groupCount, List<String> names, List<String> types) {
        PlanWriter combine = new PlanWriter(names.size() + 1);
        combine.add(parts.select().isDistinct() ? "SELECT DISTINCT " : "SELECT ")
                .addAll(combined.get(0));
        combine.add(from(names, types));
        if (groupCount > 0) {
            combine.add(" GROUP BY " + String.join(", ", names.subList(0, groupCount)));
        }
        if (!combined.get(1).isEmpty()) {
            combine.add(" HAVING ").add(combined.get(1).get(0));
        }
        if (!combined.get(2).isEmpty()) {
            combine.add(" ORDER BY ").addAll(combined.get(2));
        }
        limit(combine);
        return combine.done();
    }

    /** The select list, HAVING (or nothing) and ORDER BY over the partial columns. */
    private List<List<SqlNode>> combineAll(AggregateSplit split) {
        List<SqlNode> items = new ArrayList<>();
        for (SqlNode item : parts.select().getSelectList()) {
            if (item instanceof SqlIdentifier identifier && identifier.isStar()) {
                throw notSupported("SELECT * with GROUP BY over several partitions is not supported; name the columns");
            }
            items.add(split.combine(Expressions.withoutAlias(item)));
        }
        SqlNode having = parts.select().getHaving();
        List<SqlNode> havings = having == null ? List.of() : List.of(split.combine(aliasesResolved(having)));
        List<SqlNode> orderBy = new ArrayList<>();
        SortKeys sortKeys = new SortKeys(parts.select().getSelectList(), facts.columns());
        for (SqlNode key : parts.orderBy()) {
            orderBy.add(orderKey(key, sortKeys, split));
        }
        return List.of(items, havings, orderBy);
    }

    private SqlNode orderKey(SqlNode key, SortKeys sortKeys, AggregateSplit split) {
        SqlKind kind = key.getKind();
        if (kind == SqlKind.DESCENDING || kind == SqlKind.NULLS_FIRST || kind == SqlKind.NULLS_LAST) {
            SqlCall call = (SqlCall) key;
            return call.getOperator().createCall(call.getParserPosition(), orderKey(call.operand(0), sortKeys, split));
        }
        int column = sortKeys.visible(key);
        if (column >= 0) {
            return SqlLiteral.createExactNumeric(String.valueOf(column + 1), key.getParserPosition());
        }
        return split.combine(key);
    }

    /** GROUP BY, with aliases of the select list replaced by what they stand for. */
    private List<SqlNode> groups() {
        List<SqlNode> groups = new ArrayList<>();
        SqlNodeList by = parts.select().getGroup();
        if (by != null) {
            for (SqlNode group : by) {
                if (group.getKind() == SqlKind.ROLLUP
                        || group.getKind() == SqlKind.CUBE
                        || group.getKind() == SqlKind.GROUPING_SETS) {
                    throw notSupported(group.getKind() + " over several partitions is not supported");
                }
                groups.add(GroupTarget.of(parts.select(), group));
            }
        }
        return groups;
    }

    /** In HAVING H2 takes a name for a column first, then for an alias; GROUP BY has a rule of its own ({@link GroupTarget}). */
    private SqlNode aliasTarget(SqlIdentifier name) {
        if (!name.isSimple()) {
            return name;
        }
        SqlNode target = name;
        for (SqlNode item : parts.select().getSelectList()) {
            if (SameExpression.test(Expressions.withoutAlias(item), name)) {
                return name;
            }
            if (Expressions.hasAlias(item, name.getSimple())) {
                target = Expressions.withoutAlias(item);
            }
        }
        return target;
    }

    /** HAVING, with aliases replaced; inside an aggregate a name is a column, for an alias there would be nested ones. */
    private SqlNode aliasesResolved(SqlNode having) {
        SqlNode resolved = having.accept(new org.apache.calcite.sql.util.SqlShuttle() {
            @Override
            public @Nullable SqlNode visit(SqlCall call) {
                return Aggregates.isAggregate(call) ? call : super.visit(call);
            }

            @Override
            public @Nullable SqlNode visit(SqlIdentifier id) {
                return aliasTarget(id);
            }
        });
        return resolved == null ? having : resolved;
    }

    /** H2's type of each of the client's aggregates. */
    private List<String> typesOf(List<SqlNode> aggregates) {
        if (aggregates.isEmpty()) {
            return List.of();
        }
        PlanWriter writer = parts.writeWith(new PlanWriter(0)).add("SELECT ");
        writeNamed(writer, aggregates, "A", true);
        parts.writeFromWhere(writer);
        return prepare.prepare(writer.done().sql()).columnTypes();
    }

    private static void writeNamed(PlanWriter writer, List<SqlNode> nodes, String prefix, boolean first) {
        for (int i = 0; i < nodes.size(); i++) {
            writer.add(first && i == 0 ? "" : ", ").add(nodes.get(i)).add(" AS " + prefix + i);
        }
    }

    private static List<String> names(String prefix, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(prefix + i);
        }
        return names;
    }

    private static String from(List<String> names, List<String> types) {
        StringBuilder table = new StringBuilder(" FROM TABLE(");
        for (int i = 0; i < names.size(); i++) {
            table.append(i == 0 ? "" : ", ").append(names.get(i)).append(' ').append(types.get(i));
            table.append("=?").append(i + 1);
        }
        return table.append(")").toString();
    }

    private void limit(PlanWriter writer) {
        if (parts.offset() != null) {
            writer.add(" OFFSET ").add(parts.offset()).add(" ROWS");
        }
        if (parts.fetch() != null) {
            writer.add(" FETCH FIRST ").add(parts.fetch()).add(" ROWS ONLY");
        }
    }

    /** H2 must understand both texts; if not, the query is refused now and not half way. */
    private Combination checked(Combination combination) {
        prepare.prepare(combination.pushed().sql());
        prepare.prepare(combination.combine().sql());
        return combination;
    }
}
