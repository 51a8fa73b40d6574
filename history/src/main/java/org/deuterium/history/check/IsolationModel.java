package org.deuterium.history.check;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a database may promise of its transactions, as the anomalies that must not happen.
 *
 * <p>Read committed is PL-2 and serializable PL-3 of Adya (1999); snapshot isolation is every cycle that has no two rw
 * edges in a row forbidden (Cerone and Gotsman 2018). Between them is PL-2+, consistent view; with the order of sessions
 * it is what causal consistency means for transactions: nothing is seen without what it depends on. Each of the others
 * stands for itself, with the order of sessions, and with real time. With rows read by key alone, Adya's repeatable read
 * (PL-2.99) is serializable.
 */
public enum IsolationModel {
    READ_COMMITTED("read committed", AnomalyKind.G1C, Order.DATA),
    SESSION_READ_COMMITTED("strong session read committed", AnomalyKind.G1C, Order.PROCESS),
    STRONG_READ_COMMITTED("strong read committed", AnomalyKind.G1C, Order.REAL_TIME),
    CONSISTENT_VIEW("consistent view", AnomalyKind.G_SINGLE, Order.DATA),
    CAUSAL("causal", AnomalyKind.G_SINGLE, Order.PROCESS),
    SNAPSHOT_ISOLATION("snapshot isolation", AnomalyKind.G_NONADJACENT, Order.DATA),
    SESSION_SNAPSHOT_ISOLATION("strong session snapshot isolation", AnomalyKind.G_NONADJACENT, Order.PROCESS),
    STRONG_SNAPSHOT_ISOLATION("strong snapshot isolation", AnomalyKind.G_NONADJACENT, Order.REAL_TIME),
    SERIALIZABLE("serializable", AnomalyKind.G2_ITEM, Order.DATA),
    SESSION_SERIALIZABLE("strong session serializable", AnomalyKind.G2_ITEM, Order.PROCESS),
    STRICT_SERIALIZABLE("strict serializable", AnomalyKind.G2_ITEM, Order.REAL_TIME);

    private final String text;
    private final Set<AnomalyKind> forbidden;
    private final Order order;

    /** @param last the last one forbidden, in the order in which {@link AnomalyKind} names them */
    IsolationModel(String text, AnomalyKind last, Order order) {
        this.text = text;
        this.forbidden = EnumSet.range(AnomalyKind.GARBAGE_READ, last);
        this.order = order;
    }

    public boolean forbids(Anomaly anomaly) {
        return forbidden.contains(anomaly.kind()) && anomaly.order().compareTo(order) <= 0;
    }

    /** Whether a database that keeps this model keeps the other one too. */
    public boolean isAtLeast(IsolationModel other) {
        return forbidden.containsAll(other.forbidden) && order.compareTo(other.order) >= 0;
    }

    @Override
    public String toString() {
        return text;
    }
}
