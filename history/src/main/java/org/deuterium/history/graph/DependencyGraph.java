package org.deuterium.history.graph;

import java.util.Arrays;

/**
 * Transactions, and the edges between them with their reasons, in arrays of primitives: a million edges are nothing.
 *
 * <p>Nodes from {@link #transactions} on are no transactions but barriers, see {@link RealTimeOrder}.
 */
public final class DependencyGraph {

    private static final EdgeKind[] KINDS = EdgeKind.values();

    private final int transactions;
    private int nodes;
    private int edges;
    private int[] from = new int[1024];
    private int[] to = new int[1024];
    private byte[] kind = new byte[1024];
    private int[] key = new int[1024];
    private long[] older = new long[1024];
    private long[] newer = new long[1024];

    /** Edge numbers sorted by the node they leave, and where those of each node begin; empty until {@link #seal}. */
    private int[] sorted = new int[0];

    private int[] begin = new int[0];

    public DependencyGraph(int transactions) {
        this.transactions = transactions;
        this.nodes = transactions;
    }

    /** A node that is no transaction. */
    int addBarrier() {
        return nodes++;
    }

    /** Adds an edge without a key: of the kinds that come from clients and clocks. */
    void add(int first, int second, EdgeKind why) {
        add(first, second, why, -1, 0, 0);
    }

    /**
     * Adds an edge, unless a transaction would come before itself.
     *
     * @param keyNumber the key on account of which the edge is there
     * @param olderValue what the first installed or read there
     * @param newerValue what the second installed or read there
     */
    public void add(int first, int second, EdgeKind why, int keyNumber, long olderValue, long newerValue) {
        if (first == second) {
            return;
        }
        if (edges == from.length) {
            grow();
        }
        from[edges] = first;
        to[edges] = second;
        kind[edges] = (byte) why.ordinal();
        key[edges] = keyNumber;
        older[edges] = olderValue;
        newer[edges] = newerValue;
        edges++;
    }

    private void grow() {
        int size = edges * 2;
        from = Arrays.copyOf(from, size);
        to = Arrays.copyOf(to, size);
        kind = Arrays.copyOf(kind, size);
        key = Arrays.copyOf(key, size);
        older = Arrays.copyOf(older, size);
        newer = Arrays.copyOf(newer, size);
    }

    /** Sorts the edges by where they begin; after the last one was added, and before the graph is walked. */
    public void seal() {
        begin = new int[nodes + 1];
        for (int edge = 0; edge < edges; edge++) {
            begin[from[edge] + 1]++;
        }
        for (int node = 0; node < nodes; node++) {
            begin[node + 1] += begin[node];
        }
        int[] next = Arrays.copyOf(begin, nodes);
        sorted = new int[edges];
        for (int edge = 0; edge < edges; edge++) {
            sorted[next[from[edge]]++] = edge;
        }
    }

    public int transactions() {
        return transactions;
    }

    int nodes() {
        return nodes;
    }

    boolean isBarrier(int node) {
        return node >= transactions;
    }

    /** Where the edges that leave a node begin, among {@link #edgeAt}. */
    int beginOf(int node) {
        return begin[node];
    }

    int endOf(int node) {
        return begin[node + 1];
    }

    int edgeAt(int place) {
        return sorted[place];
    }

    int from(int edge) {
        return from[edge];
    }

    int to(int edge) {
        return to[edge];
    }

    EdgeKind kind(int edge) {
        return KINDS[kind[edge]];
    }

    /** The dependency that an edge, or the first and last of a chain of edges over barriers, stands for. */
    Dependency dependency(int first, int last) {
        return new Dependency(from[first], to[last], kind(first), key[first], older[first], newer[first]);
    }
}
