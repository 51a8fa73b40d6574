package org.deuterium.simulation;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.LogEntry;

/** Whatever any replica ever applied at an index, every other one applies there too; timestamps rise along it. */
final class SamePrefixApplied {

    private final List<LogEntry> applied = new ArrayList<>();

    List<LogEntry> applied() {
        return applied;
    }

    void check(NodeId at, LogEntry entry) {
        int place = (int) entry.index().position() - 1;
        if (place > applied.size()) {
            throw new InvariantBroken(getClass(), at + " applies " + entry + " but nobody applied the one before it");
        }
        if (place == applied.size()) {
            if (place > 0 && entry.timestamp().compareTo(applied.get(place - 1).timestamp()) <= 0) {
                throw new InvariantBroken(
                        getClass(), "timestamp of " + entry + " does not rise after " + applied.get(place - 1));
            }
            applied.add(entry);
            return;
        }
        LogEntry known = applied.get(place);
        if (!known.equals(entry) || !known.transaction().equals(entry.transaction())) {
            throw new InvariantBroken(
                    getClass(),
                    at + " applies " + entry + " of " + entry.transaction() + " where another applied " + known + " of "
                            + known.transaction());
        }
    }
}
