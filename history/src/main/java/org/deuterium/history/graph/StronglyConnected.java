package org.deuterium.history.graph;

import java.util.Arrays;

/**
 * The sets of states that can all reach each other (Tarjan 1972, without recursion). Every cycle lies within one.
 */
final class StronglyConnected {

    private static final int UNSEEN = -1;

    private final Walk walk;
    private final int[] index;
    private final int[] low;
    private final int[] component;
    private final int[] sizes;

    /** Where in the list of its edges the search of each state on the path stands. */
    private final int[] next;

    private final int[] path;
    private final int[] open;
    private int openSize;
    private int nextIndex;
    private int components;

    private StronglyConnected(Walk walk) {
        this.walk = walk;
        int states = walk.states();
        index = new int[states];
        low = new int[states];
        component = new int[states];
        sizes = new int[states];
        next = new int[states];
        path = new int[states];
        open = new int[states];
        Arrays.fill(index, UNSEEN);
        Arrays.fill(component, UNSEEN);
    }

    static StronglyConnected of(Walk walk) {
        StronglyConnected made = new StronglyConnected(walk);
        for (int state = 0; state < walk.states(); state++) {
            if (made.index[state] == UNSEEN) {
                made.searchFrom(state);
            }
        }
        return made;
    }

    private void searchFrom(int root) {
        int depth = 0;
        path[0] = enter(root);
        while (depth >= 0) {
            int state = path[depth];
            int node = walk.node(state);
            int deeper = UNSEEN;
            while (deeper == UNSEEN && next[state] < walk.graph().endOf(node)) {
                int target = walk.follow(state, walk.graph().edgeAt(next[state]++));
                if (target >= 0 && index[target] == UNSEEN) {
                    deeper = target;
                } else if (target >= 0 && component[target] == UNSEEN) {
                    low[state] = Math.min(low[state], index[target]);
                }
            }
            if (deeper != UNSEEN) {
                path[++depth] = enter(deeper);
            } else {
                leave(state);
                depth--;
                if (depth >= 0) {
                    low[path[depth]] = Math.min(low[path[depth]], low[state]);
                }
            }
        }
    }

    private int enter(int state) {
        index[state] = nextIndex;
        low[state] = nextIndex++;
        next[state] = walk.graph().beginOf(walk.node(state));
        open[openSize++] = state;
        return state;
    }

    private void leave(int state) {
        if (low[state] != index[state]) {
            return;
        }
        int member;
        do {
            member = open[--openSize];
            component[member] = components;
            sizes[components]++;
        } while (member != state);
        components++;
    }

    int count() {
        return components;
    }

    int componentOf(int state) {
        return component[state];
    }

    /** Whether some cycle goes through a state. */
    boolean isInCycle(int state) {
        return sizes[component[state]] > 1;
    }
}
