package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.deuterium.replica.locks.TableLock;
import org.deuterium.replica.locks.TableLocks;
import org.deuterium.replica.locks.TableWish;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Merge;
import org.h2.command.dml.Update;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.table.DataChangeDeltaTable;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The tables a parsed statement reads and changes, as the locks it needs: through views, sub-queries, checks and foreign keys.
 * Where that is not known it is all tables.
 */
final class StatementTables {

    private static final Comparator<Table> BY_NAME = Comparator.comparing(StatementTables::nameOf);

    private final Command command;
    private final @Nullable Database database;
    private final TableLocks locks;
    private final @Nullable DataChangeStatement change;
    private final boolean changesAny;
    private final Set<Table> written = new LinkedHashSet<>();
    private final List<TableWish> ofWriter;
    private @Nullable List<TableWish> ofSerializable;

    private StatementTables(
            Command command,
            @Nullable Database database,
            TableLocks locks,
            @Nullable DataChangeStatement change,
            boolean changesAny) {
        this.command = command;
        this.database = database;
        this.locks = locks;
        this.change = change;
        this.changesAny = changesAny;
        if (change != null) {
            write(change.getTable(), change);
        } else if (changesAny) {
            written.addAll(all());
        }
        this.ofWriter = wishes(Set.of());
    }

    /**
     * Looks at a command.
     *
     * @param mayChange true if it is not sure that it is a plain query
     */
    static StatementTables of(Command command, boolean mayChange, Database database, TableLocks locks) {
        if (!mayChange) {
            return new StatementTables(command, database, locks, null, false);
        }
        Prepared prepared = command.getClass() == CommandContainer.class
                ? PrivateFields.read(command, "prepared", Prepared.class)
                : null;
        if (prepared instanceof DataChangeStatement change) {
            return new StatementTables(command, database, locks, change, false);
        }
        if (!command.isQuery()) {
            boolean several = prepared == null;
            return new StatementTables(command, database, locks, null, several);
        }
        // FINAL TABLE (INSERT ...) and its like, or only a column called UPDATED.
        List<DataChangeStatement> changes = new ArrayList<>();
        for (DbObject dependency : command.getDependencies()) {
            if (dependency instanceof DataChangeDeltaTable delta) {
                changes.add(PrivateFields.read(delta, "statement", DataChangeStatement.class));
            }
        }
        boolean explains = command.getCommandType() == org.h2.command.CommandInterface.EXPLAIN;
        return changes.size() == 1 && !explains
                ? new StatementTables(command, database, locks, changes.get(0), false)
                : new StatementTables(command, database, locks, null, explains || !changes.isEmpty());
    }

    /** What the statement needs at any level: intent on what it changes, itself and by foreign keys. */
    List<TableWish> ofWriter() {
        return ofWriter;
    }

    /** What it needs at SERIALIZABLE: what it reads shared as well. */
    List<TableWish> ofSerializable() {
        List<TableWish> known = ofSerializable;
        if (known == null) {
            ofSerializable = known = wishes(read());
        }
        return known;
    }

    private Set<Table> read() {
        if (changesAny) {
            return written;
        }
        HashSet<DbObject> dependencies = new HashSet<>(command.getDependencies());
        if (change != null) {
            change.collectDependencies(dependencies);
            change.getTable().addDependencies(dependencies);
            if (change instanceof Merge merge) {
                collectValues(merge, dependencies);
            }
            for (Table table : written) {
                collectForeign(table, dependencies);
            }
        }
        Set<Table> read = new HashSet<>();
        for (DbObject dependency : dependencies) {
            if (dependency instanceof MVTable table) {
                read.add(table);
            }
        }
        return read;
    }

    /** H2 does not collect these. */
    private static void collectValues(Merge merge, HashSet<DbObject> dependencies) {
        ExpressionVisitor visitor = ExpressionVisitor.getDependenciesVisitor(dependencies);
        for (Object row : PrivateFields.read(merge, "valuesExpressionList", List.class)) {
            for (Expression value : (Expression[]) row) {
                if (value != null) {
                    value.isEverything(visitor);
                }
            }
        }
    }

    /** Parents in which a row is looked up, children in which none may be left. */
    private static void collectForeign(Table table, Set<DbObject> dependencies) {
        for (ConstraintReferential key : foreignKeys(table)) {
            dependencies.add(key.getTable());
            dependencies.add(key.getRefTable());
        }
    }

    private static List<ConstraintReferential> foreignKeys(Table table) {
        List<ConstraintReferential> keys = new ArrayList<>(0);
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintReferential key) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** The table, and the children that the change of it changes: cascades. */
    private void write(Table table, DataChangeStatement by) {
        if (!written.add(table) || by instanceof Insert) {
            return;
        }
        for (ConstraintReferential key : foreignKeys(table)) {
            boolean onDelete = !(by instanceof Update) && !key.getDeleteAction().isNoActionOrRestrict();
            boolean onUpdate = !(by instanceof Delete) && !key.getUpdateAction().isNoActionOrRestrict();
            // What a deletion sets to NULL in a child is an update there, which may have children of its own.
            if (key.getRefTable() == table && (onDelete || onUpdate)) {
                writeChild(key.getTable());
            }
        }
    }

    private void writeChild(Table table) {
        if (!written.add(table)) {
            return;
        }
        for (ConstraintReferential key : foreignKeys(table)) {
            boolean acts = !key.getDeleteAction().isNoActionOrRestrict()
                    || !key.getUpdateAction().isNoActionOrRestrict();
            if (key.getRefTable() == table && acts) {
                writeChild(key.getTable());
            }
        }
    }

    private Set<Table> all() {
        Set<Table> all = new HashSet<>();
        if (database != null) {
            for (Schema schema : database.getAllSchemasNoMeta()) {
                for (Table table : schema.getAllTablesAndViews(null)) {
                    if (table instanceof MVTable) {
                        all.add(table);
                    }
                }
            }
        }
        return all;
    }

    /** In the order of their names, so that two statements never take two tables in different orders. */
    private List<TableWish> wishes(Set<Table> read) {
        Set<Table> both = new HashSet<>(read);
        both.addAll(written);
        return both.stream()
                .filter(MVTable.class::isInstance)
                .sorted(BY_NAME)
                .map(table -> new TableWish(lock(table), read.contains(table), written.contains(table)))
                .toList();
    }

    private TableLock lock(Table table) {
        return locks.of(nameOf(table));
    }

    static String nameOf(Table table) {
        return table.getSchema().getName() + "." + table.getName();
    }
}
