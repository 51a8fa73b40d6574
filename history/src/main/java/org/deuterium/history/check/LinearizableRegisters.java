package org.deuterium.history.check;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.history.History;
import org.deuterium.history.Operation;
import org.deuterium.history.Outcome;
import org.deuterium.history.Transaction;

/**
 * Says of each register whether its history is linearizable (Herlihy and Wing 1990): each operation seems to happen at
 * one moment between its invocation and its completion.
 *
 * <p>In general that is a search (Wing and Gong 1993, Lowe 2017). Values that are written once make it a matter of
 * sorting (Gibbons and Korach, "Testing Shared Memories", 1997, section 4.1): all operations on one value must be next to
 * each other, so each value has a <em>zone</em> between the first completion and the last invocation of its operations.
 * If the completion comes first (a forward zone) the register surely has that value all the time. So a history is
 * linearizable exactly if no value is read before its write begins, no two forward zones overlap, and none of the other
 * zones lies within a forward one. A register begins empty; linearizability is local, so each is judged by itself.
 */
public final class LinearizableRegisters {

    private final History history;
    private final Writes writes;
    private final Findings findings;
    private final List<Map<Long, Zone>> zones = new ArrayList<>();

    private LinearizableRegisters(History history) {
        this.history = history;
        this.writes = new Writes(history, Operation.Kind.WRITE);
        this.findings = new Findings(history, writes, "write of ");
    }

    /** @throws IllegalArgumentException if a transaction is of more than one operation, or a value is written twice */
    public static Verdict check(History history) {
        return new LinearizableRegisters(history).verdict();
    }

    /** What is known of one value of one register. */
    private static final class Zone {
        private final long value;
        private long firstCompletion = Transaction.NEVER;
        private long lastInvocation = Long.MIN_VALUE;
        private int first = Writes.NOBODY;
        private int last = Writes.NOBODY;

        Zone(long value) {
            this.value = value;
        }

        void add(Transaction transaction) {
            if (transaction.completed() < firstCompletion) {
                firstCompletion = transaction.completed();
                first = transaction.number();
            }
            began(transaction);
        }

        /** It is a write, perhaps of unknown end, if it is not a read. */
        void began(Transaction transaction) {
            if (transaction.invoked() > lastInvocation) {
                lastInvocation = transaction.invoked();
                last = transaction.number();
            }
        }

        boolean isForward() {
            return firstCompletion < lastInvocation;
        }

        List<Integer> both() {
            return first == Writes.NOBODY ? List.of(last) : List.of(first, last);
        }
    }

    private Verdict verdict() {
        for (int key = 0; key < writes.keys(); key++) {
            zones.add(new HashMap<>());
        }
        for (Transaction transaction : history.transactions()) {
            if (transaction.operations().size() != 1) {
                throw new IllegalArgumentException(transaction + ": not of one operation");
            }
            Operation operation = transaction.operations().get(0);
            if (operation.isRead() && transaction.outcome() == Outcome.OK) {
                read(transaction, writes.keyOf(operation), operation);
            }
        }
        for (Transaction transaction : history.transactions()) {
            Operation operation = transaction.operations().get(0);
            if (!operation.isRead() && transaction.outcome() == Outcome.OK) {
                int key = writes.keyOf(operation);
                zones.get(key).computeIfAbsent(operation.value(), Zone::new).add(transaction);
            }
        }
        for (int key = 0; key < writes.keys(); key++) {
            judge(key, zones.get(key).values());
        }
        return findings.verdict();
    }

    private void read(Transaction transaction, int key, Operation operation) {
        long value = operation.size() == 0 ? Findings.NOTHING : operation.valueAt(0);
        Zone zone = zones.get(key).computeIfAbsent(value, Zone::new);
        if (value == Findings.NOTHING) {
            zone.firstCompletion = Long.MIN_VALUE; // written before anything else
        } else {
            int writer = writes.writerOf(key, value);
            if (writer == Writes.NOBODY) {
                findings.garbage(key, operation, transaction.number(), value);
                return;
            }
            if (writes.failed(writer)) {
                findings.abortedRead(key, transaction.number(), writer, value);
            }
            zone.began(history.get(writer));
            if (transaction.completed() < history.get(writer).invoked()) {
                findings.notLinearizable(
                        List.of(transaction.number(), writer),
                        transaction.name() + " read " + value + " before its write began");
            }
        }
        zone.add(transaction);
    }

    private void judge(int key, Collection<Zone> all) {
        List<Zone> forward = new ArrayList<>();
        List<Zone> backward = new ArrayList<>();
        for (Zone zone : all) {
            (zone.isForward() ? forward : backward).add(zone);
        }
        forward.sort(Comparator.comparingLong(zone -> zone.firstCompletion));
        Zone widest = null;
        for (Zone zone : forward) {
            if (widest != null && zone.firstCompletion < widest.lastInvocation) {
                blame(key, widest, zone, "at the same time also");
            }
            if (widest == null || zone.lastInvocation > widest.lastInvocation) {
                widest = zone;
            }
        }
        for (Zone zone : backward) {
            // The last forward zone that begins before all of this one can end.
            int low = 0;
            int high = forward.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (forward.get(middle).firstCompletion < zone.lastInvocation) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            if (low > 0 && zone.firstCompletion < forward.get(low - 1).lastInvocation) {
                blame(key, forward.get(low - 1), zone, "and yet within that time");
            }
        }
    }

    private void blame(int key, Zone holds, Zone other, String how) {
        List<Integer> transactions = new ArrayList<>(holds.both());
        transactions.addAll(other.both());
        findings.notLinearizable(
                transactions,
                writes.nameOf(key) + " surely was " + text(holds.value) + " all the time between "
                        + (holds.firstCompletion == Long.MIN_VALUE ? "the beginning" : holds.firstCompletion) + " and "
                        + holds.lastInvocation + ", " + how + " " + text(other.value));
    }

    private static String text(long value) {
        return value == Findings.NOTHING ? "empty" : Long.toString(value);
    }
}
