package org.deuterium.router.catalog;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table or view as the planner sees it.
 *
 * @param columns the names of its columns in order
 * @param uniqueKeys the columns of each unique index, that of the primary key included
 * @param partitioned how its rows are spread; null for any other table and for a view
 * @param movable what its rows are made of, if it is partitioned; else null
 * @param replicated how its copies are written; null for any other table and for a view
 * @param viewSql the query of a view; null for a table
 */
public record CatalogTable(
        String schema,
        String name,
        List<String> columns,
        List<Set<String>> uniqueKeys,
        @Nullable PartitionedTable partitioned,
        @Nullable MovableRow movable,
        @Nullable ReplicatedTable replicated,
        @Nullable String viewSql) {

    public CatalogTable {
        columns = List.copyOf(columns);
        uniqueKeys = List.copyOf(uniqueKeys);
    }

    public String qualifiedName() {
        return schema + "." + name;
    }
}
