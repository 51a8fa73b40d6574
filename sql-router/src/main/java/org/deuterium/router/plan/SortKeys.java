package org.deuterium.router.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
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

    /** The result column an expression is, from 0, or -1. */
    int visible(SqlNode expression) {
        if (expression instanceof SqlLiteral literal && literal.getTypeName().allowsPrecNoScale()) {
            return literal.bigDecimalValue().intValue() - 1;
        }
        int byAlias = -1;
        int byExpression = -1;
        for (int i = 0; i < selectList.size(); i++) {
            SqlNode item = selectList.get(i);
            if (item.getKind() == SqlKind.AS) {
                SqlCall as = (SqlCall) item;
                if (expression instanceof SqlIdentifier name
                        && name.isSimple()
                        && name.getSimple().equals(((SqlIdentifier) as.operand(1)).getSimple())) {
                    byAlias = position(i);
                }
                item = as.operand(0);
            }
            if (byExpression < 0 && SameExpression.test(item, expression)) {
                byExpression = position(i);
            }
        }
        if (byAlias >= 0) {
            return byAlias;
        }
        return byExpression >= 0 ? byExpression : uniqueLabel(expression);
    }

    /** Where the item stands in the result: a star before it takes several places. */
    private int position(int item) {
        int stars = 0;
        int starAt = -1;
        for (int i = 0; i < selectList.size(); i++) {
            if (selectList.get(i) instanceof SqlIdentifier identifier && identifier.isStar()) {
                stars++;
                starAt = i;
            }
        }
        if (stars == 0 || item < starAt) {
            return stars <= 1 ? item : -1;
        }
        return stars == 1 ? columns.size() - (selectList.size() - item) : -1;
    }

    private int uniqueLabel(SqlNode expression) {
        if (!(expression instanceof SqlIdentifier name) || !name.isSimple()) {
            return -1;
        }
        int found = -1;
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).label().equals(name.getSimple())) {
                if (found >= 0) {
                    return -1;
                }
                found = i;
            }
        }
        return found;
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
