package org.deuterium.router.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.deuterium.router.execute.FakeBoard;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each preference, at a router that holds a replica, leads, or does neither. */
class ReadPlacesTest {

    private static final PartitionId P = new PartitionId(7);
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");
    private static final NodeId ROUTER = new NodeId("router");

    private final FakeBoard board = new FakeBoard(ROUTER);

    @BeforeEach
    void threeReplicasLedByA() {
        for (NodeId node : List.of(A, B, C)) {
            board.addNode(node, new NodeAddress("127.0.0.1", 1));
        }
        show(AckRule.QUORUM, A, A, B, C);
    }

    private void show(AckRule rule, NodeId leader, NodeId... inSync) {
        List<ReplicaGroup.Voter> voters = new ArrayList<>();
        for (NodeId node : List.of(A, B, C)) {
            voters.add(new ReplicaGroup.Voter(node, new StorageId("of-" + node)));
        }
        board.show(new ReplicaGroup(P, new Term(1), leader, rule, voters, List.of(inSync), 1));
    }

    private NodeId at(NodeId self, ReadPreference preference) {
        return new ReadPlaces(self, board).followerFor(P, preference);
    }

    @Test
    void theLeaderIsAskedWhereNobodyWantsAnother() {
        for (NodeId self : List.of(A, B, ROUTER)) {
            assertNull(at(self, ReadPreference.LEADER));
        }
        assertNull(new ReadPlaces(ROUTER, board).followerFor(new PartitionId(99), ReadPreference.FOLLOWER));
    }

    @Test
    void aFollowerAsksItselfAndTheOthersTakeTurns() {
        assertEquals(B, at(B, ReadPreference.FOLLOWER));
        for (NodeId self : List.of(A, ROUTER)) {
            ReadPlaces places = new ReadPlaces(self, board);
            Set<NodeId> asked = new TreeSet<>();
            for (int i = 0; i < 2; i++) {
                asked.add(places.followerFor(P, ReadPreference.FOLLOWER));
            }
            assertEquals(Set.of(B, C), asked, "at " + self);
        }
        board.removeNode(B);
        assertEquals(C, at(ROUTER, ReadPreference.FOLLOWER));
        board.removeNode(C);
        assertNull(at(ROUTER, ReadPreference.FOLLOWER), "no follower lives");
    }

    @Test
    void whoHoldsAReplicaIsItsOwnNearest() {
        assertNull(at(A, ReadPreference.NEAREST), "it leads");
        assertEquals(B, at(B, ReadPreference.NEAREST));
    }

    @Test
    void theNearestIsWhoAnswersSoonest() {
        ReadPlaces places = new ReadPlaces(ROUTER, board);
        List<NodeId> tried = new ArrayList<>();
        for (int i = 0; i < 3; i++) { // each is measured once
            NodeId follower = places.followerFor(P, ReadPreference.NEAREST);
            tried.add(follower == null ? A : follower);
        }
        assertEquals(Set.of(A, B, C), new TreeSet<>(tried));
        places.answered(A, 3_000_000);
        places.answered(B, 2_000_000);
        places.answered(C, 1_000_000);
        assertEquals(C, places.followerFor(P, ReadPreference.NEAREST));
        for (int i = 0; i < 20; i++) {
            places.answered(C, 9_000_000);
        }
        assertEquals(B, places.followerFor(P, ReadPreference.NEAREST), "C has become slow");
        board.removeNode(B);
        assertNull(places.followerFor(P, ReadPreference.NEAREST), "the leader is nearer than C");
    }

    @Test
    void theTailIsAskedUnderChainOnly() {
        assertNull(at(ROUTER, ReadPreference.TAIL), "as the leader where there is no chain");
        show(AckRule.chain(2), A, A, C, B);
        for (NodeId self : List.of(A, B, C, ROUTER)) {
            assertEquals(B, at(self, ReadPreference.TAIL), "at " + self);
        }
        show(AckRule.chain(2), A, A, C);
        assertEquals(C, at(ROUTER, ReadPreference.TAIL), "B has left the chain");
        board.removeNode(C);
        assertNull(at(ROUTER, ReadPreference.TAIL), "the tail is dead, and has not left the chain yet");
        show(AckRule.chain(1), A, A);
        assertNull(at(ROUTER, ReadPreference.TAIL), "a chain of one");
    }

    @Test
    void allReplicasThatLiveAreToldWithTheChosenOneFirst() {
        List<NodeId> order = new ReadPlaces(B, board).replicasOf(P, ReadPreference.FOLLOWER);
        assertEquals(List.of(B, A, C), order);
        board.removeNode(A);
        assertTrue(
                new ReadPlaces(B, board).replicasOf(P, ReadPreference.FOLLOWER).equals(List.of(B, C)));
    }
}
