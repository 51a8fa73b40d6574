package org.deuterium.router.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.deuterium.router.execute.FakeBoard;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.AckRule;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where reads go while nodes answer quickly, slowly and not at all, as time goes by. */
class SilentReplicasTest {

    private static final NodeId SELF = new NodeId("n1");
    private static final NodeId LEADER = new NodeId("n2");
    private static final NodeId THIRD = new NodeId("n3");
    private static final NodeId FOURTH = new NodeId("n4");
    private static final PartitionId P = PartitionId.HOME;
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final FakeBoard board = new FakeBoard(SELF);
    private long nanos = Long.MAX_VALUE - 3 * SECOND; // it may pass the end of a long
    private final ReadPlaces places = new ReadPlaces(SELF, board, () -> nanos);

    @BeforeEach
    void place() {
        for (NodeId node : List.of(LEADER, THIRD, FOURTH)) {
            board.addNode(node, new NodeAddress("127.0.0.1", 1));
        }
        board.place(P, AckRule.QUORUM, List.of(LEADER, THIRD, FOURTH));
    }

    /** Where so many reads go; "leader" for the leader. */
    private Set<String> asked(ReadPreference preference, int reads) {
        Set<String> asked = new TreeSet<>();
        for (int i = 0; i < reads; i++) {
            NodeId follower = places.followerFor(P, preference);
            asked.add(follower == null ? "leader" : follower.name());
        }
        return asked;
    }

    @Test
    void aNodeThatDoesNotAnswerIsLeftAlone_andTriedByOneReadNowAndThen() {
        places.failed(THIRD);
        assertEquals(Set.of("n4"), asked(ReadPreference.FOLLOWER, 10));
        nanos += 4 * SECOND;
        assertEquals(Set.of("n4"), asked(ReadPreference.FOLLOWER, 10));
        nanos += 2 * SECOND;
        assertEquals(1, timesAsked(THIRD, 20), "one read tries it");
        places.failed(THIRD);
        nanos += 6 * SECOND;
        assertEquals(0, timesAsked(THIRD, 20), "left alone for longer each time");
        nanos += 5 * SECOND;
        assertEquals(1, timesAsked(THIRD, 20));
        places.answered(THIRD, MILLISECOND);
        assertEquals(Set.of("n3", "n4"), asked(ReadPreference.FOLLOWER, 10));
        places.failed(THIRD);
        places.failed(FOURTH);
        assertEquals(Set.of("leader"), asked(ReadPreference.FOLLOWER, 4), "nobody else is left");
    }

    private int timesAsked(NodeId node, int reads) {
        int times = 0;
        for (int i = 0; i < reads; i++) {
            times += node.equals(places.followerFor(P, ReadPreference.FOLLOWER)) ? 1 : 0;
        }
        return times;
    }

    @Test
    void theTailIsAskedUnlessItIsSilent() {
        board.place(P, AckRule.chain(2), List.of(LEADER, THIRD, FOURTH));
        assertEquals(Set.of("n4"), asked(ReadPreference.TAIL, 2));
        places.failed(FOURTH);
        assertEquals(Set.of("leader"), asked(ReadPreference.TAIL, 2));
    }

    @Test
    void theQuickestNodeIsTheNearest_leaderOrNot() {
        assertEquals(Set.of("leader", "n3", "n4"), asked(ReadPreference.NEAREST, 3), "each is measured");
        places.answered(LEADER, MILLISECOND);
        places.answered(THIRD, 20 * MILLISECOND);
        places.answered(FOURTH, 30 * MILLISECOND);
        assertEquals(Set.of("leader"), asked(ReadPreference.NEAREST, 10));
        nanos += 11 * SECOND;
        assertEquals(Set.of("leader", "n3", "n4"), asked(ReadPreference.NEAREST, 3), "measured again");
        for (int i = 0; i < 40; i++) {
            places.answered(THIRD, MILLISECOND / 5);
        }
        assertEquals(Set.of("n3"), asked(ReadPreference.NEAREST, 10));
        places.failed(THIRD);
        assertEquals(Set.of("leader"), asked(ReadPreference.NEAREST, 10), "its measurement was of better times");
    }
}
