package org.deuterium.history.check;

import java.util.List;

/**
 * One thing that went wrong, and why it is wrong.
 *
 * @param transactions the numbers of those that took part; those of a cycle in its order
 * @param explanation for people, in several lines
 */
public record Anomaly(AnomalyKind kind, Order order, List<Integer> transactions, String explanation) {

    public Anomaly {
        transactions = List.copyOf(transactions);
    }

    /** As the literature calls it: {@code G-single-realtime}. */
    public String name() {
        return kind + order.suffix();
    }

    @Override
    public String toString() {
        return name() + ": " + explanation;
    }
}
