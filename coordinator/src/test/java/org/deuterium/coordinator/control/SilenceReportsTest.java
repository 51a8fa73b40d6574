package org.deuterium.coordinator.control;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SilentLeader;
import org.junit.jupiter.api.Test;

/** Which reports of silence are believed: a leader whose process lives for ZooKeeper may stand still all the same. */
class SilenceReportsTest {

    private static final NodeId LEADER = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeId N3 = new NodeId("n3");
    private static final Term TERM = new Term(4);

    private final SilenceReports reports = new SilenceReports();
    private final Map<NodeId, ClusterNode> alive = new HashMap<>();
    private long nowNanos = TimeUnit.HOURS.toNanos(1);

    private PartitionState state(AckRule rule, List<NodeId> replicas, List<NodeId> inSync) {
        replicas.forEach(node -> alive.put(node, new ClusterNode(node, new NodeAddress("127.0.0.1", 1), "process", 0)));
        List<ReplicaGroup.Voter> voters = replicas.stream()
                .map(node -> new ReplicaGroup.Voter(node, new StorageId("of-" + node)))
                .toList();
        return new PartitionState(new ReplicaGroup(PartitionId.HOME, TERM, LEADER, rule, voters, inSync, 7), "process");
    }

    /** Twice a second, by these. */
    private boolean silentAfter(PartitionState state, int millis, NodeId... reporters) {
        boolean silent = false;
        for (int passed = 0; passed <= millis; passed += 500) {
            for (NodeId reporter : reporters) {
                reports.add(reporter, new SilentLeader(PartitionId.HOME, TERM), nowNanos);
            }
            silent = reports.isSilent(state, alive, nowNanos);
            nowNanos += TimeUnit.MILLISECONDS.toNanos(500);
        }
        return silent;
    }

    @Test
    void theOnlyFollowerIsBelievedAfterAWhileIfItAloneMayBeElected() {
        PartitionState two = state(AckRule.sync(2), List.of(LEADER, N2), List.of(LEADER, N2));
        assertFalse(silentAfter(two, 1_500, N2), "the leader may be about to go on without it");
        assertTrue(silentAfter(two, 500, N2));
    }

    @Test
    void aFollowerThatTheLeaderGoesOnWithoutIsNot() {
        assertFalse(silentAfter(state(AckRule.sync(2), List.of(LEADER, N2), List.of(LEADER)), 10_000, N2));
        assertFalse(silentAfter(state(AckRule.QUORUM, List.of(LEADER, N2, N3), List.of(LEADER, N3)), 10_000, N2));
        PartitionState three = state(AckRule.QUORUM, List.of(LEADER, N2, N3), List.of(LEADER));
        alive.remove(N3);
        assertFalse(silentAfter(three, 4_000, N2), "it could not be elected alone");
    }

    @Test
    void oneOfTwoUnderAMajorityIsSinceNeitherCanGoOnAlone() {
        assertTrue(silentAfter(state(AckRule.QUORUM, List.of(LEADER, N2), List.of(LEADER)), 3_000, N2));
    }

    @Test
    void oneOfTwoLivingFollowersIsEnoughUnderSync() {
        PartitionState three = state(AckRule.sync(2), List.of(LEADER, N2, N3), List.of(LEADER, N2, N3));
        assertFalse(silentAfter(three, 4_000, N2), "n3 hears it");
        alive.remove(N3);
        assertTrue(silentAfter(three, 4_000, N2));
        assertTrue(silentAfter(three, 0, N2, N3), "a majority is believed at once");
    }

    @Test
    void reportsThatStopCountAnew() {
        PartitionState two = state(AckRule.sync(2), List.of(LEADER, N2), List.of(LEADER, N2));
        assertFalse(silentAfter(two, 1_500, N2));
        nowNanos += TimeUnit.SECONDS.toNanos(5);
        assertFalse(silentAfter(two, 1_500, N2));
    }

    @Test
    void electionsForThisReasonComeSeldom() {
        PartitionState two = state(AckRule.sync(2), List.of(LEADER, N2), List.of(LEADER, N2));
        assertTrue(silentAfter(two, 3_000, N2));
        reports.acted(PartitionId.HOME, nowNanos);
        assertFalse(silentAfter(two, 5_000, N2));
        assertTrue(silentAfter(two, 6_000, N2));
    }
}
