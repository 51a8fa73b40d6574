package org.deuterium.replica.host;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** What a replica uses of the node that hosts it. */
interface HostServices {

    NodeId node();

    HostSettings settings();

    NodeLoop loop();

    ReplicationLog log();

    ReplicaBoard board();

    /** Threads for appliers. */
    Executor applierPool();

    /** Threads for work that may block. */
    Executor background();

    /** Loop: every replica here. */
    List<PartitionHost> hosts();

    /** Loop: the replica of a partition here, or null. */
    @Nullable
    PartitionHost host(PartitionId partition);

    /** Loop: entries of the replica's log; none if they are damaged, which ends the replica. */
    List<LogEntry> readLog(PartitionHost host, LogIndex from, long maxBytes);

    /** Loop: makes a snapshot of the replica and offers it to a follower. */
    void sendSnapshot(PartitionHost host, NodeId follower);

    /** Loop: the index of the snapshot some follower is taking, after which it will need the log; null if none is. */
    @Nullable
    Long snapshotNeedsAfter(PartitionId partition);

    /** Where entries that are about to be discarded are kept. */
    Path tails();

    /** Loop: the replica waits for somebody to do what these words say, or no longer. */
    void replicaWaits(PartitionId partition, @Nullable String words);

    /** Loop: nothing may be cut from the log of this partition now. */
    boolean keepsWholeLog(PartitionId partition);

    /** Loop: the replica committed by itself (ACK ASYNC) what its leader does not have; a snapshot will take its place. */
    void replicaParted(PartitionHost host);

    /** Loop: the replica's H2 cannot be trusted any more. */
    void replicaFailed(PartitionHost host, Throwable cause);
}
