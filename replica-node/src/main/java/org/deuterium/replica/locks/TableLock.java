package org.deuterium.replica.locks;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The lock of one table in one partition: held <em>shared</em> by transactions that have read it at SERIALIZABLE, and with
 * <em>intent</em> by transactions that change rows of it; the two exclude each other, neither excludes its like.
 */
public final class TableLock {

    private final String name;

    /** Who changes rows. Added to without the mutex, by whoever then finds {@link #readers} to be 0. */
    private final Set<TransactionLocks> intents = ConcurrentHashMap.newKeySet();

    /** Those that hold it shared or wait for that; changed under the mutex, before the intents are looked at. */
    private volatile int readers;

    /** Under the mutex of {@link TableLocks}. */
    private final Set<TransactionLocks> shared = new LinkedHashSet<>();

    /** Who waits, and for what, in the order in which they came. Under the mutex too. */
    private final Map<TransactionLocks, TableWish> queue = new LinkedHashMap<>();

    TableLock(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /**
     * The way of nearly every change: one entry in a map, one look at a number. Either this sees a reader, or the reader,
     * who counts itself before it looks, sees this.
     *
     * @return false if there is a reader: then it must be asked for under the mutex, and may already be noted here
     */
    boolean intendUnlessRead(TransactionLocks who) {
        if (readers > 0) {
            return false;
        }
        intents.add(who);
        return readers == 0;
    }

    /** Whether the transaction has just noted its intent, or holds it. */
    boolean isNoted(TransactionLocks who) {
        return intents.contains(who);
    }

    /** Any thread. */
    void endIntent(TransactionLocks who) {
        intents.remove(who);
    }

    /**
     * Under the mutex: takes what is wished, or queues the wish. Intents may end meanwhile, so the intents are looked at once.
     *
     * @param noted true if the transaction has noted its intent without the mutex and then found a reader
     * @return who is in the way; empty if it is taken
     */
    Set<TransactionLocks> take(TransactionLocks who, TableWish wish, boolean noted) {
        queue.putIfAbsent(who, wish);
        countReaders();
        // Whoever waits to read may have seen the note and waits for it: then it counts. Who reads already has not seen
        // it.
        boolean counts = noted && (shared.isEmpty() || (shared.size() == 1 && shared.contains(who)));
        if (noted && !counts) {
            intents.remove(who);
        }
        if (!counts) {
            Set<TransactionLocks> blockers = blockers(who, wish);
            if (!blockers.isEmpty()) {
                return blockers;
            }
        }
        queue.remove(who);
        if (wish.shared()) {
            shared.add(who);
        }
        if (wish.intent()) {
            intents.add(who);
        }
        countReaders();
        return Set.of();
    }

    /** Under the mutex: those who must end, or get on, before. */
    Set<TransactionLocks> blockers(TransactionLocks who, TableWish wish) {
        Set<TransactionLocks> found = new LinkedHashSet<>();
        boolean hasShared = shared.contains(who);
        boolean hasIntent = intents.contains(who);
        if (wish.shared() && !hasShared) {
            found.addAll(intents);
        }
        if (wish.intent() && !hasIntent) {
            found.addAll(shared);
        }
        if (!hasShared && !hasIntent) {
            // Who holds nothing waits its turn: else readers would starve behind writers, or writers behind readers.
            for (Map.Entry<TransactionLocks, TableWish> ahead : queue.entrySet()) {
                if (ahead.getKey() == who) {
                    break;
                }
                if (wish.excludes(ahead.getValue())) {
                    found.add(ahead.getKey());
                }
            }
        }
        found.remove(who);
        return found;
    }

    /** Under the mutex: who has it shared. */
    Set<TransactionLocks> shared() {
        return shared;
    }

    /** Who has noted an intent; they may come and go at any time. */
    Set<TransactionLocks> intents() {
        return intents;
    }

    /** Under the mutex: who waits, and for what, the first first. */
    Map<TransactionLocks, TableWish> queue() {
        return queue;
    }

    /** Under the mutex. */
    void withdraw(TransactionLocks who) {
        queue.remove(who);
        countReaders();
    }

    /** Under the mutex. */
    void endShared(TransactionLocks who) {
        shared.remove(who);
        queue.remove(who);
        countReaders();
    }

    private void countReaders() {
        int count = shared.size();
        for (TableWish wish : queue.values()) {
            count += wish.shared() ? 1 : 0;
        }
        readers = count;
    }

    @Override
    public String toString() {
        return name;
    }
}
