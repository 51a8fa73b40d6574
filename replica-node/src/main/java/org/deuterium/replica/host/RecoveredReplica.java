package org.deuterium.replica.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.deuterium.replica.log.PartitionLog;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replica.storage.StorageUnreachableException;
import org.deuterium.replication.LogShape;
import org.deuterium.replication.ReplicaState;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica as it was found on disk after a stop or a crash: its database at an index of the log, and the log from there
 * on. Entries after that index are applied once they are known to be committed, each exactly once.
 *
 * <p>The log is what it votes and counts by. If only the database is of no use, the log is kept: from its very beginning it
 * makes the database anew; else that of the leader has to come.
 *
 * @param stuckBecause why its database is of no use and its log does not begin early enough; null if it can go on
 */
record RecoveredReplica(
        ReplicaState state, H2Storage storage, @Nullable String stuckBecause) {

    private static final Logger LOG = LoggerFactory.getLogger(RecoveredReplica.class);

    /** Its log is damaged, or shows no beginning; the replica is to be rebuilt from a peer, under another storage id. */
    static final class BrokenReplicaException extends Exception {

        private static final long serialVersionUID = 1;

        BrokenReplicaException(String message) {
            super(message);
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
        PartitionId partition = partitionLog.partition();
        directories.mend(partition);
        LogIndex base = baseOf(partitionLog);
        @Nullable H2Storage found = null;
        String why = "its directory is gone";
        if (Files.exists(directories.of(partition))) {
            try {
                found = H2Storage.open(directories.of(partition), settings);
                why = "its database shows " + found.appliedIndex() + ", but its log begins after " + base;
            } catch (StorageUnreachableException e) {
                throw e;
            } catch (RuntimeException e) { // a damaged file fails in any way
                LOG.error("{} on {}: its database is damaged", partition, node, e);
                why = "its database is damaged: " + e.getMessage();
            }
        }
        if (found != null && !base.isAfter(found.appliedIndex())) {
            return new RecoveredReplica(stateOf(node, log, partitionLog, base, found), found, null);
        }
        H2Storage empty = emptyInsteadOf(found, partition, directories, settings);
        LOG.error("{} on {}: {}; log and vote are kept", partition, node, why);
        return new RecoveredReplica(
                state(node, partitionLog, base, base), empty, base.equals(LogIndex.NONE) ? null : why);
    }

    /** What was there before is kept aside, unless it is as empty. */
    private static H2Storage emptyInsteadOf(
            @Nullable H2Storage found, PartitionId partition, ReplicaDirectories directories, StorageSettings settings)
            throws IOException {
        if (found != null) {
            if (found.appliedIndex().equals(LogIndex.NONE)) {
                return found;
            }
            found.abandon();
        }
        @Nullable Path aside = directories.setAside(partition);
        if (aside != null) {
            LOG.error("the database of {} that is of no use is kept as {} until there is another", partition, aside);
        }
        return H2Storage.open(directories.of(partition), settings);
    }

    private static ReplicaState stateOf(
            NodeId node, ReplicationLog log, PartitionLog partitionLog, LogIndex base, H2Storage storage) {
        LogIndex applied = storage.appliedIndex();
        @Nullable Term loggedTerm = partitionLog.termAt(applied);
        boolean ofAnotherTerm = loggedTerm != null && !loggedTerm.equals(storage.appliedTerm());
        if (applied.isAfter(partitionLog.lastIndex()) || ofAnotherTerm) {
            // a snapshot was put in place, and the crash came before the log could say so
            log.snapshotInstalled(
                    partitionLog.partition(), applied, storage.appliedTerm(), partitionLog.lastTimestamp());
            return state(node, partitionLog, applied, applied);
        }
        if (partitionLog.checkpointIndex().isAfter(applied)) {
            LOG.warn(
                    "{}: the database shows {}, although {} was checkpointed; the log brings the rest back",
                    partitionLog.partition(),
                    applied,
                    partitionLog.checkpointIndex());
        }
        return state(node, partitionLog, base, applied);
    }

    private static ReplicaState state(NodeId node, PartitionLog partitionLog, LogIndex base, LogIndex applied) {
        LogShape shape = new LogShape();
        Term baseTerm = Objects.requireNonNull(partitionLog.termAt(base));
        shape.startAfter(base.position(), baseTerm.number());
        for (long index = base.position() + 1; index <= partitionLog.lastIndex().position(); index++) {
            Term term = Objects.requireNonNull(partitionLog.termAt(new LogIndex(index)));
            shape.append(index, term.number());
        }
        return new ReplicaState(
                partitionLog.partition(),
                node,
                partitionLog.storage(),
                partitionLog.promised(),
                shape,
                partitionLog.lastTimestamp(),
                applied);
    }

    /** The last entry before those that can be used: its term must be known. */
    private static LogIndex baseOf(PartitionLog partitionLog) throws BrokenReplicaException {
        LogIndex before = new LogIndex(partitionLog.firstIndex().position() - 1);
        if (partitionLog.termAt(before) != null) {
            return before;
        }
        if (partitionLog.termAt(before.next()) != null) {
            return before.next();
        }
        throw new BrokenReplicaException("its log shows no term before " + partitionLog.firstIndex());
    }
}
