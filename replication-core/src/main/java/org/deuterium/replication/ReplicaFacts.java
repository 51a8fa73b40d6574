package org.deuterium.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.jspecify.annotations.Nullable;

/** What is true of a replica whatever its role: who it is, what it promised, how far its log goes and holds. */
final class ReplicaFacts {

    final PartitionId partition;
    final NodeId node;
    final StorageId storage;
    final ReplicaSettings settings;
    final LogShape log;
    final EffectsBuffer out = new EffectsBuffer();

    /** When this process took up the replica, on its own clock. */
    final long startedMillis;

    /** Every term before this one is refused. */
    Term promised;

    Timestamp lastTimestamp;

    /** The log up to here is fsynced. */
    long durable;

    /** The log up to here is known to be committed, and fsynced here. */
    long commit;

    long applied;

    /** H2 failed on what comes after {@code applied}, and shows nobody anything; the log is as good as ever. */
    boolean stuck;

    /**
     * Entries of this and older terms may have been acknowledged by a leader that was alone with them (ASYNC); a process
     * that has not read the group yet does not know, and takes all for such.
     */
    long asyncThrough = Long.MAX_VALUE;

    /** Everything after this index was set aside; {@link Long#MAX_VALUE} if nothing was that is still in the log. */
    private long asideAfter = Long.MAX_VALUE;

    /** Whom this process last heard as a leader, and of which term. */
    @Nullable
    NodeId heardLeader;

    long heardTerm;

    /** Until then, on this node's clock, a leader may rely on this voter: it gives no promise. */
    long promisesNothingUntil;

    ReplicaFacts(ReplicaState state, ReplicaSettings settings, long nowMillis) {
        this.partition = state.partition();
        this.node = state.node();
        this.storage = state.storage();
        this.settings = settings;
        this.log = state.log();
        this.startedMillis = nowMillis;
        // entries of a term are never older than the promise of it
        this.promised = new Term(Math.max(state.promised().number(), log.lastTerm()));
        this.lastTimestamp = state.lastTimestamp();
        this.durable = log.lastIndex();
        this.applied = state.applied().position();
        this.commit = Math.max(applied, log.baseIndex());
        // what was confirmed before a restart is not on the disk: it may have been just now
        this.promisesNothingUntil = promised.equals(Term.NONE) ? nowMillis : nowMillis + settings.graceMillis();
        if (applied > log.lastIndex()) {
            throw new IllegalStateException(partition + " on " + node + ": H2 shows i" + applied
                    + " but the log ends at i" + log.lastIndex() + "; a log that lost its end must not vote."
                    + " Remove this replica's directory: it is then rebuilt from a peer");
        }
    }

    void discardAfter(long index) {
        if (index < commit) {
            throw new IllegalStateException(partition + " on " + node + ": asked to discard after i" + index
                    + " what is committed up to i" + commit);
        }
        log.discardAfter(index);
        durable = Math.min(durable, index);
        out.discardAfter(new LogIndex(index));
    }

    /** Entries after this index are about to be taken out of the log: keeps them for people if clients may know of them. */
    void setAside(long after) {
        long from = Math.max(after, log.baseIndex());
        if (from < Math.min(log.lastIndex(), asideAfter) && log.termAt(from + 1) <= asyncThrough) {
            asideAfter = from;
            out.setAside(new LogIndex(from));
        }
    }

    /** What comes now was never set aside. */
    void appended() {
        asideAfter = Long.MAX_VALUE;
    }

    /** Moves the commit index forward to {@code index}; a lower one changes nothing. */
    void commitTo(long index) {
        if (index > commit) {
            if (index > durable) {
                throw new IllegalStateException(partition + " on " + node + ": commit of i" + index
                        + " that is fsynced here only up to i" + durable);
            }
            commit = index;
            out.commitTo(new LogIndex(index));
        }
    }

    /**
     * What a leader tells of the commit index: only what its own H2 shows. So no follower shows an entry before the leader
     * does, and whoever has read it at a follower finds it at the leader too.
     */
    long toldCommit() {
        return Math.min(commit, applied);
    }

    /** H2 is another one, which shows everything up to {@code index}, and can go on. */
    void databaseReplaced(long index) {
        stuck = false;
        applied = index;
        commitTo(index);
    }

    void tookTimestamp(Timestamp timestamp) {
        if (timestamp.compareTo(lastTimestamp) > 0) {
            lastTimestamp = timestamp;
        }
    }
}
