package org.deuterium.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;

/**
 * What a replica finds on its disk at start; all of it is fsynced.
 *
 * @param promised the latest term that was persisted ({@link Effects#persistTerm})
 * @param log the shape of its log, discard records obeyed
 * @param lastTimestamp the greatest timestamp of any entry in it, or in the snapshot it begins with
 * @param applied the last index its H2 shows, which is also known to be committed
 */
public record ReplicaState(
        PartitionId partition,
        NodeId node,
        StorageId storage,
        Term promised,
        LogShape log,
        Timestamp lastTimestamp,
        LogIndex applied) {

    /** A replica whose directory was just made. */
    public static ReplicaState empty(PartitionId partition, NodeId node, StorageId storage) {
        return new ReplicaState(partition, node, storage, Term.NONE, new LogShape(), Timestamp.ZERO, LogIndex.NONE);
    }
}
