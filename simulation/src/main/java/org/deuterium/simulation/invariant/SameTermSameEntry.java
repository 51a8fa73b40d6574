package org.deuterium.simulation.invariant;

import java.util.HashMap;
import java.util.Map;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.LogEntry;

/** Two entries with the same index and term, on whatever disks, are the same entry (Ongaro 2014, 3.5: log matching). */
public final class SameTermSameEntry {

    private final Map<LogEntry, LogEntry> known = new HashMap<>();

    void check(NodeId at, LogEntry entry) {
        LogEntry first = known.putIfAbsent(entry, entry);
        if (first != null
                && first != entry
                && !(first.transaction().equals(entry.transaction())
                        && first.timestamp().equals(entry.timestamp()))) {
            throw new InvariantBroken(
                    getClass(),
                    at + " appends " + entry + " of " + entry.transaction() + ", which elsewhere is of "
                            + first.transaction());
        }
    }
}
