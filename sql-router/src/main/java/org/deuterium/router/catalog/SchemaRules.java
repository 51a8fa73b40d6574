package org.deuterium.router.catalog;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.Database;
import org.h2.index.Index;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.table.Table;
import org.h2.table.TableType;
import org.h2.table.TableView;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of a schema so that each partition's H2 can keep its promises alone. Checked on the schema as it would
 * be after a change, whatever statement makes it so.
 */
final class SchemaRules {

    private final Map<String, PartitionedTable> partitioned;
    private final Set<String> replicated;

    private SchemaRules(Map<String, PartitionedTable> partitioned, Set<String> replicated) {
        this.partitioned = partitioned;
        this.replicated = replicated;
    }

    /**
     * Checks a schema.
     *
     * @param before the partitioned tables before the change, by SCHEMA.TABLE
     * @param after those behind it
     * @param replicated the REPLICATED tables behind it
     * @throws StatementRefusedException naming what breaks, where, and the cure
     */
    static void check(
            Database database,
            Map<String, PartitionedTable> before,
            Map<String, PartitionedTable> after,
            Set<String> replicated) {
        SchemaRules rules = new SchemaRules(after, replicated);
        TableExpressions expressions = new TableExpressions(after, replicated);
        new ReplicatedTables(database, replicated).check();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                PartitionedTable spread = after.get(nameOf(table));
                if (spread != null) {
                    rules.checkKeyUnchanged(table, before.get(nameOf(table)), spread);
                    rules.checkUnique(table, spread);
                }
                if (spread != null || replicated.contains(nameOf(table))) {
                    checkVisible(table);
                }
                rules.checkForeignKeys(table);
                expressions.check(table);
                checkPersistent(table);
                if (table instanceof TableView view) {
                    checkOnlyReads(view);
                }
            }
        }
    }

    /**
     * H2 lets a view hold {@code FINAL TABLE (INSERT ...)} and {@code FOR UPDATE}: then whoever reads it writes or locks, at a
     * follower too, and nobody knows.
     */
    private static void checkOnlyReads(TableView view) {
        List<SqlToken> tokens = SqlTokens.of(view.getQuerySQL());
        if (SqlTokens.forUpdate(tokens)) {
            throw notSupported("the view " + nameOf(view)
                    + " locks rows when it is read (FOR UPDATE); say FOR UPDATE in the statement that is to lock them");
        }
        for (int i = 0; i + 2 < tokens.size(); i++) {
            boolean delta = tokens.get(i).isWord("FINAL")
                    || tokens.get(i).isWord("NEW")
                    || tokens.get(i).isWord("OLD");
            if (delta && tokens.get(i + 1).isWord("TABLE") && tokens.get(i + 2).isSymbol('(')) {
                throw notSupported("the view " + nameOf(view) + " changes rows when it is read ("
                        + tokens.get(i).text() + " TABLE); run its statement itself where the rows are to be changed");
            }
        }
    }

    /** What no replica stores goes into no log either. */
    private static void checkPersistent(Table table) {
        if (table.getTableType() == TableType.TABLE && !table.isPersistData()) {
            throw notSupported("the table " + nameOf(table)
                    + " would be kept by no replica: NOT PERSISTENT is not supported; leave it out");
        }
    }

    /** The router counts the columns of a row that a statement gives without naming them, and of a star. */
    private static void checkVisible(Table table) {
        for (Column column : table.getColumns()) {
            if (!column.getVisible()) {
                throw notSupported(
                        "an INVISIBLE column, " + column.getName() + ", in the partitioned or REPLICATED table "
                                + nameOf(table) + " is not supported yet; leave INVISIBLE out");
            }
        }
    }

    private void checkUnique(Table table, PartitionedTable spread) {
        for (Index index : table.getIndexes()) {
            if (!index.getIndexType().isUnique() || index.getIndexType().isScan()) {
                continue;
            }
            Set<String> columns = new HashSet<>();
            for (IndexColumn column : index.getIndexColumns()) {
                columns.add(column.column.getName());
            }
            for (PartitionColumn key : spread.key()) {
                if (!columns.contains(key.name())) {
                    String what = index.getIndexType().isPrimaryKey() ? "the primary key" : "a unique index";
                    throw notSupported(what + " of partitioned table " + spread.qualifiedName()
                            + " must contain its partition columns (" + spread.keyNames() + "), but " + columns
                            + " lacks " + key.name() + ": one partition cannot see the rows of another; add "
                            + key.name() + " to it");
                }
            }
        }
    }

    private void checkKeyUnchanged(Table table, @Nullable PartitionedTable before, PartitionedTable after) {
        for (PartitionColumn key : after.key()) {
            Column column = table.findColumn(key.name());
            if (column == null) {
                throw notSupported("partition column " + key.name() + " of " + after.qualifiedName()
                        + " cannot be dropped or renamed; create a new table and copy the rows");
            }
            int position = before == null ? -1 : before.keyPosition(key.name());
            if (before != null
                    && position >= 0
                    && !keepsHash(before.key().get(position).type(), column.getType())) {
                throw notSupported("partition column " + key.name() + " of " + after.qualifiedName()
                        + " cannot get another type, " + column.getType() + ", in which a value may be another one and "
                        + "belong into another partition; create a new table and copy the rows");
            }
        }
    }

    /** True if every value of one type that can be stored in a column of the other has its hash there too. */
    private static boolean keepsHash(TypeInfo before, TypeInfo after) {
        HashType hashType = HashType.of(before.getValueType());
        if (hashType == null || hashType != HashType.of(after.getValueType())) {
            return false;
        }
        return switch (hashType) {
            // Fewer digits behind the point: values are rounded.
            case NUMBER, TIME, TIMESTAMP -> after.getScale() >= before.getScale();
            // BINARY fills up with zero bytes, and these count; a longer value than fits is refused by H2.
            case BYTES ->
                after.getValueType() == Value.VARBINARY
                        || (before.getValueType() == Value.BINARY && after.getPrecision() == before.getPrecision());
            case TEXT, PADDED_TEXT, BOOLEAN, DATE, UUID -> true;
        };
    }

    private void checkForeignKeys(Table table) {
        Iterable<Constraint> constraints = table.getConstraints();
        if (constraints == null) {
            return;
        }
        for (Constraint constraint : constraints) {
            if (constraint instanceof ConstraintReferential reference && reference.getTable() == table) {
                checkForeignKey(reference);
            }
        }
    }

    private void checkForeignKey(ConstraintReferential reference) {
        PartitionedTable child = partitioned.get(nameOf(reference.getTable()));
        PartitionedTable parent = partitioned.get(nameOf(reference.getRefTable()));
        String names = nameOf(reference.getTable()) + " to " + nameOf(reference.getRefTable());
        if ((child == null && parent == null) || replicated.contains(nameOf(reference.getRefTable()))) {
            return;
        }
        if (child == null || parent == null) {
            throw notSupported(
                    "a foreign key from " + names + " would join a plain and a partitioned table, whose rows "
                            + "live in different partitions; make both plain, or partition both by the referencing columns");
        }
        if (!child.set().equals(parent.set())) {
            throw notSupported("a foreign key from " + names + " joins two sets of partitions ("
                    + child.set().name() + ", " + parent.set().name()
                    + "); create the tables with equal settings, or COLOCATE WITH");
        }
        List<String> from = names(reference.getColumns());
        List<String> to = names(reference.getRefColumns());
        for (int i = 0; i < parent.key().size(); i++) {
            int at = to.indexOf(parent.key().get(i).name());
            boolean aligned = i < child.key().size()
                    && at >= 0
                    && child.key().get(i).name().equals(from.get(at))
                    && child.key().get(i).hashType() == parent.key().get(i).hashType();
            if (!aligned || child.key().size() != parent.key().size()) {
                throw notSupported("a foreign key from " + names + " must pair the partition columns ("
                        + child.keyNames() + ") with (" + parent.keyNames()
                        + "), else the two rows may live in different partitions; add them to the foreign key");
            }
        }
    }

    private static List<String> names(IndexColumn[] columns) {
        return new ArrayList<>(
                Arrays.stream(columns).map(column -> column.column.getName()).toList());
    }

    private static String nameOf(Table table) {
        return table.getSchema().getName() + "." + table.getName();
    }
}
