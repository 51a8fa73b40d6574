package org.deuterium.history.check;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.history.History;
import org.deuterium.history.Transaction;
import org.deuterium.history.graph.Cycle;
import org.deuterium.history.graph.CycleSearch;
import org.deuterium.history.graph.DependencyGraph;
import org.deuterium.history.graph.EdgeKind;
import org.deuterium.history.graph.RealTimeOrder;

/** Finds the cycles of a dependency graph, and calls each by its name. */
final class CycleAnomalies {

    private static final int WW = EdgeKind.WRITE_WRITE.bit();
    private static final int WR = EdgeKind.WRITE_READ.bit();
    private static final int RW = EdgeKind.READ_WRITE.bit();

    private final DependencyGraph graph;
    private final Findings findings;

    /** Who was in a cycle of each kind already: further order only makes weaker examples of it. */
    private final Map<AnomalyKind, Set<Integer>> blamed = new EnumMap<>(AnomalyKind.class);

    private CycleAnomalies(DependencyGraph graph, Findings findings) {
        this.graph = graph;
        this.findings = findings;
    }

    /** @param graph with all edges that come from data; those of clients and clocks are added */
    static void find(History history, boolean[] happened, DependencyGraph graph, Findings findings) {
        Transaction[] transactions = history.transactions().toArray(Transaction[]::new);
        RealTimeOrder.addProcesses(graph, transactions, happened);
        RealTimeOrder.addTo(graph, transactions, happened);
        graph.seal();
        CycleAnomalies search = new CycleAnomalies(graph, findings);
        search.inData();
        search.inOrder(Order.PROCESS, EdgeKind.PROCESS);
        search.inOrder(Order.REAL_TIME, EdgeKind.REAL_TIME);
    }

    private void inData() {
        add(Order.DATA, CycleSearch.find(graph, WW, false, EdgeKind.WRITE_WRITE));
        add(Order.DATA, CycleSearch.find(graph, WW | WR, false, EdgeKind.WRITE_READ));
        add(Order.DATA, CycleSearch.findWithOneRw(graph, WW | WR));
        add(Order.DATA, CycleSearch.find(graph, WW | WR | RW, true, EdgeKind.READ_WRITE));
        add(Order.DATA, CycleSearch.findWithTwoInARow(graph, WW | WR | RW));
    }

    private void inOrder(Order order, EdgeKind kind) {
        int kinds = order.kinds();
        add(order, CycleSearch.find(graph, WW | kinds, false, kind));
        add(order, CycleSearch.find(graph, WW | WR | kinds, false, kind));
        add(order, CycleSearch.find(graph, WW | WR | RW | kinds, true, kind));
        add(order, CycleSearch.find(graph, WW | WR | RW | kinds, false, kind));
    }

    private void add(Order order, List<Cycle> cycles) {
        Set<List<Integer>> again = new HashSet<>();
        for (Cycle cycle : cycles) {
            AnomalyKind kind = name(cycle);
            Set<Integer> already = blamed.computeIfAbsent(kind, any -> new HashSet<>());
            if (already.stream().noneMatch(cycle.transactions()::contains) && again.add(cycle.transactions())) {
                findings.cycle(kind, order, cycle);
            }
            already.addAll(cycle.transactions());
        }
    }

    private static AnomalyKind name(Cycle cycle) {
        int rw = cycle.count(EdgeKind.READ_WRITE);
        if (rw == 0) {
            return cycle.has(EdgeKind.WRITE_READ) ? AnomalyKind.G1C : AnomalyKind.G0;
        }
        if (rw == 1) {
            return AnomalyKind.G_SINGLE;
        }
        return cycle.hasTwoInARow(EdgeKind.READ_WRITE) ? AnomalyKind.G2_ITEM : AnomalyKind.G_NONADJACENT;
    }
}
