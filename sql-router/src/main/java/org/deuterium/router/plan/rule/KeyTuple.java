package org.deuterium.router.plan.rule;

import java.util.List;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;

/**
 * One key, or a few by alternatives: for each partition column the operands it may equal.
 *
 * @param columns the partition columns
 * @param alternatives for each column at least one operand; several (of an IN) make a product
 * @param assigned true if the operands are stored in the columns, false if they are compared with them
 */
public record KeyTuple(List<PartitionColumn> columns, List<List<KeyOperand>> alternatives, boolean assigned) {

    public KeyTuple {
        columns = List.copyOf(columns);
        alternatives = List.copyOf(alternatives);
    }

    /** How many keys the alternatives make. */
    public long combinations() {
        long product = 1;
        for (List<KeyOperand> choices : alternatives) {
            product *= choices.size();
        }
        return product;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(columns.get(i).name());
            text.append(
                    alternatives.get(i).size() == 1 ? "=" + alternatives.get(i).get(0) : " in " + alternatives.get(i));
        }
        return text.toString();
    }
}
