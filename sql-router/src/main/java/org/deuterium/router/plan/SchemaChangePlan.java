package org.deuterium.router.plan;

import java.util.List;
import org.deuterium.router.catalog.ReplicatedTable;
import org.deuterium.router.catalog.WantedSet;
import org.jspecify.annotations.Nullable;

/**
 * A schema change that passed every check against the catalog of its version.
 *
 * @param schema the client's current schema; goes into the schema log with {@code sql}
 * @param sql the client's own text, for the schema log and the catalogs
 * @param partitionSql what each partition runs: without Deuterium's clauses, with {@code SET SCHEMA "S"; } before it when names are
 *     not meant in PUBLIC
 * @param newSet the set of partitions a new table needs, to be made if it is not there yet; null if none
 * @param copies the REPLICATED tables whose rows new partitions must get, in this order; empty if there are none of either
 */
public record SchemaChangePlan(
        StatementShape shape,
        String schema,
        String sql,
        String partitionSql,
        @Nullable WantedSet newSet,
        List<CopiedTable> copies)
        implements RoutedPlan {

    public SchemaChangePlan {
        copies = List.copyOf(copies);
    }

    /** @param insert puts a row into a copy; its parameters are the table's columns that are not computed, in order */
    public record CopiedTable(ReplicatedTable table, String insert) {}

    @Override
    public Kind kind() {
        return Kind.SCHEMA_CHANGE;
    }
}
