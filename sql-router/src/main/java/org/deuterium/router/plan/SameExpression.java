package org.deuterium.router.plan;

import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.util.Litmus;
import org.jspecify.annotations.Nullable;

/**
 * Whether two expressions of one query are the same: as written, but a column may be qualified in one and not in the
 * other (H2 has refused names that fit two tables before).
 */
final class SameExpression {

    private SameExpression() {}

    static boolean test(@Nullable SqlNode a, @Nullable SqlNode b) {
        if (a == null || b == null) {
            return a == b;
        }
        if (a instanceof SqlIdentifier left && b instanceof SqlIdentifier right) {
            return sameColumn(left.names, right.names);
        }
        if (a instanceof SqlCall left && b instanceof SqlCall right) {
            return sameCall(left, right);
        }
        return a.equalsDeep(b, Litmus.IGNORE);
    }

    private static boolean sameColumn(List<String> a, List<String> b) {
        int common = Math.min(a.size(), b.size());
        return a.subList(a.size() - common, a.size()).equals(b.subList(b.size() - common, b.size()));
    }

    private static boolean sameCall(SqlCall a, SqlCall b) {
        boolean sameHead = a.getKind() == b.getKind()
                && a.getOperator().getName().equals(b.getOperator().getName())
                && a.operandCount() == b.operandCount()
                && sameQuantifier(a, b);
        if (!sameHead) {
            return false;
        }
        for (int i = 0; i < a.operandCount(); i++) {
            if (!test(a.operand(i), b.operand(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameQuantifier(SqlCall a, SqlCall b) {
        return a.getFunctionQuantifier() == null
                ? b.getFunctionQuantifier() == null
                : a.getFunctionQuantifier().equalsDeep(b.getFunctionQuantifier(), Litmus.IGNORE);
    }
}
