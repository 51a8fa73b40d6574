package org.deuterium.replica.locks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A search for transactions that wait for tables in a circle, through one of them. Who waits needs all it waits for. Those who
 * wait for one table wait for the same holders, and for a part of the same queue: each is looked at once for all readers and once
 * for all writers, so a search takes as many steps as there are transactions, and not their square.
 */
final class CircleSearch {

    private final TransactionLocks through;
    private final Map<TransactionLocks, TransactionLocks> reachedFrom = new HashMap<>();
    private final Deque<TransactionLocks> open = new ArrayDeque<>();
    private final Map<TableLock, Seen> tables = new HashMap<>();
    private long steps;

    /** Under the mutex of {@link TableLocks}, until it has found what it looks for. */
    CircleSearch(TransactionLocks through) {
        this.through = through;
    }

    /** The circle, or empty if there is none. */
    List<TransactionLocks> find() {
        open.add(through);
        while (!open.isEmpty()) {
            TransactionLocks waiter = open.remove();
            TableWish wish = waiter.waiting;
            steps++;
            if (wish == null) {
                continue;
            }
            Seen table = tables.computeIfAbsent(wish.table(), Seen::new);
            if (waiter != through && table.blocks(through, waiter, wish)) {
                return path(waiter);
            }
            table.reachBlockers(waiter, wish);
        }
        return List.of();
    }

    /** How many looks at a transaction it took. */
    long steps() {
        return steps;
    }

    private void reach(TransactionLocks blocker, TransactionLocks waiter) {
        steps++;
        if (blocker != through && reachedFrom.putIfAbsent(blocker, waiter) == null) {
            open.add(blocker);
        }
    }

    private List<TransactionLocks> path(TransactionLocks last) {
        List<TransactionLocks> path = new ArrayList<>();
        for (TransactionLocks each = last; each != null; each = reachedFrom.get(each)) {
            path.add(each);
        }
        return path;
    }

    /** One table in this search, and how much of it has been looked at. */
    private final class Seen {
        private final TableLock table;
        private final List<TransactionLocks> queue;
        private final List<TableWish> wishes;
        private final Map<TransactionLocks, Integer> places = new HashMap<>();
        private boolean intents;
        private boolean shared;

        /** All ahead of this place that wish an intent are reached. */
        private int intentsUpTo;

        private int sharedUpTo;

        Seen(TableLock table) {
            this.table = table;
            this.queue = List.copyOf(table.queue().keySet());
            this.wishes = List.copyOf(table.queue().values());
            for (TransactionLocks each : queue) {
                places.put(each, places.size());
                steps++;
            }
        }

        private boolean holdsAny(TransactionLocks waiter) {
            return table.shared().contains(waiter) || table.isNoted(waiter);
        }

        private int place(TransactionLocks waiter) {
            return places.getOrDefault(waiter, queue.size());
        }

        /** As {@link TableLock#blockers} sees it, of one of them. */
        boolean blocks(TransactionLocks blocker, TransactionLocks waiter, TableWish wish) {
            if ((wish.shared() && !table.shared().contains(waiter) && table.isNoted(blocker))
                    || (wish.intent()
                            && !table.isNoted(waiter)
                            && table.shared().contains(blocker))) {
                return true;
            }
            TableWish ahead = table.queue().get(blocker);
            return ahead != null && !holdsAny(waiter) && place(blocker) < place(waiter) && wish.excludes(ahead);
        }

        void reachBlockers(TransactionLocks waiter, TableWish wish) {
            if (wish.shared() && !intents && !table.shared().contains(waiter)) {
                intents = true;
                table.intents().forEach(holder -> reach(holder, waiter));
            }
            if (wish.intent() && !shared && !table.isNoted(waiter)) {
                shared = true;
                table.shared().forEach(holder -> reach(holder, waiter));
            }
            if (holdsAny(waiter)) {
                return;
            }
            int place = place(waiter);
            for (; wish.shared() && intentsUpTo < place; intentsUpTo++) {
                if (wishes.get(intentsUpTo).intent()) {
                    reach(queue.get(intentsUpTo), waiter);
                }
                steps++;
            }
            for (; wish.intent() && sharedUpTo < place; sharedUpTo++) {
                if (wishes.get(sharedUpTo).shared()) {
                    reach(queue.get(sharedUpTo), waiter);
                }
                steps++;
            }
        }
    }
}
