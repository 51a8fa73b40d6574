package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.TransactionStore.Change;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.value.Value;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/** The rows that one statement has written, out of H2's undo log: as they were before it, and as they are now. */
final class StatementChanges {

    /** A row before and after the statement; one of both may be missing. */
    record ChangedRow(@Nullable Row before, @Nullable Row after) {

        Value now(Column column) {
            return of(after, column);
        }

        /** A column that the statement left as it was. */
        Value key(Column column) {
            return of(after == null ? before : after, column);
        }

        private static Value of(@Nullable Row row, Column column) {
            if (row == null) {
                throw new IllegalStateException("there is no row to take " + column.getName() + " from");
            }
            return row.getValue(column.getColumnId());
        }
    }

    private final Map<MVTable, List<ChangedRow>> tables;

    private StatementChanges(Map<MVTable, List<ChangedRow>> tables) {
        this.tables = tables;
    }

    /** Where the undo log of a session's transaction is now. */
    static long mark(SessionLocal session) {
        return session.hasPendingTransaction() ? session.getTransaction().setSavepoint() : 0;
    }

    /** What was written since the mark. */
    static StatementChanges since(SessionLocal session, long mark) {
        if (!session.hasPendingTransaction()) {
            return new StatementChanges(Map.of());
        }
        Map<MVTable, Map<Long, Change>> first = new LinkedHashMap<>(2);
        Iterator<Change> changes = session.getTransaction().getChanges(mark);
        while (changes.hasNext()) {
            Change change = changes.next();
            MVTable table = session.getDatabase().getStore().getTable(change.mapName);
            if (table != null && !table.isTemporary() && table.isPersistData()) {
                // Newest first: the last one seen of a row tells what it was before the statement.
                first.computeIfAbsent(table, each -> new LinkedHashMap<>(4)).put((Long) change.key, change);
            }
        }
        Map<MVTable, List<ChangedRow>> tables = new LinkedHashMap<>(2);
        first.forEach((table, oldest) -> {
            List<ChangedRow> rows = rows(session, table, oldest);
            if (!rows.isEmpty()) {
                tables.put(table, rows);
            }
        });
        return new StatementChanges(tables);
    }

    private static List<ChangedRow> rows(SessionLocal session, MVTable table, Map<Long, Change> oldest) {
        MVPrimaryIndex index = (MVPrimaryIndex) table.getScanIndex(session);
        List<ChangedRow> rows = new ArrayList<>(oldest.size());
        oldest.forEach((key, change) -> {
            Row before = current(change.value);
            Row after = current(index.getMVMap().get(key));
            if (before != null || after != null) {
                rows.add(new ChangedRow(before, after));
            }
        });
        return rows;
    }

    private static @Nullable Row current(@Nullable Object entry) {
        return entry == null ? null : (Row) ((VersionedValue<?>) entry).getCurrentValue();
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** The rows written, if all are of this table; else null. */
    @Nullable
    List<ChangedRow> onlyOf(Table table) {
        List<ChangedRow> rows = tables.get(table);
        return rows != null && tables.size() == 1 ? rows : null;
    }
}
