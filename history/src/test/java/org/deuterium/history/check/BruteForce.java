package org.deuterium.history.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.history.History;
import org.deuterium.history.Operation;
import org.deuterium.history.Outcome;
import org.deuterium.history.Transaction;

/**
 * Tries every way in which a small history could have come about: what a model means, with no theory between.
 *
 * <p>A transaction takes its snapshot at one moment and commits at a later one. Serializable: at the next. Snapshot
 * isolation: who appends to a list must have all of it in its snapshot.
 */
final class BruteForce {

    private final List<Transaction> transactions;
    private final boolean serial;
    private final boolean realTime;
    private final boolean[] begun;
    private final boolean[] committed;
    private final List<Map<String, List<Long>>> snapshots = new ArrayList<>();

    private BruteForce(History history, boolean serial, boolean realTime) {
        this.transactions = history.transactions().stream()
                .filter(transaction -> transaction.outcome() == Outcome.OK)
                .toList();
        this.serial = serial;
        this.realTime = realTime;
        this.begun = new boolean[transactions.size()];
        this.committed = new boolean[transactions.size()];
        transactions.forEach(any -> snapshots.add(Map.of()));
    }

    /** @param history without transactions of unknown outcome */
    static boolean isPossible(History history, boolean serial, boolean realTime) {
        return new BruteForce(history, serial, realTime).search(new HashMap<>(), transactionsLeft(history));
    }

    private static int transactionsLeft(History history) {
        return (int) history.transactions().stream()
                .filter(transaction -> transaction.outcome() == Outcome.OK)
                .count();
    }

    private boolean search(Map<String, List<Long>> state, int left) {
        if (left == 0) {
            return true;
        }
        for (int i = 0; i < transactions.size(); i++) {
            if (!begun[i] && mayBegin(i)) {
                begun[i] = true;
                snapshots.set(i, state);
                boolean found =
                        readsFit(transactions.get(i), state) && (serial ? commit(i, state, left) : search(state, left));
                begun[i] = false;
                if (found) {
                    return true;
                }
            } else if (begun[i] && !committed[i] && !serial && commit(i, state, left)) {
                return true;
            }
        }
        return false;
    }

    private boolean mayBegin(int i) {
        for (int other = 0; realTime && other < transactions.size(); other++) {
            if (!committed[other]
                    && transactions.get(other).completed() < transactions.get(i).invoked()) {
                return false;
            }
        }
        return true;
    }

    private boolean commit(int i, Map<String, List<Long>> state, int left) {
        Map<String, List<Long>> next = new HashMap<>(state);
        for (Operation operation : transactions.get(i).operations()) {
            if (!operation.isRead()) {
                String key = operation.key();
                if (!state.getOrDefault(key, List.of()).equals(snapshots.get(i).getOrDefault(key, List.of()))) {
                    return false;
                }
                List<Long> list = new ArrayList<>(next.getOrDefault(key, List.of()));
                list.add(operation.value());
                next.put(key, list);
            }
        }
        committed[i] = true;
        boolean found = search(next, left - 1);
        committed[i] = false;
        return found;
    }

    private static boolean readsFit(Transaction transaction, Map<String, List<Long>> snapshot) {
        Map<String, List<Long>> own = new HashMap<>();
        for (Operation operation : transaction.operations()) {
            List<Long> list =
                    own.computeIfAbsent(operation.key(), key -> new ArrayList<>(snapshot.getOrDefault(key, List.of())));
            if (!operation.isRead()) {
                list.add(operation.value());
            } else {
                for (int place = 0; place < Math.max(operation.size(), list.size()); place++) {
                    if (operation.size() != list.size() || operation.valueAt(place) != list.get(place)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }
}
