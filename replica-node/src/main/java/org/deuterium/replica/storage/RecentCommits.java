package org.deuterium.replica.storage;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.replica.storage.WriteSetCapture.RowChange;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * What has been committed here while branches with a snapshot are open, so that of two that change a row only the first to
 * commit does. H2 itself compares rows by their values, and looks for the other end of a foreign key in the snapshot; so it
 * lets pass what was changed and changed back, and leaves rows without their parents.
 *
 * <p>Rows are remembered up to a limit; of those forgotten H2's comparison remains. Foreign keys are looked at table by table.
 */
final class RecentCommits {

    /** A row takes some hundred bytes. */
    static final int MAX_ROWS = 1 << 17;

    private final int maxRows;
    private final Map<Integer, Map<Long, Long>> rows = new HashMap<>();

    /** By table: the last commit that brought a row or changed one. */
    private final Map<Integer, Long> written = new HashMap<>();

    /** By table: the last commit after which a key that foreign keys may name was gone. */
    private final Map<Integer, Long> gone = new HashMap<>();

    private volatile int snapshots;
    private long commits;
    private int remembered;

    RecentCommits() {
        this(MAX_ROWS);
    }

    RecentCommits(int maxRows) {
        this.maxRows = maxRows;
    }

    /** Applier: a branch has taken its snapshot; its moment. {@link #over} follows. */
    synchronized long snapshotTaken() {
        snapshots++;
        return commits;
    }

    /** Any thread: one branch with a snapshot less. */
    synchronized void over() {
        if (--snapshots == 0) {
            rows.clear();
            written.clear();
            gone.clear();
            remembered = 0;
        }
    }

    boolean isWanted() {
        return snapshots > 0;
    }

    /** Applier: these are about to be committed. */
    synchronized void committing(Map<MVTable, TableChanges> changes) {
        commits++;
        changes.forEach((table, ofTable) -> {
            Set<Column> named = columnsNamedByForeignKeys(table);
            Map<Long, Long> keys = rows.computeIfAbsent(table.getId(), id -> new HashMap<>());
            for (RowChange change : ofTable.changes()) {
                if (remembered < maxRows && keys.put(change.key(), commits) == null) {
                    remembered++;
                }
                if (change.after() != null) {
                    written.put(table.getId(), commits);
                }
                if (isGone(change, named)) {
                    gone.put(table.getId(), commits);
                }
            }
        });
    }

    /** Why a branch whose snapshot was taken at that moment must not commit these changes; null if it may. */
    synchronized @Nullable String conflict(long moment, Map<MVTable, TableChanges> changes) {
        for (Map.Entry<MVTable, TableChanges> entry : changes.entrySet()) {
            MVTable table = entry.getKey();
            List<RowChange> own = entry.getValue().changes();
            Map<Long, Long> others = rows.getOrDefault(table.getId(), Map.of());
            for (RowChange change : own) {
                if (others.getOrDefault(change.key(), -1L) > moment) {
                    return "a row of " + table.getName() + " that it changed was changed by somebody else meanwhile";
                }
            }
            String key = foreignKeyConflict(moment, table, own);
            if (key != null) {
                return key;
            }
        }
        return null;
    }

    private @Nullable String foreignKeyConflict(long moment, MVTable table, List<RowChange> own) {
        boolean writes = own.stream().anyMatch(change -> change.after() != null);
        Set<Column> named = columnsNamedByForeignKeys(table);
        boolean removes = own.stream().anyMatch(change -> isGone(change, named));
        for (Constraint constraint : table.getConstraints()) {
            if (!(constraint instanceof ConstraintReferential key)) {
                continue;
            }
            if (writes && key.getTable() == table && isAfter(moment, gone, key.getRefTable())) {
                return "rows of " + key.getRefTable().getName() + ", which " + key.getName()
                        + " refers to, were deleted meanwhile";
            }
            if (removes && key.getRefTable() == table && isAfter(moment, written, key.getTable())) {
                return "rows of " + key.getTable().getName() + ", which refer to " + table.getName() + " by "
                        + key.getName() + ", were written meanwhile";
            }
        }
        return null;
    }

    private static boolean isAfter(long moment, Map<Integer, Long> last, Table table) {
        return last.getOrDefault(table.getId(), -1L) > moment;
    }

    private static Set<Column> columnsNamedByForeignKeys(MVTable table) {
        Set<Column> named = new HashSet<>();
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintReferential key && key.getRefTable() == table) {
                for (var column : key.getRefColumns()) {
                    named.add(column.column);
                }
            }
        }
        return named;
    }

    private static boolean isGone(RowChange change, Set<Column> named) {
        Row before = change.before();
        Row after = change.after();
        if (before == null || named.isEmpty()) {
            return false;
        }
        return after == null
                || named.stream()
                        .anyMatch(column -> !WriteSetFormat.isSame(
                                before.getValue(column.getColumnId()), after.getValue(column.getColumnId())));
    }
}
