package org.deuterium.router.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a row of a partitioned table is made of, as one needs to know to take it out of one partition and into another.
 *
 * @param columns all columns but those that H2 computes from the others, in order
 * @param referenced true if a foreign key leads to the table
 * @param followed true if such a foreign key changes rows of its own when the row it leads to changes or goes (CASCADE, SET
 *     NULL, SET DEFAULT)
 */
public record MovableRow(List<Column> columns, boolean referenced, boolean followed) {

    public MovableRow {
        columns = List.copyOf(columns);
    }

    /**
     * A column that INSERT gives.
     *
     * @param name as H2 has it
     * @param onUpdate the expression it gets with every UPDATE that does not set it; null if there is none
     * @param unique true if a unique index has it
     * @param referenced true if a foreign key leads to it
     */
    public record Column(String name, @Nullable String onUpdate, boolean unique, boolean referenced) {

        /** Its name as SQL. */
        public String quoted() {
            return "\"" + name.replace("\"", "\"\"") + "\"";
        }
    }
}
