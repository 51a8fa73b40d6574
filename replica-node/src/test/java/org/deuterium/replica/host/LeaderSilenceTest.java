package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SilentLeader;
import org.junit.jupiter.api.Test;

/** When a follower says that its leader is silent. */
class LeaderSilenceTest {

    private static final NodeId SELF = new NodeId("n1");
    private static final NodeId LEADER = new NodeId("n2");
    private static final PartitionId P = new PartitionId(3);

    private final LeaderSilence silence = new LeaderSilence(SELF);
    private final ReplicaGroup group =
            PartitionState.unformed(P, List.of(SELF, LEADER)).group().withNextTerm();
    private long now = 1_000_000;

    /** Looks every half second; the last look's answer. */
    private List<SilentLeader> lookFor(long millis, boolean heard) {
        List<SilentLeader> silent = List.of();
        for (long until = now + millis; now < until; ) {
            now += 500;
            if (heard) {
                silence.heard(P, LEADER, now);
            }
            silent = silence.look(now);
        }
        return silent;
    }

    @Test
    void aLeaderIsSilentWhenNothingCameForLong() {
        silence.look(now);
        silence.follow(group.withLeader(LEADER), now);
        assertEquals(List.of(), lookFor(LeaderSilence.SILENT_MILLIS - 500, false));
        assertEquals(List.of(new SilentLeader(P, new Term(1))), lookFor(500, false));
        assertEquals(List.of(), lookFor(10_000, true));
        silence.heard(P, SELF, now);
        assertEquals(1, lookFor(LeaderSilence.SILENT_MILLIS, false).size());
    }

    @Test
    void aNewLeaderHasTimeToSpeak_andNobodyListensToItself() {
        silence.look(now);
        silence.follow(group.withLeader(LEADER), now);
        lookFor(LeaderSilence.SILENT_MILLIS, false);
        silence.follow(group.withNextTerm().withLeader(LEADER), now);
        assertEquals(List.of(), silence.look(now));
        silence.follow(group.withNextTerm().withNextTerm().withLeader(SELF), now);
        assertEquals(List.of(), lookFor(10_000, false));
    }

    @Test
    void whoStoodStillItselfBlamesNobody() {
        silence.look(now);
        silence.follow(group.withLeader(LEADER), now);
        now += 60_000;
        assertEquals(List.of(), silence.look(now));
        assertEquals(List.of(), lookFor(LeaderSilence.SILENT_MILLIS - 500, false));
        assertEquals(1, lookFor(500, false).size());
    }
}
