package org.deuterium.history.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.history.History;
import org.deuterium.history.Operation;
import org.deuterium.history.Outcome;
import org.deuterium.history.Transaction;
import org.deuterium.history.graph.DependencyGraph;
import org.deuterium.history.graph.EdgeKind;
import org.jspecify.annotations.Nullable;

/**
 * Judges histories of transactions that append to lists and read whole lists.
 *
 * <p>A list that was read tells the order of all writes to it, so that every dependency between transactions that anybody
 * could see is known exactly (Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations",
 * VLDB 2020). Nothing is reported that did not happen; time and space are linear, except that the search for a
 * <em>smallest</em> example is bounded. To miss nothing, read every list once more when all writers have ended.
 */
public final class ListAppendChecker {

    private final History history;
    private final Writes writes;
    private final @Nullable VersionOrder[] orders;

    /** For each key the elements that surely were appended and that nobody read. */
    private final List<List<Long>> unread = new ArrayList<>();

    private final DependencyGraph graph;
    private final Findings findings;

    private ListAppendChecker(History history) {
        this.history = history;
        this.writes = new Writes(history, Operation.Kind.APPEND);
        this.orders = new VersionOrder[writes.keys()];
        this.graph = new DependencyGraph(history.size());
        this.findings = new Findings(history, writes, "append of ");
    }

    /** @throws IllegalArgumentException if an element is appended twice to a list */
    public static Verdict check(History history) {
        return new ListAppendChecker(history).verdict();
    }

    private Verdict verdict() {
        orderVersions();
        findUnread();
        for (int key = 0; key < orders.length; key++) {
            if (orders[key] != null) {
                judgeOrder(key, orders[key]);
            }
        }
        for (Transaction transaction : history.transactions()) {
            if (writes.happened(transaction.number())) {
                judgeReads(transaction);
            }
        }
        findLost();
        CycleAnomalies.find(history, writes.happened(), graph, findings);
        return findings.verdict();
    }

    /** What one reads may show that a transaction in doubt happened, whose own reads then count. */
    private void orderVersions() {
        boolean news = true;
        while (news) {
            for (Transaction transaction : history.transactions()) {
                for (Operation operation : transaction.operations()) {
                    if (operation.isRead() && writes.happened(transaction.number())) {
                        int key = writes.keyOf(operation);
                        VersionOrder order = orders[key];
                        if (order == null) {
                            orders[key] = new VersionOrder(operation, transaction.number());
                        } else {
                            order.add(operation, transaction.number());
                        }
                    }
                }
            }
            news = false;
            for (int key = 0; key < orders.length; key++) {
                VersionOrder order = orders[key];
                for (int place = 0; order != null && place < order.size(); place++) {
                    news |= writes.seen(key, order.elementAt(place));
                }
            }
        }
    }

    private void findUnread() {
        for (int key = 0; key < orders.length; key++) {
            Set<Long> seen = new HashSet<>();
            VersionOrder order = orders[key];
            for (int place = 0; order != null && place < order.size(); place++) {
                seen.add(order.elementAt(place));
            }
            List<Long> rest = new ArrayList<>();
            for (Map.Entry<Long, Integer> written : writes.writersOf(key).entrySet()) {
                if (writes.happened(written.getValue()) && !seen.contains(written.getKey())) {
                    rest.add(written.getKey());
                }
            }
            unread.add(rest);
        }
    }

    /** The order itself: no element twice, none of nobody, none on top of one that was rolled back; and the ww edges. */
    private void judgeOrder(int key, VersionOrder order) {
        Set<Long> seen = new HashSet<>();
        long aborted = Findings.NOTHING;
        long before = Findings.NOTHING;
        for (int place = 0; place < order.size(); place++) {
            long element = order.elementAt(place);
            int writer = writes.writerOf(key, element);
            if (!seen.add(element)) {
                findings.duplicate(key, order.longest(), order.reader(), element);
            } else if (writer == Writes.NOBODY) {
                findings.garbage(key, order.longest(), order.reader(), element);
            } else if (!writes.happened(writer)) {
                aborted = element;
                findings.abortedRead(key, order.reader(), writer, element);
            } else {
                if (aborted != Findings.NOTHING) {
                    findings.dirtyUpdate(key, aborted, element);
                    aborted = Findings.NOTHING;
                }
                if (before != Findings.NOTHING) {
                    graph.add(writes.writerOf(key, before), writer, EdgeKind.WRITE_WRITE, key, before, element);
                }
                before = element;
            }
        }
        for (long late : unread.get(key)) {
            if (before != Findings.NOTHING) {
                graph.add(
                        writes.writerOf(key, before),
                        writes.writerOf(key, late),
                        EdgeKind.WRITE_WRITE,
                        key,
                        before,
                        late);
            }
        }
    }

