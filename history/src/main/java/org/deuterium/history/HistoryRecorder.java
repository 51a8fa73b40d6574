package org.deuterium.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes down what many clients do at the same time, on one clock; safe for use by many threads. */
public final class HistoryRecorder {

    private final ConcurrentLinkedQueue<Transaction> done = new ConcurrentLinkedQueue<>();
    private final AtomicInteger processes = new AtomicInteger();
    private final long origin = System.nanoTime();

    /** A client, for one thread at a time. */
    public Client client() {
        return new Client();
    }

    /** How many transactions have an outcome so far. */
    public int size() {
        return done.size();
    }

    /** Everything that has an outcome so far, in the order in which it began. Times are nanoseconds. */
    public History history() {
        List<Transaction> sorted = new ArrayList<>(done);
        sorted.sort(Comparator.comparingLong(Transaction::invoked));
        List<Transaction> numbered = new ArrayList<>(sorted.size());
        for (Transaction each : sorted) {
            numbered.add(new Transaction(
                    numbered.size(),
                    each.process(),
                    each.invoked(),
                    each.completed(),
                    each.outcome(),
                    each.operations()));
        }
        return new History(numbered);
    }

    /** One client after another transaction; each becomes a part of the history when its outcome is told. */
    public final class Client {

        private final List<Operation> operations = new ArrayList<>();
        private int process = processes.getAndIncrement();
        private long invoked;

        private Client() {}

        /** The next transaction begins now. */
        public void begin() {
            operations.clear();
            invoked = System.nanoTime() - origin;
        }

        public void did(Operation operation) {
            operations.add(operation);
        }

        /**
         * It is committed, and was to show a state of the past. It is written down as somebody's who was done by then, and may have
         * begun at any time: so what began later must not be in what it saw, and nothing has to be.
         *
         * @param agoNanos how long ago at least the moment is that was asked for
         */
        public void endedAsOf(long agoNanos) {
            long completed = Math.max(0, System.nanoTime() - origin - agoNanos);
            done.add(new Transaction(0, processes.getAndIncrement(), 0, completed, Outcome.OK, operations));
        }

        public void ended(Outcome outcome) {
            long completed = outcome == Outcome.UNKNOWN ? Transaction.NEVER : System.nanoTime() - origin;
            done.add(new Transaction(0, process, invoked, completed, outcome, operations));
            if (outcome == Outcome.UNKNOWN) {
                process = processes.getAndIncrement();
            }
        }
    }
}
