package org.deuterium.simulation.cluster;

import org.deuterium.replication.PartitionReplica;
import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;

/** Where a node keeps the entries that may be lost, before anything takes the place of its log. */
final class SideFiles {

    private final Cluster cluster;
    private final SimulatedNode node;

    SideFiles(Cluster cluster, SimulatedNode node) {
        this.cluster = cluster;
        this.node = node;
    }

    /** Keeps what the log has after this index. */
    void keep(long after) {
        SimulatedDisk disk = node.disk();
        cluster.trace.say(() -> node.id() + " sets aside what it has after i" + after);
        cluster.invariants.onHeldByH2Alone(disk.storage(), disk.cutThrough());
        for (long index = after + 1; ; index++) {
            LogEntry entry = disk.entry(index);
            if (entry == null) {
                return;
            }
            cluster.invariants.onSetAside(entry);
        }
    }

    /** The replica was given to another node: what may be lost with its directory is kept before that goes. */
    void keepBeforeRemoval(PartitionReplica replica, ReplicaGroup group) {
        LogIndex lost = replica.tailBeforeRemoval(group.asyncThrough());
        cluster.invariants.onLeftToTheLeader(node.disk().storage(), lost == null ? Long.MAX_VALUE : lost.position());
        if (lost != null) {
            keep(lost.position());
        }
    }
}
