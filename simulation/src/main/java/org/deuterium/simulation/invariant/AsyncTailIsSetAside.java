package org.deuterium.simulation.invariant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.replication.LogEntry;

/**
 * What was acknowledged under ASYNC and is not in the log at the end was set aside for people to find, unless the disk
 * that held it is lost, the log there was cut because its H2 had stored it, or the replica was given up when its leader had
 * it.
 */
public final class AsyncTailIsSetAside {

    private record Acknowledged(LogEntry entry, StorageId by) {}

    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final Set<LogEntry> setAside = new HashSet<>();
    private final Set<StorageId> lostDisks = new HashSet<>();
    private final Map<StorageId, Long> notSetAside = new HashMap<>();

    void onAcknowledged(LogEntry entry, StorageId by) {
        acknowledged.add(new Acknowledged(entry, by));
    }

    void onSetAside(LogEntry entry) {
        setAside.add(entry);
    }

    void onDiskLost(StorageId storage) {
        lostDisks.add(storage);
    }

    void onNotSetAside(StorageId storage, long through) {
        notSetAside.merge(storage, through, Math::max);
    }

    private boolean isExcused(Acknowledged one) {
        return lostDisks.contains(one.by()) || one.entry().index().position() <= notSetAside.getOrDefault(one.by(), 0L);
    }

    /** How many acknowledged entries are not in the log any more. */
    long lost(SamePrefixApplied applied) {
        return acknowledged.stream().filter(one -> !applied.holds(one.entry())).count();
    }

    void check(SamePrefixApplied applied) {
        for (Acknowledged one : acknowledged) {
            if (!applied.holds(one.entry()) && !setAside.contains(one.entry()) && !isExcused(one)) {
                throw new InvariantBroken(
                        getClass(),
                        one.entry() + " of " + one.entry().transaction() + ", acknowledged on " + one.by()
                                + ", is lost and was not set aside");
            }
        }
    }
}
