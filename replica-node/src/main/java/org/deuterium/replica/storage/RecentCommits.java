package org.deuterium.replica.storage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.deuterium.replica.storage.WriteSetCapture.RowChange;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.h2.mvstore.db.MVTable;
import org.jspecify.annotations.Nullable;

/**
 * What has been committed here while branches with a snapshot are open, so that of two that change a row only the first to
 * commit does. H2 itself compares rows by their values, and looks for the other end of a foreign key in the snapshot; so it
 * lets pass what was changed and changed back, and leaves rows without their parents.
 *
 * <p>Rows are remembered in two generations; when both are full the older one goes, and whoever's snapshot is older than what
 * went may not commit changes any more. Foreign keys are looked at table by table, and those of branches that are on their way
 * to a commit count too: nobody sees their rows.
 */
final class RecentCommits {

    /** A row takes some hundred bytes. */
    static final int MAX_ROWS = 1 << 17;

    /** The moment of a branch that has no snapshot. */
    static final long NO_SNAPSHOT = -1;

    private final int maxOfGeneration;
    private Generation young = new Generation();
    private Generation old = new Generation();

    /** Of rows committed up to here some are forgotten. */
    private long forgotten;

    /** By table: the last commit that brought a row with a foreign key or changed one. */
    private final Map<Integer, Long> written = new HashMap<>();

    /** By table: the last commit after which a key that foreign keys may name was gone. */
    private final Map<Integer, Long> gone = new HashMap<>();

    /** Of the branches between their capture and their end, whatever their level: no snapshot may be open yet. */
    private final Map<BranchSnapshot, ForeignKeyFacts> pending = new HashMap<>();

    private volatile int snapshots;
    private long commits;

    RecentCommits() {
        this(MAX_ROWS);
    }

    RecentCommits(int maxRows) {
        this.maxOfGeneration = maxRows / 2;
    }

    /** Applier: a branch has taken its snapshot; its moment. {@link #over} follows. */
    synchronized long snapshotTaken() {
        snapshots++;
        return commits;
    }

    /** Any thread: one branch with a snapshot less. */
    synchronized void over() {
        if (--snapshots == 0) {
            young = new Generation();
            old = new Generation();
            written.clear();
            gone.clear();
            forgotten = commits;
        }
    }

    boolean isWanted() {
        return snapshots > 0;
    }

    /** Applier: these are about to be committed. */
    synchronized void committing(Map<MVTable, TableChanges> changes) {
        commits++;
        changes.forEach((table, ofTable) -> {
            for (RowChange change : ofTable.changes()) {
                remember(table.getId(), change.key());
            }
        });
        ForeignKeyFacts facts = ForeignKeyFacts.of(changes);
        facts.written().forEach(table -> written.put(table, commits));
        facts.gone().forEach(table -> gone.put(table, commits));
    }

    private void remember(int table, long key) {
        if (young.size >= maxOfGeneration && !young.knows(table, key)) {
            forgotten = Math.max(forgotten, old.last);
            old = young;
            young = new Generation();
        }
        young.put(table, key, commits);
    }

    /**
     * A branch is on its way to the log with these changes, if it may commit them: then they count for others until
     * {@link #forget}, as far as foreign keys have to do with them.
     *
     * @param moment when its snapshot was taken, or {@link #NO_SNAPSHOT}: then it always may
     * @return why it may not, as {@link #conflict}
     */
    synchronized @Nullable String checkAndNote(
            BranchSnapshot branch, long moment, Map<MVTable, TableChanges> changes, ForeignKeyFacts facts) {
        String conflict = moment == NO_SNAPSHOT ? null : conflict(moment, changes, facts);
        if (conflict == null && !facts.isNothing()) {
            pending.put(branch, facts);
        }
        return conflict;
    }

    /** Any thread: a branch that was noted has ended in H2. */
    synchronized void forget(BranchSnapshot branch) {
        pending.remove(branch);
    }

    /** Why a branch whose snapshot was taken at that moment must not commit these changes; null if it may. */
    synchronized @Nullable String conflict(long moment, Map<MVTable, TableChanges> changes) {
        return conflict(moment, changes, ForeignKeyFacts.of(changes));
    }

    private @Nullable String conflict(long moment, Map<MVTable, TableChanges> changes, ForeignKeyFacts facts) {
        if (moment < forgotten && !changes.isEmpty()) {
            return "so much was changed by others since its snapshot that nobody knows whether its rows were";
        }
        for (Map.Entry<MVTable, TableChanges> entry : changes.entrySet()) {
            MVTable table = entry.getKey();
            List<RowChange> own = entry.getValue().changes();
            for (RowChange change : own) {
                if (lastChange(table.getId(), change.key()) > moment) {
                    return "a row of " + table.getName() + " that it changed was changed by somebody else meanwhile";
                }
            }
        }
        return facts.conflict(
                changes.keySet(),
                byOthers(moment, written, ForeignKeyFacts::written),
                byOthers(moment, gone, ForeignKeyFacts::gone));
    }

    private long lastChange(int table, long key) {
        return Math.max(young.lastChange(table, key), old.lastChange(table, key));
    }

    /** Whether a table is one of those that others have committed since the moment, or are about to commit. */
    private Predicate<Integer> byOthers(
            long moment, Map<Integer, Long> committed, Function<ForeignKeyFacts, Set<Integer>> kind) {
        return table -> committed.getOrDefault(table, -1L) > moment
                || pending.values().stream().anyMatch(facts -> kind.apply(facts).contains(table));
    }

    /** Rows by table and key, each with the number of its last commit. */
    private static final class Generation {

        private final Map<Integer, Map<Long, Long>> rows = new HashMap<>();
        private int size;

        /** The last commit that is in it. */
        private long last;

        boolean knows(int table, long key) {
            return rows.getOrDefault(table, Map.of()).containsKey(key);
        }

        void put(int table, long key, long commit) {
            last = commit;
            if (rows.computeIfAbsent(table, number -> new HashMap<>()).put(key, commit) == null) {
                size++;
            }
        }

        long lastChange(int table, long key) {
            return rows.getOrDefault(table, Map.of()).getOrDefault(key, -1L);
        }
    }
}
