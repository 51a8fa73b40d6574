package org.deuterium.history.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.deuterium.history.History;
import org.deuterium.history.Operation;
import org.deuterium.history.graph.Cycle;
import org.deuterium.history.graph.Dependency;

/** The anomalies found so far, each put into words. */
final class Findings {

    /** No value: what was there before the first write. */
    static final long NOTHING = Long.MIN_VALUE;

    /** So many of a kind are kept; when everything is broken more say nothing new. */
    private static final int KEPT_OF_A_KIND = 20;

    private final History history;
    private final Writes writes;
    private final String write;
    private final List<Anomaly> anomalies = new ArrayList<>();
    private final Map<AnomalyKind, Integer> counts = new EnumMap<>(AnomalyKind.class);
    private final Set<List<Object>> said = new HashSet<>();

    /** @param write what a write is called, as in "T1's append of 5" */
    Findings(History history, Writes writes, String write) {
        this.history = history;
        this.writes = writes;
        this.write = write;
    }

    Verdict verdict() {
        return new Verdict(history.size(), anomalies);
    }

    private void add(AnomalyKind kind, Order order, List<Integer> transactions, String text) {
        if (counts.merge(kind, 1, Integer::sum) <= KEPT_OF_A_KIND) {
            anomalies.add(new Anomaly(kind, order, transactions, text));
        }
    }

    void duplicate(int key, Operation read, int reader, long element) {
        if (said.add(List.of(AnomalyKind.DUPLICATE_ELEMENT, key, element))) {
            add(
                    AnomalyKind.DUPLICATE_ELEMENT,
                    Order.DATA,
                    List.of(reader),
                    "T" + reader + " read " + element + " more than once: " + read);
        }
    }

    void garbage(int key, Operation read, int reader, long element) {
        if (said.add(List.of(AnomalyKind.GARBAGE_READ, key, element))) {
            add(
                    AnomalyKind.GARBAGE_READ,
                    Order.DATA,
                    List.of(reader),
                    "T" + reader + " read " + element + ", which nobody wrote: " + read);
        }
    }

    void abortedRead(int key, int reader, int writer, long element) {
        if (said.add(List.of(AnomalyKind.G1A, key, element))) {
            add(
                    AnomalyKind.G1A,
                    Order.DATA,
                    List.of(writer, reader),
                    "T" + reader + " observed T" + writer + "'s " + write + element + " to " + writes.nameOf(key)
                            + ", but T" + writer + " was rolled back" + lines(List.of(writer, reader)));
        }
    }

    void intermediateRead(int key, int reader, int writer, Operation read) {
        add(
                AnomalyKind.G1B,
                Order.DATA,
                List.of(writer, reader),
                "T" + reader + "'s " + read + " is in the middle of what T" + writer + " wrote to " + writes.nameOf(key)
                        + lines(List.of(writer, reader)));
    }

    void dirtyUpdate(int key, long aborted, long element) {
        int first = writes.writerOf(key, aborted);
        int second = writes.writerOf(key, element);
        add(
                AnomalyKind.DIRTY_UPDATE,
                Order.DATA,
                List.of(first, second),
                "T" + second + "'s " + write + element + " to " + writes.nameOf(key) + " is on top of " + aborted
                        + ", but T" + first + " was rolled back" + lines(List.of(first, second)));
    }

    void incompatible(int key, int one, Operation oneRead, int other, Operation otherRead) {
        if (said.add(List.of(AnomalyKind.INCOMPATIBLE_ORDER, key, oneRead.size()))) {
            add(
                    AnomalyKind.INCOMPATIBLE_ORDER,
                    Order.DATA,
                    List.of(one, other),
                    "no list of " + writes.nameOf(key) + " could be both T" + one + "'s " + oneRead + "\n  and T"
                            + other + "'s " + otherRead);
        }
    }

    void internal(int key, int transaction, Operation read, List<Long> expected) {
        add(
                AnomalyKind.INTERNAL,
                Order.DATA,
                List.of(transaction),
                "T" + transaction + " itself had written " + expected + " to " + writes.nameOf(key) + " when it did "
                        + read + lines(List.of(transaction)));
    }

    void lostUpdate(int key, int transaction, Operation read, long own, int other, long next) {
        add(
                AnomalyKind.LOST_UPDATE,
                Order.DATA,
                List.of(transaction, other),
                "T" + transaction + "'s " + write + own + " followed its " + read + ", but T" + other + "'s " + write
                        + next + " to " + writes.nameOf(key) + " came between" + lines(List.of(transaction, other)));
    }

    void lostElement(int key, int writer, long element, int reader) {
        add(
                AnomalyKind.LOST_ELEMENT,
                Order.REAL_TIME,
                List.of(writer, reader),
                "T" + writer + "'s " + write + element + " to " + writes.nameOf(key) + " was acknowledged before T"
                        + reader + " began, the last to read it, and nobody read it");
    }

    void notLinearizable(List<Integer> transactions, String text) {
        add(AnomalyKind.NOT_LINEARIZABLE, Order.REAL_TIME, transactions, text + lines(transactions));
    }

    void cycle(AnomalyKind kind, Order order, Cycle cycle) {
        StringBuilder text = new StringBuilder();
        text.append("a cycle of ").append(cycle.size()).append(" transactions");
        text.append(lines(cycle.transactions()));
        for (int place = 0; place < cycle.size(); place++) {
            Dependency step = cycle.steps().get(place);
            text.append(place < cycle.size() - 1 ? "\n  - " : "\n  - however, ");
            text.append('T').append(step.first()).append(" < T").append(step.second());
            text.append(" (").append(step.kind()).append("), because ").append(because(step));
            text.append(place < cycle.size() - 1 ? "" : ": a contradiction");
        }
        add(kind, order, cycle.transactions(), text.toString());
    }

    private String because(Dependency step) {
        String first = "T" + step.first();
        String second = "T" + step.second();
        String key = step.key() < 0 ? "" : writes.nameOf(step.key());
        return switch (step.kind()) {
            case WRITE_WRITE ->
                second + "'s " + write + step.newer() + " to " + key + " came after " + first + "'s " + write
                        + step.older();
            case WRITE_READ -> second + " observed " + first + "'s " + write + step.newer() + " to " + key;
            case READ_WRITE ->
                first + " observed "
                        + (step.older() == NOTHING ? "nothing" : step.older() + " last")
                        + " in " + key + ", and not " + second + "'s " + write + step.newer() + " after it";
            case PROCESS -> "process " + history.get(step.first()).process() + " did " + first + " before " + second;
            case REAL_TIME ->
                first + " was complete at " + history.get(step.first()).completed() + ", before " + second
                        + " began at " + history.get(step.second()).invoked();
        };
    }

    private String lines(List<Integer> transactions) {
        StringBuilder text = new StringBuilder();
        for (int number : new TreeSet<>(transactions)) {
            text.append("\n    ").append(history.get(number));
        }
        return text.toString();
    }
}
