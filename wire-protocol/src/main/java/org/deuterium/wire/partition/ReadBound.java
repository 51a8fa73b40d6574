package org.deuterium.wire.partition;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What a session asks of the replica that answers it, so that it sees its own writes, never goes back in time, and sees
 * no effect without its cause (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", 1994).
 *
 * @param positionWanted true if the answer is to say where in the log it stands ({@link PositionedAnswer})
 * @param dependsOn nothing that the session has seen or done has a later timestamp; an entry it writes gets a later one
 * @param follower true if a follower may answer: a plain read, outside of every branch
 * @param least what a follower must show at least: the log up to here
 * @param causal true if a follower must show every entry up to {@code dependsOn}
 * @param current true if a follower must show everything that was committed when the request came to it: the session
 *     does not know its own past any more
 * @param maxStalenessMillis how far a follower may lag behind what its leader shows; 0 for no bound; {@link #NOT_AT_ALL} for a
 *     linearizable read, which a follower answers only as the tail of a chain, under its lease
 * @param waitMillis how long a follower may wait until it can answer, before it says REPLICA_BEHIND
 * @param cut the answer is to show exactly what was committed up to this timestamp, and what the transaction itself has
 *     done, so that several partitions show one state; ZERO to show what there is. For queries; a replica that shows more
 *     already, or cannot show that moment in time, answers CUT_MISSED, in a PositionedAnswer that says how far it is
 * @param retained true if the cut is a moment of the past, of which the leader keeps the state: a branch that opens so shows it
 *     until its end, and only reads; a leader that does not keep it answers STATE_NOT_RETAINED
 */
public record ReadBound(
        boolean positionWanted,
        Timestamp dependsOn,
        boolean follower,
        LogIndex least,
        boolean causal,
        boolean current,
        int maxStalenessMillis,
        int waitMillis,
        Timestamp cut,
        boolean retained) {

    /** Work that belongs to no session: only the leader does it, and nobody asks for its position. */
    public static final ReadBound NONE = new ReadBound(false, Timestamp.ZERO, false, LogIndex.NONE, false, false, 0, 0);

    /** A value of {@code maxStalenessMillis}. */
    private static final int NOT_AT_ALL = -1;

    private static final int CUT = 16;
    private static final int RETAINED = 32;
    private static final int POSITION_WANTED = 1;
    private static final int FOLLOWER = 2;
    private static final int CAUSAL = 4;
    private static final int CURRENT = 8;

    /** At no cut. */
    public ReadBound(
            boolean positionWanted,
            Timestamp dependsOn,
            boolean follower,
            LogIndex least,
            boolean causal,
            boolean current,
            int maxStalenessMillis,
            int waitMillis) {
        this(
                positionWanted,
                dependsOn,
                follower,
                least,
                causal,
                current,
                maxStalenessMillis,
                waitMillis,
                Timestamp.ZERO,
                false);
    }

    /** The same at a cut, which is not before {@code dependsOn}; ZERO for none. */
    public ReadBound atCut(Timestamp timestamp) {
        return new ReadBound(
                positionWanted,
                dependsOn,
                follower,
                least,
                causal,
                current,
                maxStalenessMillis,
                waitMillis,
                timestamp,
                false);
    }

    /** The same in a state of the past; asks the leader. */
    public ReadBound atRetained(Timestamp timestamp) {
        return new ReadBound(positionWanted, dependsOn, false, LogIndex.NONE, false, false, 0, 0, timestamp, true);
    }

    /** True if the answer waits for a cut. */
    public boolean isAtCut() {
        return cut.value() != 0 && !retained;
    }

    /** True if the answer is of the past. */
    public boolean isRetained() {
        return retained;
    }

    /** For the leader only, which shows everything: a write, or a read that must not be old. */
    public static ReadBound atLeader(Timestamp dependsOn) {
        return new ReadBound(true, dependsOn, false, LogIndex.NONE, false, false, 0, 0);
    }

    /** For the tail of a chain, which shows everything that was committed when the request came to it. */
    public static ReadBound atTail(Timestamp dependsOn, int waitMillis) {
        return new ReadBound(true, dependsOn, true, LogIndex.NONE, false, false, NOT_AT_ALL, waitMillis);
    }

    /** True if a follower may answer only as a tail ({@link #atTail}). */
    public boolean isStrong() {
        return maxStalenessMillis == NOT_AT_ALL;
    }

    /** The same for a tail that knows what it must show. */
    public ReadBound showing(LogIndex atLeast) {
        return new ReadBound(
                positionWanted, dependsOn, follower, atLeast, causal, current, 0, waitMillis, cut, retained);
    }

    void encode(WireWriter out) {
        out.writeByte((positionWanted ? POSITION_WANTED : 0)
                | (follower ? FOLLOWER : 0)
                | (causal ? CAUSAL : 0)
                | (current ? CURRENT : 0)
                | (isAtCut() ? CUT : 0)
                | (retained ? RETAINED : 0));
        out.writeVLong(dependsOn.value());
        if (follower) {
            out.writeVLong(least.position()).writeVInt(maxStalenessMillis).writeVInt(waitMillis);
        }
        if (isAtCut() || retained) {
            out.writeVLong(cut.value());
        }
    }

    static ReadBound decode(WireReader in) {
        int flags = in.readByte();
        Timestamp dependsOn = new Timestamp(in.readVLong());
        boolean follower = (flags & FOLLOWER) != 0;
        return new ReadBound(
                (flags & POSITION_WANTED) != 0,
                dependsOn,
                follower,
                follower ? new LogIndex(in.readVLong()) : LogIndex.NONE,
                (flags & CAUSAL) != 0,
                (flags & CURRENT) != 0,
                follower ? in.readVInt() : 0,
                follower ? in.readVInt() : 0,
                (flags & (CUT | RETAINED)) != 0 ? new Timestamp(in.readVLong()) : Timestamp.ZERO,
                (flags & RETAINED) != 0);
    }
}
