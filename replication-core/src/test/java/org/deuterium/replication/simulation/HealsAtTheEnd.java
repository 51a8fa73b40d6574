package org.deuterium.replication.simulation;

import java.util.List;
import org.deuterium.wire.replication.LogEntry;

/** Once every fault is repaired, one leader serves, everybody has applied everything, and every directory votes. */
final class HealsAtTheEnd {

    void check(Simulation simulation) {
        List<LogEntry> all = simulation.invariants.samePrefixApplied.applied();
        int serving = 0;
        for (SimulatedNode node : simulation.nodes()) {
            var core = node.core();
            if (core == null) {
                throw new InvariantBroken(getClass(), node.id + " is down");
            }
            serving += core.isServing() ? 1 : 0;
            if (node.disk.applied.size() != all.size()) {
                throw new InvariantBroken(
                        getClass(),
                        node.id + " has applied " + node.disk.applied.size() + " of " + all.size() + " entries; "
                                + simulation.describe());
            }
            if (!simulation.coordinator.group().counts(node.id, node.disk.storage)) {
                throw new InvariantBroken(
                        getClass(),
                        "the directory " + node.disk.storage + " of " + node.id + " was not added to "
                                + simulation.coordinator.group());
            }
        }
        if (serving != 1) {
            throw new InvariantBroken(getClass(), serving + " replicas serve; " + simulation.describe());
        }
        LogEntry last = all.get(all.size() - 1);
        if (last.transaction().sequence() != Simulation.LAST_TRANSACTION) {
            throw new InvariantBroken(getClass(), "what was proposed last was not applied; " + simulation.describe());
        }
        if (simulation.coordinator.group().inSync().size() != simulation.nodes().size()) {
            throw new InvariantBroken(getClass(), "not everybody is in sync: " + simulation.coordinator.group());
        }
    }
}
