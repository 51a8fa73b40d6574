package org.deuterium.coordinator;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of the board: a picture in memory that follows it by a few milliseconds. Reading it never
 * blocks and never asks anybody; it may be old, so whoever acts on it says in which term he does.
 */
public interface ClusterView {

    /** The cluster's identity, drawn when its first node started; a data directory belongs to one cluster. */
    String clusterId();

    /** The nodes that are alive. */
    Map<NodeId, ClusterNode> nodes();

    default @Nullable ClusterNode node(NodeId id) {
        return nodes().get(id);
    }

    /** The nodes that were ever part of the cluster, alive or not. */
    Collection<NodeId> knownNodes();

    PartitionMap partitionMap();

    @Nullable
    PartitionState partition(PartitionId partition);

    Collection<PartitionState> partitions();

    /** The directories nodes have made for replicas of this partition. */
    Map<NodeId, StorageId> registeredStorages(PartitionId partition);

    /** The elected controller, if there is one. */
    @Nullable
    NodeId controller();

    boolean isConnected();

    /** The listener hears of every change from now on. */
    void addListener(ClusterListener listener);

    void removeListener(ClusterListener listener);

    /**
     * Waits until the partition has a leader that is alive, in a term later than {@code after}.
     *
     * @param after {@link Term#NONE} for any leader; the term in which a leader was found unable, to wait for another
     * @return completes exceptionally with a CoordinatorException if there is none in time
     */
    CompletableFuture<PartitionState> awaitLeader(PartitionId partition, Term after, long timeoutMillis);

    /**
     * Writes a changed group, if the board still has the version before it ({@code changed.version() - 1}); for
     * leaders, which may change replicas, the in-sync set and the ack rule, or write themselves out. Never completes
     * exceptionally; when it is done, the board has {@code changed.version()}.
     */
    CompletableFuture<ChangeResult> compareAndSet(ReplicaGroup changed);

    /**
     * Asks the board itself what the state is, later than anything written before; to learn what became of an unknown
     * change. Waits for as long as the board cannot be reached.
     */
    CompletableFuture<PartitionState> read(PartitionId partition);
}
