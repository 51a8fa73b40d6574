package org.deuterium.router.plan;

import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.StatementRefusedException;
import org.jspecify.annotations.Nullable;

/** Makes plans, and remembers them by text, schema version and current schema; safe for any number of threads. */
public final class StatementPlanner {

    private final CatalogDatabase catalog;

    public StatementPlanner(CatalogDatabase catalog) {
        this.catalog = catalog;
    }

    /**
     * The plan that is remembered for this text, schema and the catalog's present version, or null; quick enough for an
     * event loop.
     */
    public @Nullable RoutedPlan cached(String sql, String schema) {
        return null;
    }

    /**
     * The plan of a statement against the catalog's present version.
     *
     * @param schema the session's current schema
     * @throws StatementRefusedException with what to tell the client
     */
    public RoutedPlan plan(String sql, String schema) {
        throw StatementRefusedException.notSupported("planning at schema version " + catalog.version());
    }
}
