package org.deuterium.replication;

import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.jspecify.annotations.Nullable;

/** How far the leader has brought one follower, and what is on the way to it. */
final class FollowerProgress {

    /** How the follower is being sent entries. */
    enum Mode {
        /** Looking for the place where the logs agree: empty messages only. */
        PROBE,
        /** The logs agree before {@code next}: messages follow each other without waiting. */
        STREAM,
        /** What it needs is no longer in the log: it is being sent a snapshot. */
        SNAPSHOT
    }

    final NodeId node;

    /** The directory that answered last; null before the first answer. */
    @Nullable
    StorageId storage;

    Mode mode = Mode.STREAM;

    /** Fsynced there, and the same as here, up to this index. */
    long match;

    /** The index of the next entry to send. */
    long next;

    /** Whether this directory is the one the group knows of this node. */
    boolean registered;

    /** Whether it votes in the group in force, and in the one being tried. */
    boolean votes;

    boolean votesInTried;

    /** Its database cannot go on with the log. */
    boolean stuck;

    /** A {@link Effects.SendFromLog} is being performed. */
    boolean reading;

    /** The commit index it was sent last. */
    long toldCommit;

    /** The leader's clock when it sent the latest message that the follower has confirmed; 0 if none. */
    long confirmedMillis;

    /** It gets entries through a chain; what is sent to it directly are heartbeats. */
    boolean chained;

    /** It lost something on its way through a chain: until then it is sent everything directly. */
    long aloneUntilMillis;

    /** Until then on the leader's clock it may answer strong reads as a tail: nothing may be committed without it. */
    long tailUntilMillis;

    /** When its {@code match} last moved. */
    long progressMillis;

    long lastSentMillis;
    long lastHeardMillis;

    /** When it last had all that was in the log at that time. */
    private long caughtUpMillis;

    private long lagTargetIndex;
    private long lagTargetMillis;
    private final InflightWindow inflight;

    FollowerProgress(NodeId node, long next, ReplicaSettings settings, long nowMillis) {
        this.node = node;
        this.next = next;
        this.inflight = new InflightWindow(settings.inflightMessages(), settings.inflightBytes());
        this.lastHeardMillis = nowMillis;
        this.caughtUpMillis = nowMillis;
        this.lagTargetMillis = nowMillis;
        this.lagTargetIndex = next - 1;
    }

    /** True if an entry at {@code index} can be sent straight away, because everything before it is on the way. */
    boolean takesDirectly(long index) {
        return mode == Mode.STREAM && next == index && !reading && !inflight.full();
    }

    /** True if there are entries to be read from the log for it. */
    boolean wantsFromLog(long lastIndex) {
        return mode == Mode.STREAM && next <= lastIndex && !reading && !inflight.full();
    }

    void sent(long lastIndex, long bytes, long nowMillis) {
        inflight.add(lastIndex, bytes);
        next = lastIndex + 1;
        lastSentMillis = nowMillis;
    }

    /** Entries are on their way to it through others; its heartbeats go on. */
    void sentAlong(long lastIndex, long bytes) {
        inflight.add(lastIndex, bytes);
        next = lastIndex + 1;
    }

    /** Another directory answers: nothing that was known of the former one holds for it. */
    void startOver(StorageId newStorage, long nextIndex) {
        storage = newStorage;
        match = 0;
        confirmedMillis = 0;
        probeAt(nextIndex);
    }

    void probeAt(long nextIndex) {
        mode = Mode.PROBE;
        next = nextIndex;
        inflight.clear();
    }

    void needSnapshot() {
        mode = Mode.SNAPSHOT;
        inflight.clear();
    }

    /** The follower has everything up to {@code index} fsynced. */
    void acknowledged(long index, long baseIndex) {
        match = Math.max(match, index);
        inflight.freeThrough(match);
        if (mode == Mode.PROBE && index >= next - 1 || mode == Mode.SNAPSHOT && index >= baseIndex) {
            mode = Mode.STREAM;
            next = match + 1;
        }
        next = Math.max(next, match + 1);
    }

    /** How long ago it had everything that was in the log, and was alive. */
    long lagMillis(long lastIndex, long nowMillis) {
        if (match >= lagTargetIndex) {
            caughtUpMillis = match >= lastIndex ? nowMillis : lagTargetMillis;
            lagTargetIndex = lastIndex;
            lagTargetMillis = nowMillis;
        }
        return nowMillis - Math.min(caughtUpMillis, lastHeardMillis);
    }
}
