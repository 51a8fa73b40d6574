package org.deuterium.router.plan.rule;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.router.catalog.PartitionedTable;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.jspecify.annotations.Nullable;

/** One place where a statement names a partitioned table. */
public final class TableUse {

    private final PartitionedTable table;
    private final List<KeyColumn> key = new ArrayList<>();

    TableUse(PartitionedTable table, Island island) {
        this.table = table;
        for (PartitionColumn column : table.key()) {
            key.add(new KeyColumn(column, island));
        }
    }

    public PartitionedTable table() {
        return table;
    }

    KeyColumn key(int position) {
        return key.get(position);
    }

    /** The keys its rows can have, or null if the statement does not fix all partition columns. */
    public @Nullable KeyTuple fixedKey() {
        List<List<KeyOperand>> alternatives = new ArrayList<>();
        for (KeyColumn column : key) {
            List<KeyOperand> values = column.values();
            if (values == null) {
                return null;
            }
            alternatives.add(values);
        }
        return new KeyTuple(table.key(), alternatives, false);
    }

    /** True if equal rows of both always live in one partition. */
    public boolean isColocatedWith(TableUse other) {
        if (!table.set().equals(other.table.set()) || key.size() != other.key.size()) {
            return false;
        }
        for (int i = 0; i < key.size(); i++) {
            if (key.get(i).root() != other.key.get(i).root()) {
                return false;
            }
        }
        return true;
    }
}
