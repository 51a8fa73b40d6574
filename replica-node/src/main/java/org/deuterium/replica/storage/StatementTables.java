package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.deuterium.replica.locks.TableLock;
import org.deuterium.replica.locks.TableLocks;
import org.deuterium.replica.locks.TableWish;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Merge;
import org.h2.command.dml.Update;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.DbObject;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.index.Index;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.Transaction;
import org.h2.schema.Sequence;
import org.h2.table.Table;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * The tables a parsed statement reads and changes, as the locks it needs: through views, sub-queries, checks and foreign keys.
 * Where that is not known it is all tables.
 */
final class StatementTables {

    private static final Comparator<Table> BY_NAME = Comparator.comparing(StatementTables::nameOf);

    /** FINAL TABLE (INSERT ...) and its like. */
    private static final Pattern DELTA = Pattern.compile("\\b(FINAL|NEW|OLD)\\s+TABLE\\b");

    private final Command command;
    private final String sql;
    private final SessionLocal session;
    private final TableLocks locks;
    private final @Nullable DataChangeStatement change;
    private final boolean changesAny;
    private final Set<Table> written = new LinkedHashSet<>();
    private final List<TableWish> ofWriter;
    private @Nullable List<TableWish> ofSerializable;
    private @Nullable Set<MVTable> ofSnapshot;

    private StatementTables(
            Command command,
            String sql,
            SessionLocal session,
            TableLocks locks,
            @Nullable DataChangeStatement change,
            boolean changesAny) {
        this.command = command;
        this.sql = sql;
        this.session = session;
        this.locks = locks;
        this.change = change;
        this.changesAny = changesAny;
        if (change != null) {
            write(change.getTable(), change);
        } else if (changesAny) {
            written.addAll(ReachedTables.all(session));
        }
        this.ofWriter = wishes(Set.of());
    }

    /**
     * Looks at a command.
     *
     * @param sql its text
     * @param words what {@link StatementWords} leaves of it, in upper case
     * @param mayChange true if it is not sure that it is a plain query
     */
    static StatementTables of(
            Command command, String sql, String words, boolean mayChange, SessionLocal session, TableLocks locks) {
        if (!mayChange) {
            return new StatementTables(command, sql, session, locks, null, false);
        }
        Prepared prepared = command.getClass() == CommandContainer.class
                ? PrivateFields.read(command, "prepared", Prepared.class)
                : null;
        long deltas = DELTA.matcher(words).results().count();
        if (prepared instanceof DataChangeStatement change) {
            return deltas == 0
                    ? new StatementTables(command, sql, session, locks, change, false)
                    : new StatementTables(command, sql, session, locks, null, true);
        }
        if (!command.isQuery()) {
            boolean several = prepared == null;
            return new StatementTables(command, sql, session, locks, null, several);
        }
        // Perhaps only a column called UPDATED. H2 does not show a change in every place it may have in a query.
        List<DataChangeStatement> changes = changesIn(command, session);
        boolean explains = command.getCommandType() == CommandInterface.EXPLAIN;
        return changes.size() == 1 && deltas == 1 && !explains
                ? new StatementTables(command, sql, session, locks, changes.get(0), false)
                : new StatementTables(command, sql, session, locks, null, explains || !changes.isEmpty() || deltas > 0);
    }

    private static List<DataChangeStatement> changesIn(Command query, SessionLocal session) {
        ReachedTables reached = new ReachedTables(session);
        reached.add(query.getDependencies());
        return reached.close().changes();
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

    /**
     * Takes the snapshot of a statement that has just started in the session again, if H2 does not know of all its tables:
     * those it misses would be shown as they are when they are read.
     */
    void completeSnapshot() {
        Transaction transaction = session.getTransaction();
        // Above READ COMMITTED the first statement's snapshot is of all tables.
        if (transaction.getIsolationLevel() != IsolationLevel.READ_COMMITTED || hasKnownSnapshot()) {
            return;
        }
        HashSet<MVMap<Object, VersionedValue<Object>>> maps = new HashSet<>();
        for (MVTable table : ofSnapshot()) {
            for (Index index : table.getIndexes()) {
                if (index instanceof MVIndex<?, ?> stored) {
                    maps.add(mapOf(stored));
                }
            }
        }
        transaction.markStatementStart(maps);
    }

    @SuppressWarnings("unchecked") // H2 has one type for all its maps here
    private static MVMap<Object, VersionedValue<Object>> mapOf(MVIndex<?, ?> index) {
        return ((MVIndex<Object, Object>) index).getMVMap();
    }

    /** True if the tables H2 knows of are all that the query reads. */
    boolean hasKnownSnapshot() {
        return ofSnapshot().isEmpty();
    }

    /** All tables of the query if H2 does not know of all of them, else none. */
    private Set<MVTable> ofSnapshot() {
        Set<MVTable> known = ofSnapshot;
        if (known == null) {
            ReachedTables ofH2 = new ReachedTables(session);
            ofH2.add(command.getDependencies());
            Set<MVTable> all = read();
            ofSnapshot = known = ofH2.tables().containsAll(all) ? Set.of() : all;
        }
        return known;
    }

    private Set<MVTable> read() {
        ReachedTables reached = reached();
        return reached == null ? ReachedTables.all(session) : reached.tables();
    }

    /** The sequences that the statement may draw values from; null if they are not known. */
    @Nullable
    Set<Sequence> drawn() {
        ReachedTables reached = reached();
        return reached == null ? null : reached.sequences();
    }

    private @Nullable ReachedTables reached() {
        if (changesAny) {
            return null;
        }
        ReachedTables reached = new ReachedTables(session);
        for (Table table : written) {
            reached.addWithRules(table);
            reached.add(foreign(table));
        }
        reached.add(command.getDependencies());
        if (change != null) {
            reached.addChange(change, sql);
            if (change instanceof Merge merge) {
                reached.add(valuesOf(merge));
            }
        } else {
            reached.addQuery(sql);
        }
        return reached.close().isComplete() ? reached : null;
    }

    /** H2 does not collect these. */
    private static Set<DbObject> valuesOf(Merge merge) {
        HashSet<DbObject> dependencies = new HashSet<>();
        ExpressionVisitor visitor = ExpressionVisitor.getDependenciesVisitor(dependencies);
        for (Object row : PrivateFields.read(merge, "valuesExpressionList", List.class)) {
            for (Expression value : (Expression[]) row) {
                if (value != null) {
                    value.isEverything(visitor);
                }
            }
        }
        return dependencies;
    }

    /** Parents in which a row is looked up, children in which none may be left. */
    private static Set<DbObject> foreign(Table table) {
        Set<DbObject> tables = new HashSet<>();
        for (ConstraintReferential key : foreignKeys(table)) {
            tables.add(key.getTable());
            tables.add(key.getRefTable());
        }
        return tables;
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

    /** In the order of their names, so that two statements never take two tables in different orders. */
    private List<TableWish> wishes(Set<MVTable> read) {
        Set<Table> both = new HashSet<>(read);
        both.addAll(written);
        return both.stream()
                .filter(MVTable.class::isInstance)
                .sorted(BY_NAME)
                .map(table -> new TableWish(
                        lock(table), table instanceof MVTable stored && read.contains(stored), written.contains(table)))
                .toList();
    }

    private TableLock lock(Table table) {
        return locks.of(nameOf(table));
    }

    static String nameOf(Table table) {
        return table.getSchema().getName() + "." + table.getName();
    }
}
