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
 * @param copiedNames the same of all REPLICATED tables and the views over them
 * @param sets the names of all sets of partitions that tables of the schema are or were in, the home partition's first:
 *     each of their partitions has a copy of every REPLICATED table
 */
public record CatalogSnapshot(
        long version,
        Set<String> schemas,
        Map<String, CatalogTable> tables,
        Set<String> spreadNames,
        Set<String> copiedNames,
        List<String> sets) {

    public CatalogSnapshot {
        schemas = Set.copyOf(schemas);
        tables = Map.copyOf(tables);
        spreadNames = Set.copyOf(spreadNames);
        copiedNames = Set.copyOf(copiedNames);
        sets = List.copyOf(sets);
    }

    public @Nullable CatalogTable table(String schema, String name) {
        return tables.get(schema + "." + name);
    }

    public Collection<CatalogTable> all() {
        return tables.values();
    }

    /** True if the text may touch a partitioned table; false means that it surely does not. */
    public boolean mayTouchPartitioned(List<SqlToken> tokens) {
        return mayTouch(tokens, spreadNames);
    }

    /** True if the text may touch a REPLICATED table; false means that it surely does not. */
    public boolean mayTouchReplicated(List<SqlToken> tokens) {
        return mayTouch(tokens, copiedNames);
    }

    private static boolean mayTouch(List<SqlToken> tokens, Set<String> tables) {
        if (tables.isEmpty()) {
            return false;
        }
        boolean unicode = false;
        for (SqlToken token : tokens) {
            if (token.isName() && (unicode || tables.contains(token.upperName()))) {
                return true;
            }
            // U&"..." may spell any name.
            unicode = token.isSymbol('&');
        }
        return false;
    }
}
