package org.deuterium.simulation.invariant;

import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/**
 * A leader shows an entry only when as many disks as the ack rule wants hold it fsynced: under the group it read last,
 * and under the one that is written, when that is of its term. The counts are made here, not by the core's arithmetic.
 */
public final class VisibleOnlyUnderItsRule {

    private final DiskCount count;

    VisibleOnlyUnderItsRule(DiskCount count) {
        this.count = count;
    }

    void check(NodeId leader, PartitionReplica core, ReplicaGroup written, @Nullable LogEntry entry) {
        ReplicaGroup read = core.group();
        if (!core.isLeader() || entry == null || read == null) {
            return;
        }
        check(leader, read, entry);
        if (written.version() != read.version() && written.term().equals(core.term())) {
            check(leader, written, entry);
        }
    }

    private void check(NodeId leader, ReplicaGroup group, LogEntry entry) {
        int holders = count.holders(group, entry);
        int needed = DiskCount.needed(group);
        if (holders < needed) {
            throw new InvariantBroken(
                    getClass(),
                    leader + " shows " + entry + ", which " + holders + " disks hold, where " + group + " wants "
                            + needed);
        }
    }
}