    private void judgeReads(Transaction transaction) {
        List<Operation> before = new ArrayList<>();
        for (Operation operation : transaction.operations()) {
            if (operation.isRead()) {
                int key = writes.keyOf(operation);
                VersionOrder order = orders[key];
                if (order == null) {
                    throw new IllegalStateException("no order of " + operation);
                }
                if (order.startsWith(operation)) {
                    addEdges(transaction.number(), key, operation, order);
                } else {
                    findings.incompatible(key, transaction.number(), operation, order.reader(), order.longest());
                    judgeElements(transaction.number(), key, operation);
                }
                OwnWrites.judge(transaction, before, operation, writes, key, findings);
            } else {
                judgeUpdate(transaction, before, operation);
            }
            before.add(operation);
        }
    }

    /** A list that fits into no order is looked at by itself. */
    private void judgeElements(int reader, int key, Operation read) {
        Set<Long> seen = new HashSet<>();
        for (int place = 0; place < read.size(); place++) {
            long element = read.valueAt(place);
            int writer = writes.writerOf(key, element);
            if (!seen.add(element)) {
                findings.duplicate(key, read, reader, element);
            } else if (writer == Writes.NOBODY) {
                findings.garbage(key, read, reader, element);
            } else if (writes.failed(writer)) {
                findings.abortedRead(key, reader, writer, element);
            }
        }
    }

    private void addEdges(int reader, int key, Operation read, VersionOrder order) {
        long last = Findings.NOTHING;
        if (read.size() > 0) {
            last = read.valueAt(read.size() - 1);
            int writer = writes.writerOf(key, last);
            if (writes.happened(writer)) {
                graph.add(writer, reader, EdgeKind.WRITE_READ, key, last, last);
                if (writer != reader && writes.isIntermediate(key, last)) {
                    findings.intermediateRead(key, reader, writer, read);
                }
            }
        }
        int next = read.size();
        while (next < order.size() && !writes.happened(writes.writerOf(key, order.elementAt(next)))) {
            next++;
        }
        if (next < order.size()) {
            long element = order.elementAt(next);
            graph.add(reader, writes.writerOf(key, element), EdgeKind.READ_WRITE, key, last, element);
            return;
        }
        for (long late : unread.get(key)) {
            graph.add(reader, writes.writerOf(key, late), EdgeKind.READ_WRITE, key, last, late);
        }
    }

    /** Whoever reads a list and then appends to it must append to what it read, else somebody's update came between. */
    private void judgeUpdate(Transaction transaction, List<Operation> before, Operation append) {
        Operation read = null;
        for (Operation earlier : before) {
            if (earlier.key().equals(append.key())) {
                if (!earlier.isRead()) {
                    return; // only the first append is on top of what others wrote
                }
                read = earlier;
            }
        }
        int key = writes.keyOf(append);
        VersionOrder order = orders[key];
        if (read == null || order == null || !order.startsWith(read) || read.size() >= order.size()) {
            return;
        }
        long next = order.elementAt(read.size());
        int other = writes.writerOf(key, next);
        if (next != append.value() && writes.happened(other) && other != transaction.number()) {
            findings.lostUpdate(key, transaction.number(), read, append.value(), other, next);
        }
    }

    /** An element is lost if it was acknowledged before the last read of its list, and no read has it. */
    private void findLost() {
        long[] lastRead = new long[writes.keys()];
        int[] reader = new int[writes.keys()];
        Arrays.fill(lastRead, Long.MIN_VALUE);
        for (Transaction transaction : history.transactions()) {
            for (Operation operation : transaction.operations()) {
                if (transaction.outcome() == Outcome.OK
                        && operation.isRead()
                        && transaction.invoked() > lastRead[writes.keyOf(operation)]) {
                    lastRead[writes.keyOf(operation)] = transaction.invoked();
                    reader[writes.keyOf(operation)] = transaction.number();
                }
            }
        }
        for (int key = 0; key < writes.keys(); key++) {
            for (long element : unread.get(key)) {
                int writer = writes.writerOf(key, element);
                if (history.get(writer).completed() < lastRead[key]) {
                    findings.lostElement(key, writer, element, reader[key]);
                }
            }
        }
    }
}
