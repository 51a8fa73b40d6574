package org.deuterium.router.catalog;

import org.deuterium.coordinator.SchemaChange;

/**
 * One entry of the schema log, as the catalog replays it.
 *
 * @param version its place in the schema log; the first is 1
 * @param schema the schema that was current for the client, in which unqualified names are meant
 * @param sql the client's own text, Deuterium's clauses included
 */
public record CatalogChange(long version, String schema, String sql) {

    /** The entry as the coordinator keeps it: its {@code placement} is the client's current schema. */
    public static CatalogChange of(SchemaChange change) {
        return new CatalogChange(change.version(), change.placement(), change.sql());
    }
}
