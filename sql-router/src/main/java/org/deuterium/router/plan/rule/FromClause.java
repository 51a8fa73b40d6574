package org.deuterium.router.plan.rule;

import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.JoinType;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlNode;
import org.jspecify.annotations.Nullable;

/** Which tables of a FROM clause H2 means where the text does not say it. */
final class FromClause {

    private FromClause() {}

    /**
     * The table that {@code left JOIN x USING (...)} joins x with: the first one behind the last comma, or the one a RIGHT
     * JOIN has brought ({@code Parser.readTableReference}: {@code top}).
     *
     * @param start the place in the scope of the first relation of {@code left}
     * @return null where H2 reads the text in another order than it is written (a join without condition)
     */
    static @Nullable Relation first(SqlNode left, int start, Scope scope) {
        if (!(left instanceof SqlJoin join)) {
            return scope.relations.get(start);
        }
        JoinType type = join.getJoinType();
        boolean bare = join.getConditionType() == JoinConditionType.NONE && !join.isNatural();
        if (bare && type != JoinType.CROSS && type != JoinType.COMMA) {
            return null;
        }
        return type == JoinType.RIGHT || type == JoinType.COMMA
                ? first(join.getRight(), start + relations(join.getLeft()), scope)
                : first(join.getLeft(), start, scope);
    }

    private static int relations(SqlNode from) {
        return from instanceof SqlJoin join ? relations(join.getLeft()) + relations(join.getRight()) : 1;
    }
}
