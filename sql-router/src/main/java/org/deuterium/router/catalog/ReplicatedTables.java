package org.deuterium.router.catalog;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.Database;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.Table;

/** The REPLICATED tables of a schema, and what must hold of them so that all copies stay equal. */
final class ReplicatedTables {

    private final Map<String, Table> tables = new TreeMap<>();

    /** @param names SCHEMA.TABLE of each */
    ReplicatedTables(Database database, Set<String> names) {
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (names.contains(nameOf(table))) {
                    tables.put(nameOf(table), table);
                }
            }
        }
    }

    /**
     * Checks all of them.
     *
     * @throws StatementRefusedException naming what breaks, where, and the cure
     */
    void check() {
        tables.values().forEach(this::check);
        inOrder();
    }

    private void check(Table table) {
        if (table.findPrimaryKey() == null) {
            throw notSupported("REPLICATED table " + nameOf(table)
                    + " must have a primary key, by which the same row is" + " found in every partition; add one");
        }
        for (Column column : table.getColumns()) {
            Expression computed = column.isGenerated() ? column.getDefaultExpression() : null;
            if (computed != null && !computed.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR)) {
                throw notSupported("column " + column.getName() + " of REPLICATED table " + nameOf(table)
                        + " would be computed differently in each partition; use a DEFAULT, which is computed once");
            }
        }
        for (ConstraintReferential reference : foreignKeys(table)) {
            String parent = nameOf(reference.getRefTable());
            if (!tables.containsKey(parent)) {
                throw notSupported("a foreign key from REPLICATED table " + nameOf(table) + " to " + parent
                        + " cannot be kept: its rows are in every partition, those they refer to in one; make " + parent
                        + " REPLICATED, or leave the foreign key out");
            }
        }
    }

    /**
     * Every table behind those its foreign keys lead to.
     *
     * @throws StatementRefusedException if there is no such order
     */
    List<Table> inOrder() {
        Set<Table> ordered = new LinkedHashSet<>();
        tables.values().forEach(table -> put(table, ordered, new HashSet<>()));
        return new ArrayList<>(ordered);
    }

    private void put(Table table, Set<Table> ordered, Set<Table> path) {
        if (!path.add(table)) {
            throw notSupported("the foreign keys of REPLICATED table " + nameOf(table) + " lead back to itself, so its"
                    + " rows could not be brought into a new partition one by one; leave one of them out");
        }
        for (ConstraintReferential reference : foreignKeys(table)) {
            Table parent = tables.get(nameOf(reference.getRefTable()));
            if (parent != null && !ordered.contains(parent)) {
                put(parent, ordered, path);
            }
        }
        path.remove(table);
        ordered.add(table);
    }

    private static List<ConstraintReferential> foreignKeys(Table table) {
        List<ConstraintReferential> found = new ArrayList<>();
        Iterable<Constraint> constraints = table.getConstraints();
        if (constraints != null) {
            for (Constraint constraint : constraints) {
                if (constraint instanceof ConstraintReferential reference && reference.getTable() == table) {
                    found.add(reference);
                }
            }
        }
        return found;
    }

    private static String nameOf(Table table) {
        return table.getSchema().getName() + "." + table.getName();
    }
}
