package org.deuterium.router.reads;

import java.util.Arrays;
import java.util.BitSet;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.ReadBound;

/**
 * How far a session has come: for each partition the last entry it wrote and the last it may have seen, and a timestamp
 * that none of them exceeds (a vector of positions, as in Terry et al. 1994). It only grows. Safe for several threads,
 * since the partitions of one statement answer when they like.
 */
public final class SessionProgress {

    private long[] written = new long[4];
    private long[] seen = new long[4];
    private Timestamp latest = Timestamp.ZERO;
    private ReadBound atLeader = ReadBound.atLeader(Timestamp.ZERO);

    /** The session was on another router, whose memory of it is gone. */
    private boolean forgetful;

    /** Partitions whose positions do not say all that the session has done there; if it is forgetful, those whose do. */
    private BitSet exceptions = new BitSet();

    /** A partition's answer showed nothing after this place. */
    public synchronized void saw(PartitionId partition, LogIndex index, Timestamp timestamp) {
        seen = raised(seen, partition.number(), index.position());
        raise(timestamp);
    }

    /** The same, and it showed all that was committed when it was asked for. */
    public synchronized void sawEverything(PartitionId partition, LogIndex index, Timestamp timestamp) {
        saw(partition, index, timestamp);
        written = raised(written, partition.number(), isForgotten(partition.number()) ? index.position() : 0);
        exceptions.set(partition.number(), forgetful);
    }

    /** A commit of this session has this place. */
    public synchronized void wrote(PartitionId partition, LogIndex index, Timestamp timestamp) {
        written = raised(written, partition.number(), index.position());
        seen = raised(seen, partition.number(), isForgotten(partition.number()) ? index.position() : 0);
        raise(timestamp);
        exceptions.set(partition.number(), forgetful);
    }

    /** The session may have committed something there, and nobody says where. */
    public synchronized void forgot(PartitionId partition) {
        exceptions.set(partition.number(), !forgetful);
    }

    private boolean isForgotten(int partition) {
        return exceptions.get(partition) != forgetful;
    }

    /** The session was shown the state of a moment, also what was not there: what it writes comes later. */
    public synchronized void sawMoment(Timestamp moment) {
        raise(moment);
    }

    private void raise(Timestamp timestamp) {
        if (timestamp.compareTo(latest) > 0) {
            latest = timestamp;
            atLeader = ReadBound.atLeader(timestamp);
        }
    }

    private static long[] raised(long[] positions, int partition, long index) {
        long[] room = partition < positions.length
                ? positions
                : Arrays.copyOf(positions, Math.max(partition + 1, 2 * positions.length));
        room[partition] = Math.max(room[partition], index);
        return room;
    }

    private static long at(long[] positions, int partition) {
        return partition < positions.length ? positions[partition] : 0;
    }

    /** What goes with everything a leader does for this session. */
    public synchronized ReadBound atLeader() {
        return atLeader;
    }

    /** What a follower of this partition must show for the session's next read. */
    synchronized ReadBound atFollower(PartitionId partition, ReadRules rules, int waitMillis) {
        int number = partition.number();
        long least = Math.max(
                rules.readYourWrites() ? at(written, number) : 0, rules.monotonicReads() ? at(seen, number) : 0);
        return new ReadBound(
                true,
                latest,
                true,
                new LogIndex(least),
                rules.consistentPrefix(),
                rules.remembers() && isForgotten(number),
                rules.maxStalenessMillis(),
                waitMillis);
    }

    /**
     * The session goes on here after its router was lost, with whatever it remembers itself: a follower of a partition
     * must show everything once before its positions say enough. Its timestamp is taken to be the present.
     */
    public synchronized void lostMemory(long nowMillis) {
        forgetful = true;
        exceptions.clear();
        raise(Timestamp.ofMillis(nowMillis));
    }

    synchronized boolean hasLostMemory() {
        return forgetful;
    }

    /** Takes over what another session has seen and done. */
    synchronized void merge(Picture other) {
        for (int i = 0; i < other.written.length; i++) {
            if (other.written[i] > 0) {
                written = raised(written, i, other.written[i]);
            }
        }
        for (int i = 0; i < other.seen.length; i++) {
            if (other.seen[i] > 0) {
                seen = raised(seen, i, other.seen[i]);
            }
        }
        raise(other.latest);
        boolean either = forgetful || other.forgetful;
        BitSet merged = new BitSet();
        for (int i = Math.max(exceptions.length(), other.exceptions.length()) - 1; i >= 0; i--) {
            boolean forgotten = isForgotten(i) || other.exceptions.get(i) != other.forgetful;
            merged.set(i, forgotten != either);
        }
        forgetful = either;
        exceptions = merged;
    }

    /**
     * Forgets everything: another client begins. But a driver says this again, too, when its session goes on after the loss of a
     * router, so that loss is not forgotten; it costs a question per partition.
     */
    public synchronized void clear() {
        written = new long[4];
        seen = new long[4];
        if (!forgetful) {
            latest = Timestamp.ZERO;
            atLeader = ReadBound.atLeader(latest);
            exceptions.clear();
        }
    }

    /** A picture of it for {@link SessionToken}. */
    synchronized Picture picture() {
        return new Picture(written.clone(), seen.clone(), latest, forgetful, (BitSet) exceptions.clone());
    }

    /** Written and seen by number of partition, the latest timestamp, and of which partitions that is not all. */
    @SuppressWarnings("ArrayRecordComponent") // carried from one method to the next, never compared
    record Picture(long[] written, long[] seen, Timestamp latest, boolean forgetful, BitSet exceptions) {}
}
