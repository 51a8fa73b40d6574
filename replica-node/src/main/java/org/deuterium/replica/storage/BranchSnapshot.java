package org.deuterium.replica.storage;

import java.util.Map;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.deuterium.wire.statement.TransactionOutcome;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.db.MVTable;

/** A branch's part in the rule that the first to commit wins: its changes, and the moment of its snapshot, if it has one. */
final class BranchSnapshot {

    private final RecentCommits recent;
    private final boolean wanted;
    private volatile long moment = RecentCommits.NO_SNAPSHOT;
    private boolean noted;

    /** @param wanted true if the branch is to see one state */
    BranchSnapshot(RecentCommits recent, boolean wanted) {
        this.recent = recent;
        this.wanted = wanted;
    }

    /** Applier: what H2 shows now is what the branch sees. */
    void taken() {
        if (wanted && moment == RecentCommits.NO_SNAPSHOT) {
            moment = recent.snapshotTaken();
        }
    }

    /**
     * What the session has changed and is on its way to commit.
     *
     * @throws SnapshotConflictException if somebody else was first
     */
    Map<MVTable, TableChanges> changes(SessionLocal session) {
        Map<MVTable, TableChanges> changes =
                session.hasPendingTransaction() ? WriteSetCapture.changes(session) : Map.of();
        ForeignKeyFacts facts = ForeignKeyFacts.of(changes);
        if (moment != RecentCommits.NO_SNAPSHOT || !facts.isNothing()) {
            noted = !facts.isNothing();
            String conflict = recent.checkAndNote(this, moment, changes, facts);
            if (conflict != null) {
                throw new SnapshotConflictException(conflict);
            }
        }
        return changes;
    }

    /** The same as an entry's payload, empty if nothing changed; {@code count} as in {@link Branch#captureForLog(long)}. */
    byte[] writeSet(SessionLocal session, long count) {
        Map<MVTable, TableChanges> changes = changes(session);
        if (changes.isEmpty()) {
            return WriteSetCapture.NOTHING;
        }
        byte[] writeSet = WriteSetFormat.write(changes);
        return count == TransactionOutcome.NOT_KNOWN ? writeSet : WriteSetFormat.withCount(writeSet, count);
    }

    /** Applier: what the session has changed is about to be committed in H2, or undone. */
    void ending(SessionLocal session, boolean commit) {
        if (commit && recent.isWanted() && session.hasPendingTransaction()) {
            recent.committing(WriteSetCapture.changes(session));
        }
    }

    /** The branch has ended in H2: others see its changes from now on, or nobody does. */
    void over() {
        if (noted) {
            noted = false;
            recent.forget(this);
        }
        if (moment != RecentCommits.NO_SNAPSHOT) {
            moment = RecentCommits.NO_SNAPSHOT;
            recent.over();
        }
    }
}
