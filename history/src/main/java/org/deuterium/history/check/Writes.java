package org.deuterium.history.check;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.history.History;
import org.deuterium.history.Operation;
import org.deuterium.history.Outcome;
import org.deuterium.history.Transaction;

/** Who wrote what: keys as numbers, and for each value of a key the transaction that wrote it. */
final class Writes {

    static final int NOBODY = -1;

    private final History history;
    private final Map<String, Integer> keyNumbers = new HashMap<>();
    private final List<String> keyNames = new ArrayList<>();
    private final List<Map<Long, Integer>> writers = new ArrayList<>();

    /** The values of each key that their own transaction overwrote or appended to. */
    private final List<Map<Long, Long>> nextOfSame = new ArrayList<>();

    /** Transactions that surely happened: acknowledged, or in doubt and seen by others. */
    private final boolean[] happened;

    private final BitSet doubtful = new BitSet();

    /** @param write the kind of operation that writes in this history */
    Writes(History history, Operation.Kind write) {
        this.history = history;
        this.happened = new boolean[history.size()];
        for (Transaction transaction : history.transactions()) {
            happened[transaction.number()] = transaction.outcome() == Outcome.OK;
            doubtful.set(transaction.number(), transaction.outcome() == Outcome.UNKNOWN);
            Map<String, Long> before = new HashMap<>();
            for (Operation operation : transaction.operations()) {
                int key = number(operation.key());
                if (!operation.isRead()) {
                    if (operation.kind() != write) {
                        throw new IllegalArgumentException(transaction + ": not a history of " + write + " alone");
                    }
                    add(transaction, operation, key, before);
                }
            }
        }
    }

    private void add(Transaction transaction, Operation operation, int key, Map<String, Long> before) {
        Integer other = writers.get(key).putIfAbsent(operation.value(), transaction.number());
        if (other != null) {
            throw new IllegalArgumentException("T" + other + " and " + transaction.name() + " both write "
                    + operation.value() + " to " + operation.key() + ": a checker needs unique values");
        }
        Long previous = before.put(operation.key(), operation.value());
        if (previous != null) {
            nextOfSame.get(key).put(previous, operation.value());
        }
    }

    private int number(String key) {
        return keyNumbers.computeIfAbsent(key, name -> {
            keyNames.add(name);
            writers.add(new HashMap<>());
            nextOfSame.add(new HashMap<>());
            return keyNames.size() - 1;
        });
    }

    int keys() {
        return keyNames.size();
    }

    int keyOf(Operation operation) {
        Integer key = keyNumbers.get(operation.key());
        if (key == null) {
            throw new IllegalStateException(operation + " is not of this history");
        }
        return key;
    }

    String nameOf(int key) {
        return keyNames.get(key);
    }

    /** The number of the transaction that wrote a value, or {@link #NOBODY}. */
    int writerOf(int key, long value) {
        Integer writer = writers.get(key).get(value);
        return writer == null ? NOBODY : writer;
    }

    /** All values written to a key, and by whom. */
    Map<Long, Integer> writersOf(int key) {
        return writers.get(key);
    }

    /** Whether its own transaction wrote to the key once more after this value. */
    boolean isIntermediate(int key, long value) {
        return nextOfSame.get(key).containsKey(value);
    }

    boolean happened(int transaction) {
        return transaction != NOBODY && happened[transaction];
    }

    boolean[] happened() {
        return happened;
    }

    boolean failed(int transaction) {
        return history.get(transaction).outcome() == Outcome.FAILED;
    }

    /** Somebody saw this value: if its writer's outcome is not known, it is now. True if that is news. */
    boolean seen(int key, long value) {
        int writer = writerOf(key, value);
        if (writer == NOBODY || happened[writer] || !doubtful.get(writer)) {
            return false;
        }
        happened[writer] = true;
        return true;
    }
}
