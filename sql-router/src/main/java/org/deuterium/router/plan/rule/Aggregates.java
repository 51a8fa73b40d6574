package org.deuterium.router.plan.rule;

import java.util.Locale;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.h2.expression.aggregate.Aggregate;

/** Which calls are aggregates: those H2 takes for such. */
public final class Aggregates {

    private Aggregates() {}

    /** True for a call of an aggregate function, and for one with FILTER or WITHIN GROUP; false for window functions. */
    public static boolean isAggregate(SqlNode node) {
        if (node.getKind() == SqlKind.FILTER || node.getKind() == SqlKind.WITHIN_GROUP) {
            return true;
        }
        return node instanceof SqlCall call && isName(call.getOperator().getName()) && !isPrefixOrInfix(call);
    }

    private static boolean isPrefixOrInfix(SqlCall call) {
        // "ANY" and "SOME" are also quantifiers of comparisons.
        return call.getKind().belongsTo(SqlKind.COMPARISON) || Expressions.isQuery(call);
    }

    private static boolean isName(String name) {
        return Aggregate.getAggregateType(name.toUpperCase(Locale.ROOT)) != null;
    }
}
