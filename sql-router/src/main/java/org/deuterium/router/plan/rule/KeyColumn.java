package org.deuterium.router.plan.rule;

import java.util.List;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.jspecify.annotations.Nullable;

/**
 * A partition column of one use of a table, with all columns known to equal it (a union-find node), and the operands it
 * is known to equal.
 */
final class KeyColumn {

    final PartitionColumn column;

    /** Where its table is named. */
    final Island home;

    private KeyColumn parent = this;
    private Island island;
    private @Nullable List<KeyOperand> values;

    KeyColumn(PartitionColumn column, Island island) {
        this.column = column;
        this.home = island;
        this.island = island;
    }

    KeyColumn root() {
        KeyColumn node = this;
        while (node.parent != node) {
            node.parent = node.parent.parent;
            node = node.parent;
        }
        return node;
    }

    @Nullable
    List<KeyOperand> values() {
        return root().values;
    }

    /** Learns that two columns are equal in all rows that pass a condition of {@code where}. */
    static void equal(KeyColumn left, KeyColumn right, Island where) {
        KeyColumn a = left.root();
        KeyColumn b = right.root();
        if (a == b || a.column.hashType() != b.column.hashType()) {
            return;
        }
        boolean ownA = where.governs(a.island);
        boolean ownB = where.governs(b.island);
        if (ownA && ownB) {
            b.parent = a;
            a.island = where;
            if (a.values == null) {
                a.values = b.values;
            }
        } else if (ownA && a.values == null) {
            // Rows here follow rows outside: they need not be looked for anywhere else. Only one way: what is known
            // here says nothing of the rows outside.
            a.parent = b;
        } else if (ownB && b.values == null) {
            b.parent = a;
        }
    }

    /** Learns that the column equals one of the operands in all rows that pass a condition of {@code where}. */
    void equalsOneOf(List<KeyOperand> operands, Island where) {
        KeyColumn root = root();
        if (where.governs(root.island) && (root.values == null || root.values.size() > operands.size())) {
            root.values = operands;
        }
    }
}
