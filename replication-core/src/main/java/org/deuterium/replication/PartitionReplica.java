package org.deuterium.replication;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;

/**
 * One replica of one partition: it is told what happened and answers with what is to be done. It has no clock, thread,
 * file, socket or randomness; one thread calls it, and performs each {@link Effects} before the next call.
 *
 * <p>{@code nowMillis} is milliseconds since 1970 that never fall (the host's wall clock at its start plus monotonic
 * time): it drives heartbeats and lag, and the timestamps of entries.
 *
 * <p>The driving loop:
 *
 * <pre>{@code
 * drain queued events -> effects of each core, performed in the order of their fields, sendAfterDurable kept back
 * if anything was written: one fsync for all cores
 * send what was kept back
 * for each core that was given entries: perform(core.onDurable(its last appended index, now))
 * every 10 to 50 ms: perform(core.onTick(now)) for each core
 * }</pre>
 */
public final class PartitionReplica {

    public PartitionReplica(ReplicaState state, ReplicaSettings settings) {
        throw new UnsupportedOperationException();
    }

    /** A message of another replica, or a controller's {@code PromiseRequest}; the answer to it goes to {@code from}. */
    public Effects onMessage(NodeId from, ReplicationMessage message, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    public Effects onTick(long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /** Appends the proposals in their order, {@code Effects.append} has one entry for each; or refuses all of them. */
    public Effects onProposals(List<Proposal> proposals, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /** Everything that was appended up to {@code index} is fsynced (in a log whose last discard is fsynced too). */
    public Effects onDurable(LogIndex index, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /** H2 shows everything up to {@code index}. */
    public void onApplied(LogIndex index) {
        throw new UnsupportedOperationException();
    }

    /** The partition's state was read from the coordinator, at start, by a watch, or after a compare-and-set. */
    public Effects onConfig(ReplicaGroup group, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /**
     * A {@link Effects.SendFromLog} was handed to the network.
     *
     * @param lastSent the index of the last entry sent; {@code from - 1} if nothing could be read
     */
    public Effects onSentFromLog(NodeId to, LogIndex lastSent, long bytes, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /** Leader: the sending of a snapshot that was asked for has ended, well or badly. */
    public Effects onSnapshotSent(NodeId to, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /**
     * Follower: a snapshot was installed and is durable, with a log that begins after it; {@code applied} is its index.
     * The host calls it only if {@link #wantsSnapshot} said yes before anything was replaced.
     */
    public Effects onSnapshotInstalled(LogIndex index, Term term, Timestamp lastTimestamp, long nowMillis) {
        throw new UnsupportedOperationException();
    }

    /** True if a snapshot as of {@code index}, offered by the leader of {@code term}, would bring this replica on. */
    public boolean wantsSnapshot(Term term, LogIndex index) {
        throw new UnsupportedOperationException();
    }

    /** The host has cut the log: entries up to {@code index} can no longer be read. */
    public void onLogCut(LogIndex index) {
        throw new UnsupportedOperationException();
    }
}
