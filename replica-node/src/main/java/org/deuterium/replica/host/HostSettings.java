package org.deuterium.replica.host;

import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replication.ReplicaSettings;

/**
 * The numbers that steer a host.
 *
 * @param tickMillis how often the cores are told the time
 * @param applierThreads threads that bring committed entries into H2
 * @param backlogBytes payload of committed entries that may wait for one partition's applier
 * @param checkpointMillis the longest an applied entry waits for its checkpoint
 * @param checkpointBytes changes of all partitions together that only memory holds, from which the fullest are
 *     checkpointed earlier; H2's own estimate, which counts about 8 kB for a small transaction
 * @param retainedLogBytes how much of the log is kept for followers that are behind
 * @param snapshotChunkBytes how much of a snapshot travels in one message
 * @param snapshotTimeoutMillis a transfer nobody asked on for so long is given up; its file is kept ten times as long
 * @param snapshotBytesPerSecond how fast all snapshots of this node together are written and sent, so that disk and
 *     network are left to the statements
 * @param scrubBytesPerSecond how fast the node reads its databases over and over to find what its disk has lost
 */
public record HostSettings(
        int tickMillis,
        int applierThreads,
        long backlogBytes,
        long checkpointMillis,
        long checkpointBytes,
        long retainedLogBytes,
        int snapshotChunkBytes,
        long snapshotTimeoutMillis,
        long snapshotBytesPerSecond,
        long scrubBytesPerSecond,
        LogSettings log,
        ReplicaSettings replica,
        StorageSettings storage) {

    public static final HostSettings DEFAULT = new HostSettings(
            20,
            2,
            16L << 20,
            20_000,
            128L << 20,
            192L << 20,
            1 << 20,
            30_000,
            32L << 20,
            8L << 20,
            LogSettings.DEFAULT,
            ReplicaSettings.DEFAULT,
            StorageSettings.DEFAULT);

    /** The same, with another way to run the databases. */
    public HostSettings withStorage(StorageSettings other) {
        return new HostSettings(
                tickMillis,
                applierThreads,
                backlogBytes,
                checkpointMillis,
                checkpointBytes,
                retainedLogBytes,
                snapshotChunkBytes,
                snapshotTimeoutMillis,
                snapshotBytesPerSecond,
                scrubBytesPerSecond,
                log,
                replica,
                other);
    }
}
