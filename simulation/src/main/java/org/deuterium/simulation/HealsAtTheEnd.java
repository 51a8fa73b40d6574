package org.deuterium.simulation;

import java.util.List;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;

/** Once every fault is repaired, one leader serves, everybody has applied everything, and every directory votes. */
final class HealsAtTheEnd {

    void check(Simulation simulation) {
        String missing = missing(simulation);
        if (!missing.isEmpty()) {
            throw new InvariantBroken(getClass(), missing + "; " + simulation.describe());
        }
        List<LogEntry> all = simulation.invariants.samePrefixApplied.applied();
        if (all.get(all.size() - 1).transaction().sequence() != Simulation.LAST_TRANSACTION) {
            throw new InvariantBroken(getClass(), "what was proposed last was not applied; " + simulation.describe());
        }
    }

    boolean isHealed(Simulation simulation) {
        return missing(simulation).isEmpty();
    }

    private static String missing(Simulation simulation) {
        ReplicaGroup group = simulation.coordinator.group();
        int applied = simulation.invariants.samePrefixApplied.applied().size();
        int serving = 0;
        for (SimulatedNode node : simulation.nodes()) {
            PartitionReplica core = node.core();
            if (core == null) {
                return node.id + " is down";
            }
            serving += core.isServing() ? 1 : 0;
            if (node.disk.applied.size() != applied || core.lastIndex().position() != applied) {
                return node.id + " has applied " + node.disk.applied.size() + " of " + applied + " entries";
            }
            if (!group.counts(node.id, node.disk.storage)) {
                return "the directory " + node.disk.storage + " of " + node.id + " was not added";
            }
        }
        if (serving != 1) {
            return serving + " replicas serve";
        }
        return group.inSync().size() == simulation.nodes().size() ? "" : "not everybody is in sync";
    }
}
