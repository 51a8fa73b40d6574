package org.deuterium.router.plan.rule;

import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.util.Litmus;

/**
 * What a name in GROUP BY stands for. H2 takes it for an item of the select list that is written the same, then for the
 * first one with that alias, and only then for a column ({@code Select.init}: "GROUP BY a column alias"). A qualified name is
 * never an alias.
 */
public final class GroupTarget {

    private GroupTarget() {}

    public static SqlNode of(SqlSelect select, SqlNode group) {
        if (!(group instanceof SqlIdentifier name) || !name.isSimple()) {
            return group;
        }
        for (SqlNode item : select.getSelectList()) {
            if (withoutAlias(item).equalsDeep(group, Litmus.IGNORE)) {
                return group;
            }
        }
        for (SqlNode item : select.getSelectList()) {
            if (item.getKind() == SqlKind.AS
                    && ((SqlIdentifier) ((SqlCall) item).operand(1)).getSimple().equals(name.getSimple())) {
                return withoutAlias(item);
            }
        }
        return group;
    }

    private static SqlNode withoutAlias(SqlNode item) {
        return item.getKind() == SqlKind.AS ? ((SqlCall) item).operand(0) : item;
    }
}
