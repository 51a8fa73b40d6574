package org.deuterium.router.catalog;

import org.deuterium.wire.client.DescribeCatalog;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;

/** The logical schema as an empty H2 database in memory, brought forward by replaying the schema log. */
public final class CatalogDatabase implements AutoCloseable {

    public CatalogDatabase() {}

    /** The last version of the schema log that was applied; 0 for the empty schema. */
    public long version() {
        return 0;
    }

    /**
     * Brings the catalog to the next version.
     *
     * @throws StatementRefusedException if the change fails; the version counts as applied all the same, without effect
     */
    public void apply(CatalogChange change) {
        throw StatementRefusedException.notSupported("schema changes");
    }

    /** True if the user may log in. */
    public boolean mayLogIn(String user, String password) {
        return false;
    }

    /** Runs a query that needs no partition, as a user without special rights. */
    public RowsPage query(String schema, String timeZone, String sql, ParameterRows parameters, long maxRows) {
        throw StatementRefusedException.notSupported("queries of the catalog");
    }

    /** Calls a method of DatabaseMetaData; all rows come in one page, with columns. */
    public RowsPage describe(DescribeCatalog request) {
        throw StatementRefusedException.notSupported("DatabaseMetaData");
    }

    @Override
    public void close() {}
}
