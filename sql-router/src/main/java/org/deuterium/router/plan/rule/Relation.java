package org.deuterium.router.plan.rule;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something in a FROM clause that columns can be taken from.
 *
 * @param schema its schema if it is a table without alias, else ""
 * @param alias the name columns are qualified by; "" if it has none
 * @param columns its columns, with the partition column each one is, or null; in order if they are known
 * @param known false if it may have columns that are not in the list, or in another order
 */
record Relation(String schema, String alias, LinkedHashMap<String, @Nullable KeyColumn> columns, boolean known) {

    static Relation unknown(String alias) {
        return new Relation("", alias, new LinkedHashMap<>(), false);
    }

    Relation withAlias(String other) {
        return new Relation("", other, columns, known);
    }

    /**
     * The same columns under other names, as a list of column aliases gives them; which is which is only known if all are.
     */
    Relation withColumns(java.util.List<String> names) {
        LinkedHashMap<String, @Nullable KeyColumn> renamed = new LinkedHashMap<>();
        int i = 0;
        for (Map.Entry<String, @Nullable KeyColumn> column : columns.entrySet()) {
            renamed.put(i < names.size() ? names.get(i) : column.getKey(), known ? column.getValue() : null);
            i++;
        }
        return new Relation(schema, alias, renamed, known);
    }

    boolean isNamed(String otherSchema, String otherAlias) {
        return alias.equals(otherAlias) && (otherSchema.isEmpty() || Objects.equals(schema, otherSchema));
    }
}
