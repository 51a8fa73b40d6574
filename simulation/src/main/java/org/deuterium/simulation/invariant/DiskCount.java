package org.deuterium.simulation.invariant;

import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;

/** The arithmetic of ack rules once more, by looking at the disks and not by the core's own. */
final class DiskCount {

    private final Disks disks;

    DiskCount(Disks disks) {
        this.disks = disks;
    }

    /** How many voters hold the entry fsynced. */
    int holders(ReplicaGroup group, LogEntry entry) {
        int holders = 0;
        for (ReplicaGroup.Voter voter : group.replicas()) {
            if (!votes(group, voter)) {
                continue;
            }
            SimulatedDisk disk = disks.diskOf(voter.node());
            // a disk that was replaced since may have held it: how many may be lost is for the misfortunes to respect
            if (!disk.storage().equals(voter.storage()) || disk.holdsDurably(entry)) {
                holders++;
            }
        }
        return holders;
    }

    private static boolean votes(ReplicaGroup group, ReplicaGroup.Voter voter) {
        return switch (group.ackRule().kind()) {
            case QUORUM, SEMI_SYNC, ASYNC -> true;
            case SYNC, CHAIN -> group.inSync().contains(voter.node());
        };
    }

    /** How many must, so that every election meets the entry. */
    static int needed(ReplicaGroup group) {
        return switch (group.ackRule().kind()) {
            case QUORUM -> group.replicas().size() / 2 + 1;
            case SEMI_SYNC -> group.ackRule().followers() + 1;
            case SYNC, CHAIN -> group.inSync().size();
            case ASYNC -> 1;
        };
    }
}
