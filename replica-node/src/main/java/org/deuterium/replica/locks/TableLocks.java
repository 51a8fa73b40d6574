package org.deuterium.replica.locks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
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
        List<TransactionLocks> circle = circle(who);
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

    /** A circle of transactions that wait for tables, through this one; empty if there is none. Who waits needs all it waits for. */
    private static List<TransactionLocks> circle(TransactionLocks through) {
        Map<TransactionLocks, TransactionLocks> reachedFrom = new HashMap<>();
        Deque<TransactionLocks> open = new ArrayDeque<>(List.of(through));
        while (!open.isEmpty()) {
            TransactionLocks waiter = open.remove();
            TableWish wish = waiter.waiting;
            if (wish == null) {
                continue;
            }
            for (TransactionLocks blocker : wish.table().blockers(waiter, wish)) {
                if (blocker == through) {
                    return path(waiter, reachedFrom);
                }
                if (reachedFrom.putIfAbsent(blocker, waiter) == null) {
                    open.add(blocker);
                }
            }
        }
        return List.of();
    }

    private static List<TransactionLocks> path(
            TransactionLocks last, Map<TransactionLocks, TransactionLocks> reachedFrom) {
        List<TransactionLocks> path = new ArrayList<>();
        for (TransactionLocks each = last; each != null; each = reachedFrom.get(each)) {
            path.add(each);
        }
        return path;
    }
}
