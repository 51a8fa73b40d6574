package org.deuterium.router.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.deuterium.router.plan.rule.Expressions;
import org.deuterium.wire.statement.ColumnDescription;
import org.jspecify.annotations.Nullable;

/** Finds which result column each ORDER BY item is; those that are none become hidden columns. */
final class SortKeys {

    private final SqlNodeList selectList;
    private final List<ColumnDescription> columns;
    private final List<SqlNode> hidden = new ArrayList<>();

    SortKeys(SqlNodeList selectList, List<ColumnDescription> columns) {
        this.selectList = selectList;
        this.columns = columns;
    }

    /** Expressions to be added behind the result columns, in order. */
    List<SqlNode> hidden() {
        return hidden;
    }

    List<Merge.SortKey> resolve(List<SqlNode> orderBy) {
        List<Merge.SortKey> keys = new ArrayList<>();
        for (SqlNode item : orderBy) {
            keys.add(resolve(item));
        }
        return keys;
    }

    private Merge.SortKey resolve(SqlNode item) {
        SqlNode expression = item;
        Boolean nullsFirst = null;
        boolean descending = false;
        while (true) {
            SqlKind kind = expression.getKind();
            if (kind == SqlKind.NULLS_FIRST || kind == SqlKind.NULLS_LAST) {
                nullsFirst = kind == SqlKind.NULLS_FIRST;
            } else if (kind == SqlKind.DESCENDING) {
                descending = true;
            } else {
                break;
            }
            expression = ((SqlCall) expression).operand(0);
        }
        int column = visible(expression);
        if (column < 0) {
            column = columns.size() + hidden.size();
            hidden.add(expression);
        }
        return new Merge.SortKey(column, descending, nullsFirst);
    }

    /**
     * The result column an expression is, from 0, or -1. As in H2 ({@code Query.initExpression}) a name is the first item from
     * the left that is this column or has this alias.
     */
    int visible(SqlNode expression) {
        if (expression instanceof SqlLiteral literal && literal.getTypeName().allowsPrecNoScale()) {
            return literal.bigDecimalValue().intValue() - 1;
        }
        int at = 0;
        for (SqlNode item : selectList) {
            if (item instanceof SqlIdentifier star && star.isStar()) {
                int found =
                        expression instanceof SqlIdentifier name && name.isSimple() ? label(name.getSimple(), at) : -1;
                if (found >= 0 || placesOfStar() < 0) {
                    return found;
                }
                at += placesOfStar();
            } else if (isCalled(item, expression) || SameExpression.test(Expressions.withoutAlias(item), expression)) {
                return at;
            } else {
                at++;
            }
        }
        return -1;
    }

    private static boolean isCalled(SqlNode item, SqlNode expression) {
        return expression instanceof SqlIdentifier name
                && name.isSimple()
                && Expressions.hasAlias(item, name.getSimple());
    }

    /** How many columns a star stands for; -1 if there are several, so that nobody can tell. */
    private int placesOfStar() {
        long stars = selectList.stream()
                .filter(item -> item instanceof SqlIdentifier identifier && identifier.isStar())
                .count();
        return stars == 1 ? columns.size() - (selectList.size() - 1) : -1;
    }

    /** The first column of that name that a star here stands for, or may stand for. */
    private int label(String name, int from) {
        int end = placesOfStar() < 0 ? columns.size() : from + placesOfStar();
        for (int i = from; i < end; i++) {
            if (columns.get(i).label().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** ORDER BY by places in the result, so that hidden and visible columns are written alike. */
    static String text(List<Merge.SortKey> keys) {
        StringBuilder text = new StringBuilder();
        for (Merge.SortKey key : keys) {
            text.append(text.length() == 0 ? "" : ", ").append(key.column() + 1);
            text.append(key.descending() ? " DESC" : "").append(nulls(key.nullsFirst()));
        }
        return text.toString();
    }

    private static String nulls(@Nullable Boolean first) {
        if (first == null) {
            return "";
        }
        return first ? " NULLS FIRST" : " NULLS LAST";
    }
}
