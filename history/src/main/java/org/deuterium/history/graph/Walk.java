package org.deuterium.history.graph;

/**
 * Which edges one may follow: those of some kinds, and perhaps never two {@code rw} edges in a row.
 *
 * <p>A walk has states instead of nodes. If {@code rw} edges must stand apart, each node is there twice: reached over an
 * {@code rw} edge, or not. A cycle of states is then a cycle that snapshot isolation forbids: it admits exactly those
 * with two {@code rw} edges in a row (Fekete et al. 2005; Cerone and Gotsman, "Analysing Snapshot Isolation", 2018).
 *
 * @param kinds the bits of the kinds that may be followed
 * @param rwApart whether an {@code rw} edge may not follow an {@code rw} edge
 */
record Walk(DependencyGraph graph, int kinds, boolean rwApart) {

    int states() {
        return rwApart ? graph.nodes() * 2 : graph.nodes();
    }

    int node(int state) {
        return rwApart ? state >> 1 : state;
    }

    /** The state to which an edge leads from a state at its beginning; -1 if it may not be followed. */
    int follow(int state, int edge) {
        EdgeKind kind = graph.kind(edge);
        if ((kinds & kind.bit()) == 0) {
            return -1;
        }
        if (!rwApart) {
            return graph.to(edge);
        }
        boolean rw = kind == EdgeKind.READ_WRITE;
        if (rw && (state & 1) == 1) {
            return -1;
        }
        return graph.to(edge) * 2 + (rw ? 1 : 0);
    }
}
