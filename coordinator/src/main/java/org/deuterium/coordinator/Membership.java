package org.deuterium.coordinator;

import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.jspecify.annotations.Nullable;

/** How this process becomes, and stays, a node of the cluster. Its methods block, a few seconds at most. */
public interface Membership {

    /**
     * Joins the cluster under this name; from now on the node counts as alive while this process is, and joins again by
     * itself after a lost session.
     *
     * @param clusterIdOfData the cluster the node's data directory belongs to, or null if it is new
     * @return this node, whose cluster's id is {@link ClusterView#clusterId()}
     * @throws CoordinatorException if a process with this name is alive already, or the data belongs to another cluster
     */
    ClusterNode register(NodeId id, NodeAddress address, @Nullable String clusterIdOfData);

    /**
     * Says that this node made the directory of a replica. The controller writes the id into the state of a partition
     * that is being formed; later the leader does, once the replica has caught up.
     */
    void registerStorage(PartitionId partition, StorageId storageId);

    /**
     * Takes a process off the board that has surely ended, without waiting for its session; also off the controller's
     * place, if it holds that. Does nothing if the node is another process by now. A process that has not ended joins
     * again by itself.
     *
     * @throws CoordinatorException if the board cannot be reached
     */
    void expel(ClusterNode ended);

    /** Leaves: the node no longer counts as alive, at once. */
    void unregister();
}
