package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.router.catalog.RegularMode;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.Merge.Combination;
import org.deuterium.router.plan.Merge.Concatenation;
import org.deuterium.router.plan.Merge.OrderedMerge;
import org.deuterium.router.plan.RowLimit;
import org.deuterium.values.StatementTime;
import org.deuterium.values.UntypedEnums;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.ParameterRows;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueArray;

/**
 * Makes one result of the results of several partitions, as the plan's {@link Merge} says. Rows that need no computing
 * stream through; those that do are held in memory, up to a limit.
 */
final class RowMerger {

    private final ScratchDatabase scratch;
    private final long memoryLimitBytes;

    /** @param memoryLimitBytes how much a statement may hold of its partitions' rows, as they are on the wire */
    RowMerger(ScratchDatabase scratch, long memoryLimitBytes) {
        this.scratch = scratch;
        this.memoryLimitBytes = memoryLimitBytes;
    }

    /**
     * The rows the client gets; closes the parts when it has been read or closed.
     *
     * @param client the client's parameters, one set
     * @param visible how many columns the client sees
     */
    RowSource merge(
            Merge merge,
            List<PartitionRows> parts,
            ParameterRows client,
            int visible,
            StatementTime time,
            long maxRows) {
        if (merge instanceof Concatenation concatenation) {
            return limit(new ConcatenatedRows(parts), concatenation.limit(), client, visible, maxRows);
        }
        if (merge instanceof OrderedMerge ordered) {
            RowSource rows = new OrderedRows(parts, new RowOrder(ordered.keys()));
            return limit(rows, ordered.limit(), client, ordered.visibleColumns(), maxRows);
        }
        if (!(merge instanceof Combination combination)) {
            throw new IllegalArgumentException("there are no rows to merge in " + merge);
        }
        return combine(combination, parts, client, time, maxRows);
    }

    private static RowSource limit(RowSource rows, RowLimit limit, ParameterRows client, int visible, long maxRows) {
        long fetch = limit.fetch(client, 0);
        long most = fetch == RowLimit.ALL ? LimitedRows.ALL : fetch;
        if (maxRows > 0) {
            most = Math.min(most, maxRows);
        }
        return new LimitedRows(rows, limit.offset(client, 0), most, visible);
    }

    private RowSource combine(
            Combination combination,
            List<PartitionRows> parts,
            ParameterRows client,
            StatementTime time,
            long maxRows) {
        int columns = combination.partials().size();
        List<List<Value>> arrays = new ArrayList<>(columns);
        for (int i = 0; i < columns; i++) {
            arrays.add(new ArrayList<>());
        }
        try {
            for (PartitionRows part : parts) {
                for (Value[] row = part.next(); row != null; row = part.next()) {
                    for (int i = 0; i < columns; i++) {
                        // The column of TABLE(...) takes the label.
                        arrays.get(i).add(UntypedEnums.asLabels(row[i]));
                    }
                    checkMemory(parts);
                }
            }
        } finally {
            parts.forEach(RowSource::close);
        }
        Value[] own = BoundParameters.values(BoundParameters.bind(combination.combine(), client));
        Value[] parameters = new Value[columns + own.length];
        for (int i = 0; i < columns; i++) {
            parameters[i] = array(arrays.get(i));
        }
        System.arraycopy(own, 0, parameters, columns, own.length);
        return scratch.query(combination.combine().sql(), parameters, time, maxRows);
    }

    private static Value array(List<Value> values) {
        TypeInfo component = TypeInfo.TYPE_NULL;
        for (Value value : values) {
            if (component != value.getType()) {
                component = TypeInfo.getHigherType(component, value.getType());
            }
        }
        return ValueArray.get(component, values.toArray(new Value[0]), RegularMode.INSTANCE);
    }

    private void checkMemory(List<PartitionRows> parts) {
        long held = 0;
        for (PartitionRows part : parts) {
            held += part.bytesRead();
        }
        if (held > memoryLimitBytes) {
            throw new StatementFailedException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "Grouping at the router needs more than " + (memoryLimitBytes >> 20)
                            + " MB of rows from the partitions; make fewer groups (a WHERE clause), or group by the"
                            + " partition column");
        }
    }
}
