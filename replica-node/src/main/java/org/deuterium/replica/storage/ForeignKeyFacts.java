package org.deuterium.replica.storage;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.deuterium.replica.storage.WriteSetCapture.RowChange;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction's changes mean to foreign keys, table by table: nothing where there are none.
 *
 * @param written numbers of the tables with foreign keys that got a row, or another one
 * @param gone numbers of the tables from which a key is gone that foreign keys may name
 */
record ForeignKeyFacts(Set<Integer> written, Set<Integer> gone) {

    static final ForeignKeyFacts NONE = new ForeignKeyFacts(Set.of(), Set.of());

    static ForeignKeyFacts of(Map<MVTable, TableChanges> changes) {
        ForeignKeyFacts facts = NONE;
        for (Map.Entry<MVTable, TableChanges> entry : changes.entrySet()) {
            MVTable table = entry.getKey();
            List<RowChange> rows = entry.getValue().changes();
            for (Constraint constraint : table.getConstraints()) {
                if (constraint instanceof ConstraintReferential key) {
                    facts = facts == NONE ? new ForeignKeyFacts(new HashSet<>(), new HashSet<>()) : facts;
                    if (key.getTable() == table && rows.stream().anyMatch(change -> change.after() != null)) {
                        facts.written.add(table.getId());
                    }
                    if (key.getRefTable() == table && rows.stream().anyMatch(change -> isGone(change, key))) {
                        facts.gone.add(table.getId());
                    }
                }
            }
        }
        return facts.isNothing() ? NONE : facts;
    }

    private static boolean isGone(RowChange change, ConstraintReferential key) {
        Row before = change.before();
        Row after = change.after();
        if (before == null || after == null) {
            return before != null;
        }
        for (var named : key.getRefColumns()) {
            Column column = named.column;
            if (!WriteSetFormat.isSame(before.getValue(column.getColumnId()), after.getValue(column.getColumnId()))) {
                return true;
            }
        }
        return false;
    }

    boolean isNothing() {
        return written.isEmpty() && gone.isEmpty();
    }

    /**
     * Why these changes must not be committed beside those of others, whom they do not see; null if they may.
     *
     * @param writtenByOthers says of a table's number whether others may have written rows with foreign keys there
     * @param goneByOthers says whether keys may be gone from there
     */
    @Nullable
    String conflict(Iterable<MVTable> changed, Predicate<Integer> writtenByOthers, Predicate<Integer> goneByOthers) {
        for (MVTable table : changed) {
            for (Constraint constraint : table.getConstraints()) {
                if (!(constraint instanceof ConstraintReferential key)) {
                    continue;
                }
                if (key.getTable() == table
                        && written.contains(table.getId())
                        && goneByOthers.test(key.getRefTable().getId())) {
                    return "rows of " + key.getRefTable().getName() + ", which " + key.getName()
                            + " refers to, were deleted meanwhile";
                }
                if (key.getRefTable() == table
                        && gone.contains(table.getId())
                        && writtenByOthers.test(key.getTable().getId())) {
                    return "rows of " + key.getTable().getName() + ", which refer to " + table.getName() + " by "
                            + key.getName() + ", were written meanwhile";
                }
            }
        }
        return null;
    }
}
