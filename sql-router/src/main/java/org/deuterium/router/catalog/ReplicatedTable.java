package org.deuterium.router.catalog;

import java.util.List;

/**
 * A table of which every partition of the database has all rows.
 *
 * @param columns all its columns, in order
 */
public record ReplicatedTable(String schema, String name, List<StoredColumn> columns) {

    public ReplicatedTable {
        columns = List.copyOf(columns);
    }

    /**
     * A column as copies of its rows see it.
     *
     * @param key true if the primary key has it
     * @param computed true if H2 computes it from the others (GENERATED ALWAYS AS), so that no statement gives it
     * @param generatedKey true if JDBC's RETURN_GENERATED_KEYS shows it: what H2 draws, and the primary key
     */
    public record StoredColumn(String name, boolean key, boolean computed, boolean generatedKey) {

        /** Its name as SQL. */
        public String quoted() {
            return quote(name);
        }
    }

    /** SCHEMA.TABLE, as messages name it. */
    public String qualifiedName() {
        return schema + "." + name;
    }

    /** Its name as SQL. */
    public String quoted() {
        return quote(schema) + "." + quote(name);
    }

    /** The columns a copy of a row is made of. */
    public List<StoredColumn> given() {
        return columns.stream().filter(column -> !column.computed()).toList();
    }

    /** The columns of its primary key. */
    public List<StoredColumn> key() {
        return columns.stream().filter(StoredColumn::key).toList();
    }

    private static String quote(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
