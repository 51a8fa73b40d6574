package org.deuterium.router.execute;

import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.jspecify.annotations.Nullable;

/** The client transaction a statement runs in: its identity, and the partitions where it has an open branch. */
public interface TransactionBranches {

    TransactionId id();

    /** What CURRENT_TIMESTAMP and its like say in all of its statements, in microseconds since 1970. */
    long momentMicros();

    /** The node that holds the branch in a partition, or null if there is none. */
    @Nullable
    NodeId leaderOfBranch(PartitionId partition);

    void branchOpened(PartitionId partition, NodeId leader);

    void branchWrote(PartitionId partition);

    /** The commit is to rely on rows locked there. */
    void branchLocked(PartitionId partition);

    /** True if every statement is to see one state: branches are opened in all partitions at once, and later in none. */
    boolean isSnapshot();

    /** The system rolled the transaction back, or nobody knows its outcome; the other branches are to be rolled back. */
    void lost();
}
