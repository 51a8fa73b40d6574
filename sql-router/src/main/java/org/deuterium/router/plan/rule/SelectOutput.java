package org.deuterium.router.plan.rule;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.jspecify.annotations.Nullable;

/** The result columns of one SELECT, and which partition columns they are. */
final class SelectOutput {

    private final SqlSelect select;
    private final @Nullable Scope scope;
    private final Island island;

    SelectOutput(SqlSelect select, @Nullable Scope scope, Island island) {
        this.select = select;
        this.scope = scope;
        this.island = island;
    }

    Relation columns() {
        LinkedHashMap<String, @Nullable KeyColumn> columns = new LinkedHashMap<>();
        boolean known = true;
        Scope names = scope == null ? new Scope(null) : scope;
        for (SqlNode item : select.getSelectList()) {
            if (item instanceof SqlIdentifier star && star.isStar()) {
                known &= star.names.size() > 1 || isInOrder(select.getFrom());
                known &= expand(star, names, columns);
            } else {
                SqlNode expression = Expressions.withoutAlias(item);
                put(name(item, columns.size()), grouped(expression, names), columns);
            }
        }
        return new Relation("", "", columns, known);
    }

    /** A name given twice cannot be taken from outside; H2 says so. Its place counts all the same. */
    private static void put(
            String name, @Nullable KeyColumn column, LinkedHashMap<String, @Nullable KeyColumn> columns) {
        columns.put(columns.containsKey(name) ? name + "#" + columns.size() : name, column);
    }

    /**
     * True if the star gives the columns of all tables, one table after the other. H2 puts the right side of a RIGHT JOIN
     * first, and gives a column of USING or NATURAL once, before the others of its table.
     */
    private static boolean isInOrder(@Nullable SqlNode from) {
        if (!(from instanceof SqlJoin join)) {
            return true;
        }
        boolean plain =
                switch (join.getJoinType()) {
                    case INNER, LEFT, CROSS, COMMA -> true;
                    default -> false;
                };
        return plain
                && !join.isNatural()
                && join.getConditionType() != JoinConditionType.USING
                && isInOrder(join.getLeft())
                && isInOrder(join.getRight());
    }

    /** The columns of GROUP BY that are partition columns, in the form of a result. */
    Relation groups() {
        LinkedHashMap<String, @Nullable KeyColumn> columns = new LinkedHashMap<>();
        SqlNodeList group = select.getGroup();
        if (group != null && scope != null) {
            for (SqlNode by : group) {
                columns.put("#" + columns.size(), scope.keyColumn(GroupTarget.of(select, by)));
            }
        }
        return new Relation("", "", columns, true);
    }

    private static boolean expand(SqlIdentifier star, Scope names, LinkedHashMap<String, @Nullable KeyColumn> columns) {
        boolean known = true;
        for (Relation relation : names.relations) {
            int qualifiers = star.names.size() - 1;
            if (qualifiers == 0 || relation.alias().equals(star.names.get(qualifiers - 1))) {
                known &= relation.known();
                for (Map.Entry<String, @Nullable KeyColumn> column :
                        relation.columns().entrySet()) {
                    put(column.getKey(), column.getValue(), columns);
                }
            }
        }
        return known;
    }

    private static String name(SqlNode item, int position) {
        if (item.getKind() == SqlKind.AS) {
            return ((SqlIdentifier) ((SqlCall) item).operand(1)).getSimple();
        }
        if (item instanceof SqlIdentifier identifier) {
            return identifier.names.get(identifier.names.size() - 1);
        }
        return "#" + position;
    }

    /** A column of a grouped query can only be filtered from outside if it is grouped by. */
    private @Nullable KeyColumn grouped(SqlNode expression, Scope names) {
        KeyColumn column = names.keyColumn(expression);
        SqlNodeList group = select.getGroup();
        if (column == null || group == null) {
            return column;
        }
        for (SqlNode by : group) {
            if (names.keyColumn(GroupTarget.of(select, by)) == column) {
                return column;
            }
        }
        return null;
    }

    /**
     * True if the result has all partition columns of every table, so that no group or distinct row crosses partitions.
     * A column that an outer join fills with NULL does not count: the rows with NULL are in every partition.
     */
    boolean groupsByKeys(Relation result, List<TableUse> uses) {
        return uses.stream().allMatch(use -> hasAll(use, result));
    }

    private boolean hasAll(TableUse use, Relation result) {
        for (int i = 0; i < use.table().key().size(); i++) {
            KeyColumn wanted = use.key(i).root();
            boolean found = result.columns().values().stream()
                    .anyMatch(column -> column != null && column.root() == wanted && !column.home.isNullableIn(island));
            if (!found) {
                return false;
            }
        }
        return true;
    }
}
