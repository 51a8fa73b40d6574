package org.deuterium.router.plan;

import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;

/** OFFSET and FETCH of a query over several partitions, which may be parameters. */
public record RowLimit(@Nullable RowCount offset, @Nullable RowCount fetch) {

    public static final RowLimit NONE = new RowLimit(null, null);

    /** What {@link #fetch(ParameterRows, int)} says when all rows are wanted. */
    public static final long ALL = -1;

    /** How many rows: a number, or a parameter. */
    public interface RowCount {
        long value(ParameterRows parameters, int set);
    }

    public long offset(ParameterRows parameters, int set) {
        return offset == null ? 0 : Math.max(0, offset.value(parameters, set));
    }

    /** How many rows the client gets at most, behind the offset; {@link #ALL} if there is no limit. */
    public long fetch(ParameterRows parameters, int set) {
        return fetch == null ? ALL : fetch.value(parameters, set);
    }
}
