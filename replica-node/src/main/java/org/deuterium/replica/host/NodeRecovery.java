package org.deuterium.replica.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.deuterium.replica.log.LogDirectory;
import org.deuterium.replica.log.PartitionLog;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replica.storage.StorageFailedException;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replica.storage.StorageUnreachableException;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what a node finds on its disks at a start. Nothing is deleted here that may be the last of its kind: a disk that
 * is not mounted or a file that somebody else has open keeps the node from starting, and what is damaged is kept aside
 * until the group counts what took its place. Several nodes may start with the same trouble, and there is no peer then.
 */
final class NodeRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(NodeRecovery.class);

    /** Makes a replica that was found one of the node's. */
    interface Taker {
        PartitionHost take(RecoveredReplica found);
    }

    private final NodeId node;
    private final ReplicationLog log;
    private final ReplicaDirectories directories;
    private final ReplicaReport report;
    private final StorageSettings settings;

    NodeRecovery(
            NodeId node,
            ReplicationLog log,
            ReplicaDirectories directories,
            ReplicaReport report,
            StorageSettings settings) {
        this.node = node;
        this.log = log;
        this.directories = directories;
        this.report = report;
        this.settings = settings;
    }

    /**
     * To be asked before anything is opened: log and databases belong together.
     *
     * @throws IOException if only one of them is there, with the cure
     */
    static void requireLogAndDatabases(LogDirectory data) throws IOException {
        boolean hasLog = ReplicationLog.isIn(data.log());
        List<Path> databases = ReplicaDirectories.databases(data.partitions());
        if (!hasLog && !databases.isEmpty()) {
            throw new IOException("there are " + databases.size() + " databases in " + data.partitions()
                    + ", but no log in " + data.log() + "; mount or bring back the log. If it is lost, move "
                    + data.partitions() + " away and start again: what this node had is then taken from other nodes");
        }
        if (hasLog && !ReplicaDirectories.isUsed(data.partitions())) {
            throw new IOException("there is a log in " + data.log() + ", but no databases in " + data.partitions()
                    + "; mount or bring them back. If they are lost, make the directory "
                    + data.partitions().resolve("snapshots") + " and start again: the log is used, and what it does not"
                    + " hold is taken from other nodes");
        }
    }

    /** @throws IOException if a database cannot be opened for a reason that has nothing to do with what is in it */
    void run(Taker taker) throws IOException {
        for (PartitionLog partitionLog : List.copyOf(log.partitions())) {
            PartitionId partition = partitionLog.partition();
            try {
                RecoveredReplica found = RecoveredReplica.recover(node, log, partitionLog, directories, settings);
                PartitionHost host = taker.take(found);
                if (found.stuckBecause() != null) {
                    host.databaseFailed(new StorageFailedException(found.stuckBecause()), MonotonicClock.millis());
                }
            } catch (StorageUnreachableException e) {
                throw new IOException(
                        "the replica of " + partition + " cannot be opened, and nothing shows that it is damaged; it is"
                                + " left as it is. Mend this and start again: " + e.getMessage(),
                        e);
            } catch (RecoveredReplica.BrokenReplicaException e) {
                LOG.error("the replica of {} on {} is to be rebuilt from a peer: {}", partition, node, e.getMessage());
                report.rebuilt(partition, e.getMessage());
                @Nullable Path aside = directories.setAside(partition);
                if (aside != null) {
                    LOG.error("its database is kept as {} until the replica counts again", aside);
                }
                if (partitionLog.readableFrom(LogIndex.NONE) == null) {
                    log.dropReplica(partition);
                } // else its log ends when the group says whether what it holds may be lost with it
            }
        }
        log.sync();
    }
}
