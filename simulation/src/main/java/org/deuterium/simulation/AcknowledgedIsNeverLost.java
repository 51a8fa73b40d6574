package org.deuterium.simulation;

import java.util.Map;
import java.util.TreeMap;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** What a client was told is committed is in the log of every later leader, at the same place. */
final class AcknowledgedIsNeverLost {

    private final TreeMap<Long, TransactionId> acknowledged = new TreeMap<>();

    int count() {
        return acknowledged.size();
    }

    void onAcknowledged(NodeId by, LogEntry entry, TransactionId transaction) {
        if (!entry.transaction().equals(transaction)) {
            throw new InvariantBroken(
                    getClass(), by + " acknowledges " + transaction + " for " + entry + " of " + entry.transaction());
        }
        acknowledged.put(entry.index().position(), transaction);
    }

    void check(SimulatedNode holder) {
        // what it has applied is compared by SamePrefixApplied
        for (Map.Entry<Long, TransactionId> one :
                acknowledged.tailMap((long) holder.disk.applied.size(), false).entrySet()) {
            LogEntry held = holder.disk.entries.get(one.getKey());
            if (held == null || !held.transaction().equals(one.getValue())) {
                throw new InvariantBroken(
                        getClass(),
                        holder.id + " leads without " + one.getValue() + " at i" + one.getKey()
                                + ", which was acknowledged; it has " + describe(held));
            }
        }
    }

    private static String describe(@Nullable LogEntry held) {
        return held == null ? "nothing there" : held + " of " + held.transaction();
    }
}
