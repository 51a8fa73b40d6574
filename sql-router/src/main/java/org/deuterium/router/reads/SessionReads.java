package org.deuterium.router.reads;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ReadBound;

/** What one session has set about its reads, and how far it has come. The rules belong to the request whose turn it is. */
public final class SessionReads {

    /** How long a follower that is behind may take, unless a router is told otherwise. */
    public static final int DEFAULT_WAIT_MILLIS = 50;

    private final SessionProgress progress = new SessionProgress();
    private final int followerWaitMillis;
    private volatile ReadRules rules = ReadRules.DEFAULT;

    /** @param followerWaitMillis how long a follower that is behind may take before the leader is asked */
    public SessionReads(int followerWaitMillis) {
        this.followerWaitMillis = followerWaitMillis;
    }

    public SessionProgress progress() {
        return progress;
    }

    public ReadRules rules() {
        return rules;
    }

    public void rules(ReadRules changed) {
        rules = changed;
    }

    /** What a follower of this partition must show for the next read. */
    public ReadBound atFollower(PartitionId partition) {
        ReadRules mine = rules;
        return mine.preference() == ReadPreference.TAIL
                ? ReadBound.atTail(progress.atLeader().dependsOn(), followerWaitMillis)
                : progress.atFollower(partition, mine, followerWaitMillis);
    }
}
