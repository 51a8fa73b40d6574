package org.deuterium.history.graph;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.deuterium.history.Transaction;

/**
 * Adds real-time order to a graph with three edges a transaction instead of a square number of them.
 *
 * <p>Each completion makes a barrier: the completed transaction comes before it, and so does the barrier before; whoever
 * begins comes after the latest barrier. A walk over barriers leads exactly to those who began after the completion.
 */
public final class RealTimeOrder {

    private RealTimeOrder() {}

    /** @param takesPart whether the transaction of a number surely happened */
    public static void addTo(DependencyGraph graph, Transaction[] transactions, boolean[] takesPart) {
        int[] byStart = sorted(transactions, takesPart, Comparator.comparingLong(Transaction::invoked));
        int[] byEnd = sorted(transactions, takesPart, Comparator.comparingLong(Transaction::completed));
        int barrier = -1;
        int ended = 0;
        for (int beginning : byStart) {
            long now = transactions[beginning].invoked();
            // Those who end in the very moment in which this one begins are concurrent to it.
            while (ended < byEnd.length && transactions[byEnd[ended]].completed() < now) {
                int next = graph.addBarrier();
                if (barrier >= 0) {
                    graph.add(barrier, next, EdgeKind.REAL_TIME);
                }
                graph.add(byEnd[ended++], next, EdgeKind.REAL_TIME);
                barrier = next;
            }
            if (barrier >= 0) {
                graph.add(barrier, beginning, EdgeKind.REAL_TIME);
            }
        }
    }

    /** Each client's transactions one after another. */
    public static void addProcesses(DependencyGraph graph, Transaction[] transactions, boolean[] takesPart) {
        int[] byStart = sorted(
                transactions,
                takesPart,
                Comparator.comparingInt(Transaction::process).thenComparingLong(Transaction::invoked));
        for (int place = 1; place < byStart.length; place++) {
            if (transactions[byStart[place - 1]].process() == transactions[byStart[place]].process()) {
                graph.add(byStart[place - 1], byStart[place], EdgeKind.PROCESS);
            }
        }
    }

    private static int[] sorted(Transaction[] transactions, boolean[] takesPart, Comparator<Transaction> order) {
        return Arrays.stream(IntStream.range(0, transactions.length)
                        .filter(number -> takesPart[number])
                        .mapToObj(number -> transactions[number])
                        .sorted(order)
                        .toArray(Transaction[]::new))
                .mapToInt(Transaction::number)
                .toArray();
    }
}
