package org.deuterium.router.catalog;

import java.util.List;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** A table whose rows are spread over a set of partitions by the values of some columns. */
public record PartitionedTable(String schema, String name, PartitionSetSpec set, List<PartitionColumn> key) {

    public PartitionedTable {
        key = List.copyOf(key);
    }

    /**
     * A column that decides the partition.
     *
     * @param sequence where values come from when an INSERT leaves it out: an identity column's
     *     {@code SCHEMA.TABLE.COLUMN}, a sequence's {@code SCHEMA.SEQUENCE}; null if it is no such column
     * @param defaultValue the constant an INSERT that leaves it out gives it; null if its default is none
     * @param computedDefault true if its default is an expression with other values each time
     */
    public record PartitionColumn(
            String name,
            TypeInfo type,
            HashType hashType,
            @Nullable String sequence,
            @Nullable Value defaultValue,
            boolean computedDefault) {}

    /** SCHEMA.TABLE, as messages name it. */
    public String qualifiedName() {
        return schema + "." + name;
    }

    /** Where the column stands in the key, from 0, or -1. */
    public int keyPosition(String column) {
        for (int i = 0; i < key.size(); i++) {
            if (key.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    /** The key's columns as messages name them: "A, B". */
    public String keyNames() {
        StringBuilder names = new StringBuilder();
        for (PartitionColumn column : key) {
            names.append(names.length() == 0 ? "" : ", ").append(column.name());
        }
        return names.toString();
    }
}
