package org.deuterium.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.deuterium.wire.statement.ColumnDescription;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a result, and their numbers by label; shared by all executions of a prepared statement, so that looking
 * a label up costs one probe of a map.
 */
final class ColumnLabels {

    private final List<ColumnDescription> columns;
    private volatile @Nullable Map<String, Integer> numbers;

    ColumnLabels(List<ColumnDescription> columns) {
        this.columns = columns;
    }

    List<ColumnDescription> columns() {
        return columns;
    }

    /** The number, from 1, of the column with this label or name in any case. */
    int find(@Nullable String label) throws SQLException {
        if (label == null) {
            throw SqlExceptions.invalidValue("columnLabel", null);
        }
        Map<String, Integer> known = numbers;
        if (known == null) {
            known = numbered(columns);
            numbers = known;
        }
        Integer number = known.get(label);
        if (number == null) {
            number = known.get(label.toUpperCase(Locale.ENGLISH));
            if (number == null) {
                throw SqlExceptions.columnNotFound(label);
            }
            known.put(label, number);
        }
        return number;
    }

    /** Labels come before names, names before names with their table; the first of equal ones counts. */
    private static Map<String, Integer> numbered(List<ColumnDescription> columns) {
        Map<String, Integer> known = new ConcurrentHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            known.putIfAbsent(columns.get(i).label().toUpperCase(Locale.ENGLISH), i + 1);
        }
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i).name().toUpperCase(Locale.ENGLISH);
            known.putIfAbsent(name, i + 1);
            known.putIfAbsent(columns.get(i).table().toUpperCase(Locale.ENGLISH) + "." + name, i + 1);
        }
        return known;
    }
}
