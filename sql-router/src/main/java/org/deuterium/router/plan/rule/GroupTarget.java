package org.deuterium.router.plan.rule;

import org.apache.calcite.sql.SqlIdentifier;
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
            if (Expressions.withoutAlias(item).equalsDeep(group, Litmus.IGNORE)) {
                return group;
            }
        }
        for (SqlNode item : select.getSelectList()) {
            if (Expressions.hasAlias(item, name.getSimple())) {
                return Expressions.withoutAlias(item);
            }
        }
        return group;
    }
}
