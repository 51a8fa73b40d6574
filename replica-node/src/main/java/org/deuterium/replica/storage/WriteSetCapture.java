package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.db.Store;
import org.h2.mvstore.tx.TransactionStore.Change;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a transaction's net write set out of H2's undo log: for each row touched, what is committed and what the
 * transaction made of it. Exact by construction: cascades, generated values and savepoints are seen as H2 did them;
 * rows only locked, and rows that are as they were, are left out. The undo log also names rows that the transaction tried to
 * lock and did not find; by now they may be another transaction's.
 */
final class WriteSetCapture {

    static final byte[] NOTHING = new byte[0];

    /** Of H2's operation ids the bits below are the number within the transaction, those above the transaction's own. */
    private static final int LOG_ID_BITS = 40;

    private WriteSetCapture() {}

    /** One row of a write set: an insert has no {@code before}, a delete no {@code after}. */
    record RowChange(
            long key, @Nullable Row before, @Nullable Row after) {}

    /** The changed rows of a session's open transaction, by table; empty if nothing is changed. On the thread that uses it. */
    static Map<MVTable, TableChanges> changes(SessionLocal session) {
        Store store = session.getDatabase().getStore();
        Iterator<Change> changes = session.getTransaction().getChanges(0);
        Map<MVTable, TableChanges> tables = new LinkedHashMap<>(4);
        String mapName = "";
        @Nullable TableChanges current = null;
        while (changes.hasNext()) {
            Change change = changes.next();
            if (!change.mapName.equals(mapName)) {
                mapName = change.mapName;
                current = tableOf(session, store.getTable(mapName), tables);
            }
            if (current != null) {
                current.add((Long) change.key);
            }
        }
        tables.values().removeIf(TableChanges::isEmpty);
        return tables;
    }

    /** Null for an index (its rows are derived) and for a table that only one session or run knows. */
    private static @Nullable TableChanges tableOf(
            SessionLocal session, @Nullable MVTable table, Map<MVTable, TableChanges> tables) {
        if (table == null || table.isTemporary() || !table.isPersistData()) {
            return null;
        }
        TableChanges known = tables.get(table);
        if (known == null) {
            known = new TableChanges(
                    (MVPrimaryIndex) table.getScanIndex(session),
                    session.getTransaction().getId());
            tables.put(table, known);
        }
        return known;
    }

    /** The changed rows of one table. */
    static final class TableChanges {

        private final MVPrimaryIndex rows;
        private final int transaction;
        private final List<RowChange> changes = new ArrayList<>(4);
        private long onlyKey;
        private boolean anyKey;
        private @Nullable Set<Long> keys;

        TableChanges(MVPrimaryIndex rows, int transaction) {
            this.rows = rows;
            this.transaction = transaction;
        }

        List<RowChange> changes() {
            return changes;
        }

        boolean isEmpty() {
            return changes.isEmpty();
        }

        private void add(Long key) {
            if (!isFirst(key)) {
                return;
            }
            VersionedValue<SearchRow> entry = rows.getMVMap().get(key);
            if (entry == null || entry.getOperationId() >>> LOG_ID_BITS != transaction) {
                return; // tried to lock a row that was gone, and somebody else has put one in its place
            }
            Row before = (Row) entry.getCommittedValue();
            Row after = (Row) entry.getCurrentValue();
            if (before != after && !WriteSetFormat.isSame(before, after)) {
                changes.add(new RowChange(key, before, after));
            }
        }

        /** The undo log names a row once for each time it was changed. */
        private boolean isFirst(Long key) {
            if (!anyKey) {
                anyKey = true;
                onlyKey = key;
                return true;
            }
            Set<Long> seen = keys;
            if (seen == null) {
                if (key == onlyKey) {
                    return false;
                }
                keys = seen = new HashSet<>();
                seen.add(onlyKey);
            }
            return seen.add(key);
        }
    }
}
