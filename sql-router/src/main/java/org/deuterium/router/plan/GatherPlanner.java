package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.StatementFacts;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.plan.rule.StatementAnalysis;
import org.deuterium.sql.parser.StatementOperators;

/** Plans a read over several partitions whose tables are co-located: what each runs, and how the answers become one. */
final class GatherPlanner {

    private final CatalogDatabase catalog;
    private final String schema;
    private final String sql;
    private final StatementFacts facts;

    GatherPlanner(CatalogDatabase catalog, String schema, String sql, StatementFacts facts) {
        this.catalog = catalog;
        this.schema = schema;
        this.sql = sql;
        this.facts = facts;
    }

    /**
     * Plans the merge.
     *
     * @throws StatementRefusedException naming the part that cannot be done over several partitions yet
     */
    Merge plan(SqlNode query, StatementAnalysis analysis) {
        String obstacle = analysis.gatherObstacle();
        if (obstacle != null) {
            throw notSupported(obstacle + " is not supported yet; fix the partition column with =");
        }
        if (!facts.readOnly()) {
            throw notSupported(
                    "a query over several partitions that changes rows or draws from sequences is not supported");
        }
        if (facts.locks()) {
            return lockedRows(query);
        }
        QueryParts parts = QueryParts.of(query);
        CombinationPlanner combination = new CombinationPlanner(parts, facts, this::prepare);
        if (parts.aggregates() && !analysis.groupsLocal()) {
            return combination.aggregate();
        }
        if (parts.select().isDistinct() && !analysis.distinctLocal()) {
            if (parts.aggregates()) {
                throw notSupported("DISTINCT over GROUP BY over several partitions is not supported yet");
            }
            return combination.distinct();
        }
        return rows(parts);
    }

    private StatementFacts prepare(String text) {
        try {
            return catalog.prepare(schema, text);
        } catch (StatementRefusedException e) {
            throw notSupported("this query over several partitions cannot be taken apart yet (" + e.getMessage()
                    + "); fix the partition column with =");
        }
    }

    /** Every partition locks its rows, for the client's text as it is. */
    private Merge lockedRows(SqlNode query) {
        QueryParts parts = QueryParts.of(
                query instanceof SqlCall call && call.getOperator() == StatementOperators.FOR_UPDATE
                        ? call.operand(0)
                        : query);
        SortKeys sortKeys = new SortKeys(parts.select().getSelectList(), facts.columns());
        List<Merge.SortKey> keys = sortKeys.resolve(parts.orderBy());
        if (parts.aggregates()
                || parts.select().isDistinct()
                || parts.isLimited()
                || !sortKeys.hidden().isEmpty()) {
            throw notSupported("SELECT ... FOR UPDATE over several partitions with aggregates, DISTINCT, a limit or an "
                    + "ORDER BY of what is not selected is not supported; fix the partition column with =");
        }
        BoundSql pushed = new BoundSql(sql, null);
        return keys.isEmpty()
                ? new Merge.Concatenation(pushed, RowLimit.NONE)
                : new Merge.OrderedMerge(pushed, facts.columns().size(), keys, RowLimit.NONE);
    }

    /** Rows that no two partitions make together. */
    private Merge rows(QueryParts parts) {
        SortKeys sortKeys = new SortKeys(parts.select().getSelectList(), facts.columns());
        List<Merge.SortKey> keys = sortKeys.resolve(parts.orderBy());
        RowLimit limit = new RowLimit(ClientRowCount.of(parts.offset()), ClientRowCount.of(parts.fetch()));
        BoundSql pushed = new BoundSql(sql, null);
        if (parts.isLimited() || !sortKeys.hidden().isEmpty()) {
            pushed = rewritten(parts, sortKeys.hidden(), keys);
            prepare(pushed.sql());
        }
        return keys.isEmpty()
                ? new Merge.Concatenation(pushed, limit)
                : new Merge.OrderedMerge(pushed, facts.columns().size(), keys, limit);
    }

    private static BoundSql rewritten(QueryParts parts, List<SqlNode> hidden, List<Merge.SortKey> keys) {
        PlanWriter writer = parts.writeWith(new PlanWriter(0));
        writer.add(withHidden(parts.select(), hidden));
        if (!keys.isEmpty()) {
            writer.add(" ORDER BY " + SortKeys.text(keys));
        }
        if (parts.fetch() != null) {
            writer.add(" FETCH FIRST (CAST(").add(parts.fetch()).add(" AS BIGINT)");
            if (parts.offset() != null) {
                writer.add(" + CAST(").add(parts.offset()).add(" AS BIGINT)");
            }
            writer.add(") ROWS ONLY");
        }
        return writer.done();
    }

    private static SqlSelect withHidden(SqlSelect select, List<SqlNode> hidden) {
        if (hidden.isEmpty()) {
            return select;
        }
        List<SqlNode> items = new ArrayList<>(select.getSelectList().getList());
        items.addAll(hidden);
        SqlSelect copy = (SqlSelect) select.clone(select.getParserPosition());
        copy.setSelectList(new SqlNodeList(items, select.getSelectList().getParserPosition()));
        return copy;
    }
}
