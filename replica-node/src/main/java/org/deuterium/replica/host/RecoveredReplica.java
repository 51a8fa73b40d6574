package org.deuterium.replica.host;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Objects;
import org.deuterium.replica.log.PartitionLog;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replication.LogShape;
import org.deuterium.replication.ReplicaState;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica as it was found on disk after a stop or a crash: its database at an index of the log, and the log from there
 * on. Entries after that index are applied once they are known to be committed, each exactly once.
 */
record RecoveredReplica(ReplicaState state, H2Storage storage) {

    private static final Logger LOG = LoggerFactory.getLogger(RecoveredReplica.class);

    /** What was found does not fit together, or is damaged; the replica is to be rebuilt from a peer. */
    static final class BrokenReplicaException extends Exception {

        private static final long serialVersionUID = 1;

        BrokenReplicaException(String message) {
            super(message);
        }

        BrokenReplicaException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    static RecoveredReplica recover(
            NodeId node,
            ReplicationLog log,
            PartitionLog partitionLog,
            ReplicaDirectories directories,
            StorageSettings settings)
            throws IOException, BrokenReplicaException {
        String damage = partitionLog.damage();
        if (damage != null) {
            throw new BrokenReplicaException(damage);
        }
        directories.mend(partitionLog.partition());
        if (!Files.exists(directories.of(partitionLog.partition()))) {
            throw new BrokenReplicaException("its directory is gone");
        }
        H2Storage storage = open(partitionLog, directories, settings);
        try {
            return new RecoveredReplica(stateOf(node, log, partitionLog, storage), storage);
        } catch (BrokenReplicaException e) {
            storage.abandon();
            throw e;
        }
    }

    private static H2Storage open(PartitionLog partitionLog, ReplicaDirectories directories, StorageSettings settings)
            throws BrokenReplicaException {
        try {
            return H2Storage.open(directories.of(partitionLog.partition()), settings);
        } catch (RuntimeException e) { // a damaged file fails in any way
            throw new BrokenReplicaException("its database cannot be opened: " + e.getMessage(), e);
        }
    }

    private static ReplicaState stateOf(NodeId node, ReplicationLog log, PartitionLog partitionLog, H2Storage storage)
            throws BrokenReplicaException {
        LogIndex applied = storage.appliedIndex();
        @Nullable Term loggedTerm = partitionLog.termAt(applied);
        boolean ofAnotherTerm = loggedTerm != null && !loggedTerm.equals(storage.appliedTerm());
        if (applied.isAfter(partitionLog.lastIndex()) || ofAnotherTerm) {
            // a snapshot was put in place, and the crash came before the log could say so
            log.snapshotInstalled(
                    partitionLog.partition(), applied, storage.appliedTerm(), partitionLog.lastTimestamp());
        }
        if (partitionLog.checkpointIndex().isAfter(applied)) {
            LOG.warn(
                    "{}: the database shows {}, although {} was checkpointed; the log brings the rest back",
                    partitionLog.partition(),
                    applied,
                    partitionLog.checkpointIndex());
        }
        return new ReplicaState(
                partitionLog.partition(),
                node,
                partitionLog.storage(),
                partitionLog.promised(),
                shapeOf(partitionLog, applied),
                partitionLog.lastTimestamp(),
                applied);
    }

    private static LogShape shapeOf(PartitionLog partitionLog, LogIndex applied) throws BrokenReplicaException {
        LogIndex base = new LogIndex(partitionLog.firstIndex().position() - 1);
        @Nullable Term baseTerm = partitionLog.termAt(base);
        if (baseTerm == null) {
            base = base.next();
            baseTerm = partitionLog.termAt(base);
        }
        if (baseTerm == null || base.isAfter(applied)) {
            throw new BrokenReplicaException("its database shows " + applied + ", but its log begins after " + base);
        }
        LogShape shape = new LogShape();
        shape.startAfter(base.position(), baseTerm.number());
        for (long index = base.position() + 1; index <= partitionLog.lastIndex().position(); index++) {
            Term term = Objects.requireNonNull(partitionLog.termAt(new LogIndex(index)));
            shape.append(index, term.number());
        }
        return shape;
    }
}
