package org.deuterium.router.plan;

import java.util.List;
import org.deuterium.wire.statement.ColumnDescription;

/**
 * What a statement takes, gives and does, whoever runs it.
 *
 * @param schemaVersion the version of the schema it was planned for
 * @param query true if it gives rows
 * @param writes true if it may change rows (also a query over {@code FINAL TABLE (INSERT ...)}, not one that only draws
 *     from a sequence)
 * @param locks true for SELECT ... FOR UPDATE
 * @param brief true if it touches a few rows by a unique key, so that it may run on the thread that received it
 * @param parameters one for each {@code ?}
 * @param columns those of its result; empty if it gives none
 */
public record StatementShape(
        long schemaVersion,
        boolean query,
        boolean writes,
        boolean locks,
        boolean brief,
        List<ColumnDescription> parameters,
        List<ColumnDescription> columns) {

    public StatementShape {
        parameters = List.copyOf(parameters);
        columns = List.copyOf(columns);
    }

    /** The same of a statement that may touch many rows. */
    public StatementShape notBrief() {
        return new StatementShape(schemaVersion, query, writes, locks, false, parameters, columns);
    }
}
