package org.deuterium.history.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds a smallest cycle in every strongly connected component of a graph.
 *
 * <p>Whether there is a cycle is decided exactly and in linear time. Which one is the smallest is searched from one edge
 * after another until {@link #EFFORT} is spent: a component of thousands of transactions gets a small cycle, perhaps not
 * the smallest.
 */
public final class CycleSearch {

    /** How many edges are looked at for one kind of cycle, at most, beyond the first cycle of each component. */
    private static final long EFFORT = 20_000_000;

    private final DependencyGraph graph;
    private final Walk walk;
    private final StronglyConnected components;
    private final int[] distance;
    private final int[] edgeTo;
    private final int[] stateBefore;
    private final int[] touched;
    private int touchedSize;
    private long effort;

    private CycleSearch(DependencyGraph graph, int kinds, boolean rwApart) {
        this.graph = graph;
        this.walk = new Walk(graph, kinds, rwApart);
        this.components = StronglyConnected.of(walk);
        int states = walk.states();
        distance = new int[states];
        edgeTo = new int[states];
        stateBefore = new int[states];
        touched = new int[states];
        Arrays.fill(distance, -1);
    }

    /**
     * Smallest cycles, one a component that has any.
     *
     * @param kinds the bits of the kinds of edges that may be in it
     * @param rwApart whether no two {@code rw} edges may follow each other
     * @param first the kind that must be in it
     */
    public static List<Cycle> find(DependencyGraph graph, int kinds, boolean rwApart, EdgeKind first) {
        return new CycleSearch(graph, kinds, rwApart).smallest(first, -1);
    }

    /** Smallest cycles with one {@code rw} edge, whose other edges are all of {@code otherKinds}. */
    public static List<Cycle> findWithOneRw(DependencyGraph graph, int otherKinds) {
        return new CycleSearch(graph, otherKinds | EdgeKind.READ_WRITE.bit(), true)
                .smallest(EdgeKind.READ_WRITE, otherKinds);
    }

    /** Smallest cycles with two {@code rw} edges in a row, and whatever of {@code kinds} otherwise. */
    public static List<Cycle> findWithTwoInARow(DependencyGraph graph, int kinds) {
        return new CycleSearch(graph, kinds, false).smallestWithTwo();
    }

    private List<Cycle> smallest(EdgeKind first, int otherKinds) {
        Walk rest = otherKinds < 0 ? walk : new Walk(graph, otherKinds, walk.rwApart());
        int[][] best = new int[components.count()][];
        for (int state = 0; state < walk.states(); state++) {
            if (!components.isInCycle(state)) {
                continue;
            }
            int node = walk.node(state);
            for (int place = graph.beginOf(node); place < graph.endOf(node); place++) {
                int edge = graph.edgeAt(place);
                int target = graph.kind(edge) == first && !startsInside(edge) ? walk.follow(state, edge) : -1;
                if (target >= 0 && components.componentOf(target) == components.componentOf(state)) {
                    improve(best, rest, target, state, edge);
                }
            }
        }
        return cycles(best);
    }

    /** A real-time step begins with a transaction, not in the chain of barriers. */
    private boolean startsInside(int edge) {
        return graph.isBarrier(graph.from(edge));
    }

    private List<Cycle> smallestWithTwo() {
        int[][] best = new int[components.count()][];
        for (int state = 0; state < walk.states(); state++) {
            if (!components.isInCycle(state)) {
                continue;
            }
            for (int place = graph.beginOf(state); place < graph.endOf(state); place++) {
                int edge = graph.edgeAt(place);
                if (isRwInside(edge, state)) {
                    int middle = graph.to(edge);
                    for (int second = graph.beginOf(middle); second < graph.endOf(middle); second++) {
                        int other = graph.edgeAt(second);
                        if (isRwInside(other, middle)) {
                            improve(best, walk, graph.to(other), state, edge, other);
                        }
                    }
                }
            }
        }
        return cycles(best);
    }

    private boolean isRwInside(int edge, int state) {
        return graph.kind(edge) == EdgeKind.READ_WRITE
                && components.componentOf(graph.to(edge)) == components.componentOf(state);
    }

    private void improve(int[][] best, Walk rest, int start, int goal, int... head) {
        int component = components.componentOf(goal);
        int[] known = best[component];
        if (known != null && (effort > EFFORT || length(known) == 2)) {
            return;
        }
        if (known == null && !isCertain(rest) && effort > EFFORT) {
            return;
        }
        int limit = known == null ? Integer.MAX_VALUE : length(known) - length(head);
        int[] tail = shortestPath(rest, start, goal, component, limit);
        if (tail != null) {
            int[] all = Arrays.copyOf(head, head.length + tail.length);
            System.arraycopy(tail, 0, all, head.length, tail.length);
            best[component] = all;
        }
    }

    /** Whether every edge within a component lies on a cycle of those that are searched. */
    private boolean isCertain(Walk rest) {
        return rest == walk;
    }

    /** How many steps between transactions these edges are. */
    private int length(int[] edges) {
        int length = 0;
        for (int edge : edges) {
            length += graph.isBarrier(graph.to(edge)) ? 0 : 1;
        }
        return length;
    }

    /** Breadth first; edges to barriers cost nothing, so that a real-time step costs one. */
    private int @Nullable [] shortestPath(Walk rest, int start, int goal, int component, int limit) {
        if (start == goal) {
            return new int[0];
        }
        forget();
        StateDeque queue = new StateDeque();
        reach(start, 0, -1, -1);
        queue.addLast(start, 0);
        while (!queue.isEmpty()) {
            int state = queue.first();
            int steps = queue.firstDistance();
            queue.removeFirst();
            if (state == goal) {
                return pathTo(goal, start);
            }
            if (steps > distance[state] || steps >= limit) {
                continue;
            }
            int node = walk.node(state);
            for (int place = graph.beginOf(node); place < graph.endOf(node); place++) {
                effort++;
                int edge = graph.edgeAt(place);
                int target = rest.follow(state, edge);
                if (target < 0 || components.componentOf(target) != component) {
                    continue;
                }
                boolean free = graph.isBarrier(walk.node(target));
                int there = steps + (free ? 0 : 1);
                if (distance[target] < 0 || there < distance[target]) {
                    reach(target, there, edge, state);
                    if (free) {
                        queue.addFirst(target, there);
                    } else {
                        queue.addLast(target, there);
                    }
                }
            }
        }
        return null;
    }

    private void reach(int state, int steps, int edge, int before) {
        if (distance[state] < 0) {
            touched[touchedSize++] = state;
        }
        distance[state] = steps;
        edgeTo[state] = edge;
        stateBefore[state] = before;
    }

    private void forget() {
        for (int place = 0; place < touchedSize; place++) {
            distance[touched[place]] = -1;
        }
        touchedSize = 0;
    }

    private int[] pathTo(int goal, int start) {
        int edges = 0;
        for (int state = goal; state != start; state = stateBefore[state]) {
            edges++;
        }
        int[] path = new int[edges];
        for (int state = goal; state != start; state = stateBefore[state]) {
            path[--edges] = edgeTo[state];
        }
        return path;
    }

    private List<Cycle> cycles(int[][] best) {
        List<Cycle> found = new ArrayList<>();
        for (int[] edges : best) {
            if (edges != null) {
                found.add(cycle(edges));
            }
        }
        return found;
    }

    private Cycle cycle(int[] edges) {
        List<Dependency> steps = new ArrayList<>();
        int first = -1;
        for (int edge : edges) {
            first = first < 0 ? edge : first;
            if (!graph.isBarrier(graph.to(edge))) {
                steps.add(graph.dependency(first, edge));
                first = -1;
            }
        }
        return new Cycle(steps);
    }
}
