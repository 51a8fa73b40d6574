package org.deuterium.history.graph;

import java.util.List;

/** Transactions each of which must come before the next, and the last before the first. */
public record Cycle(List<Dependency> steps) {

    public Cycle {
        steps = List.copyOf(steps);
    }

    public int size() {
        return steps.size();
    }

    public boolean has(EdgeKind kind) {
        return count(kind) > 0;
    }

    public int count(EdgeKind kind) {
        int count = 0;
        for (Dependency step : steps) {
            count += step.kind() == kind ? 1 : 0;
        }
        return count;
    }

    /** Whether somewhere two steps of this kind follow each other; a cycle with one such step alone has no two. */
    public boolean hasTwoInARow(EdgeKind kind) {
        EdgeKind before = steps.get(steps.size() - 1).kind();
        for (Dependency step : steps) {
            if (steps.size() > 1 && step.kind() == kind && before == kind) {
                return true;
            }
            before = step.kind();
        }
        return false;
    }

    /** The transactions, in the order of the steps. */
    public List<Integer> transactions() {
        return steps.stream().map(Dependency::first).toList();
    }
}
