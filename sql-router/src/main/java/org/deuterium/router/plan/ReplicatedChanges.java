package org.deuterium.router.plan;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.function.Function;
import org.deuterium.router.catalog.ReplicatedTable;
import org.deuterium.router.catalog.ReplicatedTable.StoredColumn;
import org.deuterium.router.plan.rule.ReplicatedChange;

/**
 * Plans a change of a REPLICATED table: the home partition runs the client's text, and gives the rows as they are behind
 * it; the other partitions get these rows, by their primary key. So whatever the text draws or computes is drawn and
 * computed once.
 */
final class ReplicatedChanges {

    private final ReplicatedTable table;
    private final List<StoredColumn> given;

    /** What a set of parameters has: the columns that the home partition gives of each row. */
    private final List<StoredColumn> row;

    private ReplicatedChanges(ReplicatedTable table, List<StoredColumn> row) {
        this.table = table;
        this.given = table.given();
        this.row = row;
    }

    /**
     * The plan.
     *
     * @param sets the names of the sets of partitions that have copies
     */
    static Merge.Copies plan(String sql, ReplicatedChange change, List<String> sets) {
        boolean deletes = change.kind() == ReplicatedChange.Kind.DELETE;
        ReplicatedTable table = change.table();
        ReplicatedChanges texts = new ReplicatedChanges(table, deletes ? table.key() : table.given());
        String home = deletes ? "SELECT " + texts.keyNames() + " FROM OLD TABLE (" + sql + "\n)" : sql;
        String elsewhere =
                switch (change.kind()) {
                    case INSERT -> "INSERT INTO " + texts.table.quoted() + " " + texts.newRow();
                    case UPDATE ->
                        "UPDATE " + texts.table.quoted() + " SET " + texts.assignments() + " WHERE "
                                + texts.sameKey("");
                    case DELETE -> "DELETE FROM " + texts.table.quoted() + " WHERE " + texts.sameKey("");
                    case MERGE -> texts.merge();
                };
        return new Merge.Copies(new BoundSql(home, null), change, elsewhere, sets);
    }

    /** Brings one more copy of rows into a partition that has none. */
    static String insertOf(ReplicatedTable table) {
        return "INSERT INTO " + table.quoted() + " " + new ReplicatedChanges(table, table.given()).newRow();
    }

    private String merge() {
        String assignments = assignments();
        return "MERGE INTO " + table.quoted() + " T USING DUAL ON " + sameKey("T.")
                + (assignments.isEmpty() ? "" : " WHEN MATCHED THEN UPDATE SET " + assignments)
                + " WHEN NOT MATCHED THEN INSERT " + newRow();
    }

    private String newRow() {
        return "(" + each(StoredColumn::quoted, ", ", false) + ") OVERRIDING SYSTEM VALUE VALUES ("
                + each(this::parameter, ", ", false) + ")";
    }

    private String assignments() {
        return given.stream()
                .filter(column -> !column.key())
                .map(column -> column.quoted() + " = " + parameter(column))
                .collect(joining(", "));
    }

    private String sameKey(String prefix) {
        return each(column -> prefix + column.quoted() + " = " + parameter(column), " AND ", true);
    }

    private String keyNames() {
        return each(StoredColumn::quoted, ", ", true);
    }

    private String each(Function<StoredColumn, String> text, String separator, boolean keyOnly) {
        return given.stream()
                .filter(column -> column.key() || !keyOnly)
                .map(text)
                .collect(joining(separator));
    }

    private String parameter(StoredColumn column) {
        return "?" + (row.indexOf(column) + 1);
    }
}
