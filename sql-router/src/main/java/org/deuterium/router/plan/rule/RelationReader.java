package org.deuterium.router.plan.rule;

import java.util.LinkedHashMap;
import java.util.List;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.deuterium.router.catalog.CatalogTable;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.sql.parser.StatementParseException;
import org.deuterium.sql.parser.StatementParser;
import org.jspecify.annotations.Nullable;

/** Reads one item of a FROM clause: a table, a view, a WITH name, a query, or something that has no rows of tables. */
final class RelationReader {

    private final StatementContext context;
    private final Findings findings;
    private final QueryAnalyzer queries;

    RelationReader(StatementContext context, Findings findings, QueryAnalyzer queries) {
        this.context = context;
        this.findings = findings;
        this.queries = queries;
    }

    Relation read(SqlNode from, Scope scope, Island island) {
        if (from.getKind() == SqlKind.AS) {
            SqlBasicCall as = (SqlBasicCall) from;
            Relation relation =
                    read(as.operand(0), scope, island).withAlias(((SqlIdentifier) as.operand(1)).getSimple());
            if (as.operandCount() > 2) {
                List<String> names = as.getOperandList().subList(2, as.operandCount()).stream()
                        .map(name -> ((SqlIdentifier) name).getSimple())
                        .toList();
                return relation.withColumns(names);
            }
            return relation;
        }
        if (from instanceof SqlIdentifier identifier) {
            return named(identifier, scope, island);
        }
        if (from.getKind() == SqlKind.TABLE_REF || from.getKind() == SqlKind.EXPLICIT_TABLE) {
            return read(((SqlCall) from).operand(0), scope, island);
        }
        if (Expressions.isQuery(from) && from.getKind() != SqlKind.VALUES) {
            return derived(from, scope, island);
        }
        if (from.getKind() == SqlKind.LATERAL) {
            return read(((SqlCall) from).operand(0), scope, island);
        }
        queries.subqueries(from, scope, island);
        return Relation.unknown("");
    }

    private Relation named(SqlIdentifier identifier, Scope scope, Island island) {
        List<String> names = identifier.names;
        String name = names.get(names.size() - 1);
        if (names.size() == 1) {
            Scope.Named query = scope.named(name);
            if (query != null) {
                Relation relation =
                        derived(query.query(), query.scope(), island).withAlias(name);
                return query.columns() == null ? relation : relation.withColumns(query.columns());
            }
        }
        String schema = names.size() == 1 ? context.schema() : names.get(names.size() - 2);
        CatalogTable table = context.snapshot().table(schema, name);
        if (table == null || schema.equals("INFORMATION_SCHEMA")) {
            findings.reads(schema + "." + name);
            return Relation.unknown(name);
        }
        if (table.viewSql() != null) {
            return view(table, table.viewSql(), island);
        }
        return table(table, island);
    }

    Relation table(CatalogTable table, Island island) {
        LinkedHashMap<String, @Nullable KeyColumn> columns = new LinkedHashMap<>();
        TableUse use = table.partitioned() == null ? null : new TableUse(table.partitioned(), island);
        for (String column : table.columns()) {
            int position = use == null ? -1 : use.table().keyPosition(column);
            columns.put(column, use == null || position < 0 ? null : use.key(position));
        }
        if (use == null && table.replicated() != null) {
            findings.readsCopy(table.qualifiedName());
        } else if (use == null) {
            findings.reads(table.qualifiedName());
        } else {
            findings.uses(use, island);
        }
        return new Relation(table.schema(), table.name(), columns, true);
    }

    private Relation view(CatalogTable view, String sql, Island island) {
        try {
            SqlNode query = StatementParser.parse(sql);
            Relation relation = derived(query, null, island).withColumns(view.columns());
            return new Relation(view.schema(), view.name(), relation.columns(), true);
        } catch (StatementParseException e) {
            throw StatementRefusedException.notSupported("view " + view.qualifiedName()
                    + " over partitioned tables uses syntax the router does not know yet (" + e.getMessage()
                    + "); write its query out without that");
        }
    }

    /**
     * A query in FROM. Its rows may be filtered before it runs as well as behind if it only joins and filters, or groups
     * by whole keys; then its partition columns are as good as a table's. Else nothing outside restricts it.
     */
    private Relation derived(SqlNode query, @Nullable Scope outer, Island island) {
        Island inner = new Island(island);
        Relation result = queries.analyze(query, outer, inner);
        String obstacle = obstacle(query, inner, result);
        if (obstacle == null) {
            inner.open();
            return result;
        }
        if (findings.hasUses(inner)) {
            findings.gatherBlocked(obstacle);
        }
        LinkedHashMap<String, @Nullable KeyColumn> columns = new LinkedHashMap<>();
        result.columns().keySet().forEach(column -> columns.put(column, null));
        return new Relation("", "", columns, result.known());
    }

    private @Nullable String obstacle(SqlNode query, Island inner, Relation result) {
        if (findings.isUnspread(inner)) {
            return QueryAnalyzer.UNSPREAD;
        }
        if (findings.isLimited(inner)) {
            return "a sub-query with LIMIT over several partitions";
        }
        if (!(query instanceof SqlSelect select)) {
            return query.getKind() == SqlKind.ORDER_BY || query.getKind() == SqlKind.WITH
                    ? "a sub-query with ORDER BY or WITH over several partitions"
                    : "a sub-query with " + query.getKind() + " over several partitions";
        }
        if (Expressions.containsHere(select.getSelectList(), node -> node.getKind() == SqlKind.OVER)) {
            return "a window function over several partitions";
        }
        boolean groups = select.getGroup() != null
                || select.isDistinct()
                || select.getHaving() != null
                || Expressions.containsHere(select.getSelectList(), Aggregates::isAggregate);
        if (groups && !(new SelectOutput(select, null, inner).groupsByKeys(result, findings.usesIn(inner)))) {
            return "a sub-query with aggregates, GROUP BY or DISTINCT over several partitions";
        }
        return null;
    }
}
