package org.deuterium.coordinator;

import java.util.concurrent.CompletableFuture;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;

/**
 * The right to act as the cluster's controller, in one term. It is never believed: every write through it is refused
 * by the board when a later controller was elected, whoever believes to be it. Nothing here completes exceptionally.
 */
public interface Leadership {

    NodeId controller();

    Term term();

    /** Puts the state of a new partition on the board. */
    CompletableFuture<ChangeResult> create(PartitionState state);

    /** Changes a partition's state if the board still has the version before it. */
    CompletableFuture<ChangeResult> compareAndSet(PartitionState changed);

    /** Drops a proposal whose proposer is gone. */
    CompletableFuture<ChangeResult> drop(SchemaProposal proposal);
}
