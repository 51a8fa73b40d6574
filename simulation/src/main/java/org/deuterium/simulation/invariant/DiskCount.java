package org.deuterium.simulation.invariant;

import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.StorageId;
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
            holders += votes(group, voter) && holds(voter, entry) ? 1 : 0;
        }
        return holders;
    }

    /** How many replicas hold it, whether they vote or not. */
    int copies(ReplicaGroup group, LogEntry entry) {
        int copies = 0;
        for (ReplicaGroup.Voter replica : group.replicas()) {
            copies += holds(replica, entry) ? 1 : 0;
        }
        return copies;
    }

    private boolean holds(ReplicaGroup.Voter voter, LogEntry entry) {
        if (voter.storage().equals(StorageId.UNKNOWN)) {
            return false; // whatever that node has, no vote rests on it
        }
        SimulatedDisk disk = disks.diskOf(voter.node());
        // a disk that was replaced since may have held it: how many may be lost is for the misfortunes to respect
        return !disk.storage().equals(voter.storage()) || disk.holdsDurably(entry);
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
