package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.List;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWith;
import org.deuterium.router.plan.rule.Aggregates;
import org.deuterium.router.plan.rule.Expressions;
import org.jspecify.annotations.Nullable;

/** A query taken apart into what partitions can do and what only the router can. */
record QueryParts(
        @Nullable SqlNodeList with,
        SqlSelect select,
        List<SqlNode> orderBy,
        @Nullable SqlNode offset,
        @Nullable SqlNode fetch) {

    static QueryParts of(SqlNode query) {
        SqlNode node = query;
        List<SqlNode> orderBy = List.of();
        SqlNode offset = null;
        SqlNode fetch = null;
        SqlNodeList with = null;
        if (node instanceof SqlOrderBy ordered) {
            orderBy = ordered.orderList.getList();
            offset = ordered.offset;
            fetch = ordered.fetch;
            node = ordered.query;
        }
        if (node instanceof SqlWith withQuery) {
            with = withQuery.withList;
            node = withQuery.body;
        }
        if (!(node instanceof SqlSelect select)) {
            throw notSupported(
                    node.getKind() + " over several partitions is not supported yet; run one query for each part");
        }
        return new QueryParts(with, select, orderBy, offset, fetch);
    }

    boolean aggregates() {
        return select.getGroup() != null
                || select.getHaving() != null
                || Expressions.containsHere(select.getSelectList(), Aggregates::isAggregate)
                || orderBy.stream().anyMatch(key -> Expressions.containsHere(key, Aggregates::isAggregate));
    }

    boolean isLimited() {
        return offset != null || fetch != null;
    }

    /** FROM, WHERE and what stands before SELECT are the same in everything that is pushed. */
    PlanWriter writeWith(PlanWriter writer) {
        if (with == null) {
            return writer;
        }
        writer.add("WITH ");
        for (int i = 0; i < with.size(); i++) {
            org.apache.calcite.sql.SqlWithItem item = (org.apache.calcite.sql.SqlWithItem) with.get(i);
            writer.add(i == 0 ? "" : ", ").add(item.name);
            if (item.columnList != null) {
                writer.add(" (").addAll(item.columnList.getList()).add(")");
            }
            writer.add(" AS (").add(item.query).add(")");
        }
        return writer.add(" ");
    }

    PlanWriter writeFromWhere(PlanWriter writer) {
        if (select.getFrom() != null) {
            writer.add(" FROM ").addFrom(select.getFrom());
        }
        if (select.getWhere() != null) {
            writer.add(" WHERE ").add(select.getWhere());
        }
        return writer;
    }
}
