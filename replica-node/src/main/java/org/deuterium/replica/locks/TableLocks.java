package org.deuterium.replica.locks;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.deuterium.wire.TransactionId;
import org.jspecify.annotations.Nullable;

/** The table locks of one partition at its leader. Nothing waits in here: who is refused comes again. */
public final class TableLocks {

    private final Map<String, TableLock> byName = new ConcurrentHashMap<>();

    /** The locks of a transaction that holds none yet. */
    public TransactionLocks begin(TransactionId transaction) {
        return new TransactionLocks(this, transaction);
    }

    /** The lock of a table, by its full name. */
    public TableLock of(String table) {
        return byName.computeIfAbsent(table, TableLock::new);
    }

    /** Null if granted; else why not, and the wish has a place in the queue until it is granted or withdrawn. */
    synchronized @Nullable LockRefusal take(TransactionLocks who, TableWish wish, boolean noted) {
        Set<TransactionLocks> blockers = wish.table().take(who, wish, noted);
        if (blockers.isEmpty()) {
            who.waiting = null;
            return null;
        }
        who.waiting = wish;
        List<TransactionLocks> circle = new CircleSearch(who).find();
        TransactionId victim = circle.stream()
                .max(Comparator.naturalOrder())
                .map(TransactionLocks::transaction)
                .orElse(TransactionId.NONE);
        return new LockRefusal(wish.table().name(), Collections.min(blockers).transaction(), victim);
    }

    synchronized void withdraw(TransactionLocks who) {
        TableWish wish = who.waiting;
        if (wish != null) {
            who.waiting = null;
            wish.table().withdraw(who);
        }
    }

    /** @param shared what the transaction holds shared */
    synchronized void end(TransactionLocks who, List<TableLock> shared) {
        withdraw(who);
        shared.forEach(table -> table.endShared(who));
    }
}
