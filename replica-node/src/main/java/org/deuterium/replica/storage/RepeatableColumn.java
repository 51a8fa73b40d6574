package org.deuterium.replica.storage;

import org.h2.command.query.Query;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.expression.function.CastSpecification;
import org.h2.value.DataType;
import org.h2.value.TypeInfo;
import org.h2.value.Value;

/**
 * Whether every replica computes the same values for a column when a schema change makes it compute them: replicas come
 * to the change at different times, and know nothing of the client's time zone.
 */
final class RepeatableColumn {

    private RepeatableColumn() {}

    /** @param query of one column, whose values will be converted to the type */
    static boolean isRepeatable(SessionLocal session, String query, TypeInfo type) {
        Expression value = ((Query) session.prepare(query)).getExpressions().get(0);
        return value.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR)
                && castsAreRepeatable(value)
                && isRepeatable(value.getType().getValueType(), type.getValueType());
    }

    private static boolean castsAreRepeatable(Expression expression) {
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            Expression part = expression.getSubexpression(i);
            if (!castsAreRepeatable(part)
                    || (expression instanceof CastSpecification
                            && !isRepeatable(
                                    part.getType().getValueType(),
                                    expression.getType().getValueType()))) {
                return false;
            }
        }
        return true;
    }

    /** Not if H2 adds the day of today, or the session's time zone, or takes it away. */
    private static boolean isRepeatable(int from, int to) {
        if (from == to || from == Value.NULL) {
            return true;
        }
        boolean moment = DataType.isDateTimeType(to);
        return !(moment && (hasZone(from) || hasZone(to))) && !(from == Value.TIME && to == Value.TIMESTAMP);
    }

    private static boolean hasZone(int type) {
        return type == Value.TIME_TZ || type == Value.TIMESTAMP_TZ;
    }
}
