package org.deuterium.simulation.invariant;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** Whatever any replica ever applied at an index, every other one applies there too. */
public final class SamePrefixApplied {

    private final List<LogEntry> applied = new ArrayList<>();

    /** How many entries the one that is furthest has applied. */
    public long count() {
        return applied.size();
    }

    public @Nullable LogEntry last() {
        return applied.isEmpty() ? null : applied.get(applied.size() - 1);
    }

    void check(NodeId at, LogEntry entry) {
        int place = (int) entry.index().position() - 1;
        if (place > applied.size()) {
            throw new InvariantBroken(getClass(), at + " applies " + entry + " but nobody applied the one before it");
        }
        if (place == applied.size()) {
            applied.add(entry);
            return;
        }
        LogEntry known = applied.get(place);
        if (known != entry && (!known.equals(entry) || !known.transaction().equals(entry.transaction()))) {
            throw new InvariantBroken(
                    getClass(),
                    at + " applies " + entry + " of " + entry.transaction() + " where another applied " + known + " of "
                            + known.transaction());
        }
    }
}
