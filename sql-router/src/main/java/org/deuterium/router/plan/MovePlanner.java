package org.deuterium.router.plan;

import static java.util.stream.Collectors.joining;
import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUpdate;
import org.deuterium.router.catalog.MovableRow;
import org.deuterium.router.catalog.PartitionedTable;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.deuterium.router.plan.rule.KeyOperand;
import org.deuterium.router.plan.rule.KeyTuple;
import org.jspecify.annotations.Nullable;

/**
 * Plans UPDATE of a partition column, whose rows may have to leave their partition: a query that locks the rows and
 * computes what they are to become, and the texts that make them so.
 */
final class MovePlanner {

    private final SqlUpdate update;
    private final PartitionedTable table;
    private final MovableRow row;
    private final PlanWriter probe = new PlanWriter(0);
    private final List<Merge.NewValue> values = new ArrayList<>();
    private final List<String> inserted = new ArrayList<>();
    private final List<String> assigned = new ArrayList<>();
    private int width;

    private MovePlanner(SqlUpdate update, PartitionedTable table, MovableRow row) {
        this.update = update;
        this.table = table;
        this.row = row;
    }

    /**
     * The plan.
     *
     * @param found where rows are looked for
     * @throws org.deuterium.router.catalog.StatementRefusedException if the router cannot know what they become
     */
    static Merge.Moves plan(String sql, SqlUpdate update, PartitionedTable table, MovableRow row, Routing found) {
        return new MovePlanner(update, table, row).plan(sql, found);
    }

    private Merge.Moves plan(String sql, Routing found) {
        Map<String, SqlNode> set = assignments();
        probe.add("SELECT _ROWID_");
        width = 1;
        for (MovableRow.Column column : row.columns()) {
            probe.add(", " + column.quoted());
            width++;
        }
        List<MovableRow.Column> columns = row.columns();
        for (int i = 0; i < columns.size(); i++) {
            value(columns.get(i), i + 1, set.remove(columns.get(i).name()));
        }
        if (!set.isEmpty()) {
            throw notSupported("UPDATE of partition columns together with " + set.keySet() + " of "
                    + table.qualifiedName() + ", which H2 computes, is not supported; leave them out");
        }
        probe.add(" FROM ").add(update.getTargetTable());
        SqlIdentifier alias = update.getAlias();
        if (alias != null) {
            probe.add(" AS ").add(alias);
        }
        SqlNode where = update.getCondition();
        if (where != null) {
            probe.add(" WHERE ").add(where);
        }
        probe.add(" FOR UPDATE");
        String name = quoted(table.schema()) + "." + quoted(table.name());
        String insert = "INSERT INTO " + name + " ("
                + columns.stream().map(MovableRow.Column::quoted).collect(joining(", "))
                + ") OVERRIDING SYSTEM VALUE VALUES (" + String.join(", ", inserted) + ")";
        return new Merge.Moves(
                new BoundSql(sql, null),
                found,
                probe.done(),
                width,
                values,
                stored(),
                insert,
                "UPDATE " + name + " SET " + String.join(", ", assigned) + " WHERE _ROWID_ = ?",
                "DELETE FROM " + name + " WHERE _ROWID_ = ?",
                row,
                table.qualifiedName());
    }

    private Map<String, SqlNode> assignments() {
        Map<String, SqlNode> set = new TreeMap<>();
        Set<SqlNode> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < update.getTargetColumnList().size(); i++) {
            SqlIdentifier column = (SqlIdentifier) update.getTargetColumnList().get(i);
            SqlNode value = update.getSourceExpressionList().get(i);
            if (!seen.add(value)) {
                throw notSupported("UPDATE of a partition column of " + table.qualifiedName()
                        + " by SET (...) = (query) is not supported; set each column by an expression of its own");
            }
            set.put(column.names.get(column.names.size() - 1), value);
        }
        return set;
    }

    /** @param set what the UPDATE gives the column, or null */
    private void value(MovableRow.Column column, int before, @Nullable SqlNode set) {
        if (set == null) {
            String onUpdate = column.onUpdate();
            inserted.add(onUpdate == null ? "?" : onUpdate);
            if (onUpdate == null) {
                values.add(new Merge.NewValue(column, before, -1, before, false));
            }
            return;
        }
        if (set.getKind() == SqlKind.DEFAULT) {
            if (table.keyPosition(column.name()) >= 0) {
                throw notSupported("UPDATE of partition column " + column.name() + " of " + table.qualifiedName()
                        + " to its DEFAULT is not supported; give it a value");
            }
            inserted.add("DEFAULT");
            assigned.add(column.quoted() + " = DEFAULT");
            return;
        }
        inserted.add("?");
        assigned.add(column.quoted() + " = ?");
        if (set instanceof SqlDynamicParam parameter) {
            values.add(new Merge.NewValue(column, -1, parameter.getIndex(), before, true));
            return;
        }
        probe.add(", (").add(set).add(")");
        values.add(new Merge.NewValue(column, width++, -1, before, true));
    }

    private Routing stored() {
        List<List<KeyOperand>> operands = new ArrayList<>();
        for (PartitionColumn key : table.key()) {
            for (int i = 0; i < values.size(); i++) {
                if (values.get(i).column().name().equals(key.name())) {
                    operands.add(List.of(KeyOperand.ofParameter(i)));
                }
            }
        }
        return KeyRouting.of(table.set().name(), List.of(new KeyTuple(table.key(), operands, true)));
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
