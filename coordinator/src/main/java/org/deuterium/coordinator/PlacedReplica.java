package org.deuterium.coordinator;

import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;

/**
 * One replica in a partition's state.
 *
 * @param storageId the directory that counts as this replica; {@link StorageId#UNKNOWN} until the node has made one
 */
public record PlacedReplica(NodeId node, StorageId storageId) {

    public boolean isFormed() {
        return !storageId.equals(StorageId.UNKNOWN);
    }
}
