package org.deuterium.replication;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.jspecify.annotations.Nullable;

/**
 * What the host has to do after one input, in the order of the fields. {@code persistTerm}, {@code discardAfter} and
 * {@code append} are written to the log in this order and become durable together with the next fsync.
 *
 * @param persistTerm write this promise into the log
 * @param roleChange tell the storage and the clients
 * @param setAside keep a copy of the entries after this index where people find them: they are about to be discarded, and
 *     under ASYNC clients may have been told that they are committed
 * @param parted this replica has applied entries that its leader's log does not have (only ASYNC lets that happen). It
 *     must show them to nobody; its leader sends a snapshot, which takes the place of all of it
 * @param discardAfter write a discard record: the partition's entries after this index are forgotten
 * @param append write these entries
 * @param sendNow send these before the fsync; they say nothing about this disk
 * @param sendFromLog read entries from the log and send them
 * @param sendAfterDurable send these only after everything written so far is fsynced: promises and acknowledgements
 * @param commitTo everything up to here is committed (and fsynced here): apply it, in order
 * @param configChange try to write this group by compare-and-set on {@code version - 1}; whatever comes of it, read the
 *     group back and give it to {@code onConfig}. It is wished again until a group of that version is seen
 * @param refused proposals that were surely not appended
 * @param refusal why they were not; null if none were refused
 * @param snapshotTo nodes that need entries which are no longer in the log: send them a snapshot
 */
public record Effects(
        @Nullable Term persistTerm,
        @Nullable RoleChange roleChange,
        @Nullable LogIndex setAside,
        boolean parted,
        @Nullable LogIndex discardAfter,
        List<LogEntry> append,
        List<Send> sendNow,
        List<SendFromLog> sendFromLog,
        List<Send> sendAfterDurable,
        @Nullable LogIndex commitTo,
        @Nullable ReplicaGroup configChange,
        List<Proposal> refused,
        @Nullable Refusal refusal,
        List<NodeId> snapshotTo) {

    /** Nothing to do. */
    public static final Effects NONE = new Effects(
            null, null, null, false, null, List.of(), List.of(), List.of(), List.of(), null, null, List.of(), null,
            List.of());

    /** Why proposals were not appended. */
    public enum Refusal {
        /** This replica does not lead. */
        NOT_LEADING,
        /** The in-sync set has fewer members than MIN_IN_SYNC; it may be enough again in a moment. */
        TOO_FEW_IN_SYNC,
        /** The lead is being handed over to another replica, which will take them in a moment. */
        HANDING_OVER
    }

    /** One message; two followers that stand equal get the very same object, so that it can be encoded once. */
    public record Send(NodeId to, ReplicationMessage message) {}

    /**
     * Entries {@code from} to {@code through} are to be read from the log and sent in one message after the entry at
     * {@code from - 1}, which has {@code previousTerm}: at least one entry, then as many as fit {@code maxBytes} of
     * payload. The host calls {@code PartitionReplica.onSentFromLog} afterwards; until then that follower gets
     * nothing else.
     */
    public record SendFromLog(
            NodeId to,
            Term term,
            LogIndex from,
            LogIndex through,
            Term previousTerm,
            LogIndex commitIndex,
            long sentMillis,
            int maxBytes) {}

    /** True if something must be written and fsynced. */
    public boolean writes() {
        return persistTerm != null || discardAfter != null || !append.isEmpty();
    }
}
