package org.deuterium.router.catalog;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What planning needs of one version of the schema: immutable.
 *
 * @param tables by SCHEMA.TABLE
 * @param spreadNames the names, in upper case and without schema, of all partitioned tables and of the views over them:
 *     a statement with none of these words touches no partitioned table
 */
public record CatalogSnapshot(
        long version, Set<String> schemas, Map<String, CatalogTable> tables, Set<String> spreadNames) {

    public CatalogSnapshot {
        schemas = Set.copyOf(schemas);
        tables = Map.copyOf(tables);
        spreadNames = Set.copyOf(spreadNames);
    }

    public @Nullable CatalogTable table(String schema, String name) {
        return tables.get(schema + "." + name);
    }

    public Collection<CatalogTable> all() {
        return tables.values();
    }

    /** True if the text may touch a partitioned table; false means that it surely does not. */
    public boolean mayTouchPartitioned(List<SqlToken> tokens) {
        if (spreadNames.isEmpty()) {
            return false;
        }
        boolean unicode = false;
        for (SqlToken token : tokens) {
            if (token.isName() && (unicode || spreadNames.contains(token.upperName()))) {
                return true;
            }
            // U&"..." may spell any name.
            unicode = token.isSymbol('&');
        }
        return false;
    }
}
