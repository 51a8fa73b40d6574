package org.deuterium.coordinator;

import java.util.Map;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.jspecify.annotations.Nullable;

/**
 * Who wants to hear of changes on the board. Every method is called on the view's one notification thread, in the
 * order of the changes, after the view itself shows them; it must only queue work, never block.
 */
public interface ClusterListener {

    default void onNodesChanged(Map<NodeId, ClusterNode> nodes) {}

    default void onPartitionChanged(PartitionState state) {}

    default void onPartitionMapChanged(PartitionMap map) {}

    /** A node made the directory of a replica it is to hold. */
    default void onStorageRegistered(PartitionId partition, NodeId node, StorageId storageId) {}

    /** The schema log decided up to this version; {@link SchemaLog#changesAfter} has the changes. */
    default void onSchemaDecided(long version) {}

    /** A proposal appeared, was decided, or was dropped; {@link SchemaLog#proposal()} shows what is open now. */
    default void onSchemaProposal() {}

    /** Another node became controller, or none is alive. */
    default void onControllerChanged(@Nullable NodeId controller) {}

    /** False while the board cannot be reached, so that what the view shows may be old. */
    default void onConnected(boolean connected) {}

    /**
     * This process's session with the board ended: its leaderships may be given to others by now. It registers again by
     * itself.
     */
    default void onSessionLost() {}
}
