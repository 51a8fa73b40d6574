package org.deuterium.router.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.ReadBound;
import org.junit.jupiter.api.Test;

/** What a session has seen and done survives as a text, in its own cluster, and only ever grows. */
class SessionTokenTest {

    private static final String CLUSTER = "4f2c";
    private static final long NOW = 1_800_000_000_000L;
    private static final PartitionId P3 = new PartitionId(3);
    private static final PartitionId P70 = new PartitionId(70);

    private static SessionProgress traveled() {
        SessionProgress progress = new SessionProgress();
        progress.wrote(P3, new LogIndex(500), Timestamp.ofMillis(NOW - 2_000));
        progress.saw(P70, new LogIndex(1L << 40), Timestamp.ofMillis(NOW - 1_000));
        return progress;
    }

    private static ReadBound bound(SessionProgress progress, PartitionId partition) {
        return progress.atFollower(partition, ReadRules.DEFAULT, 50);
    }

    @Test
    void comesBackAsItWas() throws Exception {
        String token = SessionToken.of(traveled(), CLUSTER);
        SessionProgress other = new SessionProgress();
        SessionToken.takeInto(other, token, CLUSTER, NOW);
        assertEquals(new LogIndex(500), bound(other, P3).least());
        assertEquals(new LogIndex(1L << 40), bound(other, P70).least());
        assertEquals(Timestamp.ofMillis(NOW - 1_000), other.atLeader().dependsOn());
        assertEquals(token, SessionToken.of(other, CLUSTER));
        assertTrue(token.length() < 60, token);
    }

    @Test
    void writtenAndSeenStayApart() throws Exception {
        SessionProgress other = new SessionProgress();
        SessionToken.takeInto(other, SessionToken.of(traveled(), CLUSTER), CLUSTER, NOW);
        ReadRules ownWrites = ReadRules.DEFAULT.withMonotonicReads("off");
        ReadRules monotonic = ReadRules.DEFAULT.withReadYourWrites("off");
        assertEquals(new LogIndex(500), other.atFollower(P3, ownWrites, 50).least());
        assertEquals(LogIndex.NONE, other.atFollower(P70, ownWrites, 50).least());
        assertEquals(LogIndex.NONE, other.atFollower(P3, monotonic, 50).least());
        assertEquals(
                new LogIndex(1L << 40), other.atFollower(P70, monotonic, 50).least());
    }

    @Test
    void aTokenOnlyBringsFurther_andAnEmptyOneForgets() throws Exception {
        SessionProgress progress = traveled();
        String before = SessionToken.of(progress, CLUSTER);
        progress.wrote(P3, new LogIndex(600), Timestamp.ofMillis(NOW));
        SessionToken.takeInto(progress, before, CLUSTER, NOW);
        assertEquals(new LogIndex(600), bound(progress, P3).least());
        SessionToken.takeInto(progress, "", CLUSTER, NOW);
        assertEquals(LogIndex.NONE, bound(progress, P3).least());
        assertEquals(Timestamp.ZERO, progress.atLeader().dependsOn());
    }

    private static String refusal(String token, String cluster) {
        SessionProgress progress = traveled();
        String before = SessionToken.of(progress, CLUSTER);
        ReadRules.BadValue refused = assertThrows(
                ReadRules.BadValue.class, () -> SessionToken.takeInto(progress, token, cluster, NOW), token);
        assertEquals(ErrorCode.INVALID_VALUE, refused.failure().error());
        assertEquals(before, SessionToken.of(progress, CLUSTER), "nothing was taken");
        return refused.failure().message();
    }

    @Test
    void whatIsNoTokenOfThisClusterIsRefused() {
        String token = SessionToken.of(traveled(), CLUSTER);
        assertTrue(refusal(token, "other").contains("of another cluster"));
        assertTrue(refusal("rubbish", CLUSTER).contains("no session token"));
        assertTrue(refusal("d1." + token.substring(3), CLUSTER).contains("no session token"));
        SessionProgress ahead = new SessionProgress();
        ahead.saw(P3, new LogIndex(1), Timestamp.ofMillis(NOW + 501)); // leaders would refuse what it writes
        assertTrue(refusal(SessionToken.of(ahead, CLUSTER), CLUSTER).contains("ahead of this node's clock"));
        Random random = new Random(5);
        for (int i = 3; i < token.length() - 1; i++) {
            char other = (char) ('A' + random.nextInt(26));
            if (other != token.charAt(i)) {
                String changed = token.substring(0, i) + other + token.substring(i + 1);
                assertTrue(refusal(changed, CLUSTER).contains("damaged"), changed);
                assertTrue(refusal(token.substring(0, i), CLUSTER).contains("damaged"));
            }
        }
    }

    @Test
    void aSessionThatLostItsRouterIsShownEverythingOncePerPartition() throws Exception {
        SessionProgress progress = new SessionProgress();
        assertFalse(bound(progress, P3).current());
        progress.lostMemory(NOW);
        assertTrue(bound(progress, P3).current());
        progress.saw(P3, new LogIndex(8), Timestamp.ofMillis(NOW));
        assertTrue(
                bound(progress, P3).current(), "an answer that was allowed to be old says nothing of what was before");
        progress.sawEverything(P3, new LogIndex(9), Timestamp.ofMillis(NOW));
        assertFalse(bound(progress, P3).current());
        ReadRules ownWrites = ReadRules.DEFAULT.withMonotonicReads("off");
        assertEquals(new LogIndex(9), progress.atFollower(P3, ownWrites, 50).least(), "what it wrote is in there");
        assertTrue(bound(progress, P70).current(), "nothing was heard of this one yet");
        ReadRules nothing = ReadRules.DEFAULT
                .withReadYourWrites("off")
                .withMonotonicReads("off")
                .withConsistentPrefix("off");
        assertFalse(progress.atFollower(P70, nothing, 50).current());
    }

    @Test
    void whatASessionHasForgottenItsTokenSays() throws Exception {
        SessionProgress first = new SessionProgress();
        first.wrote(P3, new LogIndex(7), Timestamp.ofMillis(NOW));
        first.lostMemory(NOW);
        first.sawEverything(P70, new LogIndex(5), Timestamp.ofMillis(NOW));
        SessionProgress second = new SessionProgress();
        second.wrote(P70, new LogIndex(4), Timestamp.ofMillis(NOW));
        SessionToken.takeInto(second, SessionToken.of(first, CLUSTER), CLUSTER, NOW);
        assertTrue(bound(second, P3).current());
        assertFalse(bound(second, P70).current());
        assertEquals(SessionToken.of(second, CLUSTER), passedOn(second), "and so does the next one's");
        SessionToken.takeInto(second, "", CLUSTER, NOW);
        assertEquals(LogIndex.NONE, bound(second, P70).least());
        assertTrue(bound(second, P3).current(), "a driver may have said that again, after the loss of its router");
    }

    @Test
    void oneWhoseCommitNobodyCouldPlaceSaysSoToo() throws Exception {
        SessionProgress first = traveled();
        first.forgot(P3);
        SessionProgress second = new SessionProgress();
        SessionToken.takeInto(second, SessionToken.of(first, CLUSTER), CLUSTER, NOW);
        assertTrue(bound(second, P3).current());
        assertFalse(bound(second, P70).current());
        SessionProgress third = new SessionProgress();
        third.lostMemory(NOW);
        third.sawEverything(P3, new LogIndex(9), Timestamp.ofMillis(NOW));
        third.sawEverything(P70, new LogIndex(9), Timestamp.ofMillis(NOW));
        SessionToken.takeInto(third, SessionToken.of(first, CLUSTER), CLUSTER, NOW);
        assertTrue(bound(third, P3).current(), "what the other one did is not in what this one saw");
        assertFalse(bound(third, P70).current());
        second.wrote(P3, new LogIndex(900), Timestamp.ofMillis(NOW));
        assertFalse(bound(second, P3).current());
        ReadRules monotonic = ReadRules.DEFAULT.withReadYourWrites("off");
        assertEquals(new LogIndex(900), second.atFollower(P3, monotonic, 50).least(), "all it saw was before");
    }

    @Test
    void aTokenThatIsAheadDoesNotKeepASessionFromGoingOnElsewhere() throws Exception {
        SessionProgress ahead = traveled();
        ahead.sawMoment(Timestamp.ofMillis(NOW + 501));
        SessionProgress resumed = new SessionProgress();
        resumed.lostMemory(NOW);
        SessionToken.takeInto(resumed, SessionToken.of(ahead, CLUSTER), CLUSTER, NOW);
        assertEquals(new LogIndex(500), bound(resumed, P3).least());
        assertEquals(Timestamp.ofMillis(NOW), resumed.atLeader().dependsOn());
    }

    private static String passedOn(SessionProgress progress) throws ReadRules.BadValue {
        SessionProgress next = new SessionProgress();
        SessionToken.takeInto(next, SessionToken.of(progress, CLUSTER), CLUSTER, NOW);
        return SessionToken.of(next, CLUSTER);
    }

    @Test
    void stalenessIsReadInAllItsForms() throws Exception {
        assertEquals(250, ReadRules.DEFAULT.withMaxStaleness("250").maxStalenessMillis());
        assertEquals(250, ReadRules.DEFAULT.withMaxStaleness("250 ms").maxStalenessMillis());
        assertEquals(5_000, ReadRules.DEFAULT.withMaxStaleness("5s").maxStalenessMillis());
        assertEquals(60_000, ReadRules.DEFAULT.withMaxStaleness("1m").maxStalenessMillis());
        assertEquals(1_500, ReadRules.DEFAULT.withMaxStaleness("PT1.5S").maxStalenessMillis());
        assertEquals(0, ReadRules.DEFAULT.withMaxStaleness("none").maxStalenessMillis());
        for (String bad : new String[] {"-1", "soon", "99999999h", "PT-1S", "1.5", "0", "0s", "PT0S", "PT0.0004S"}) {
            assertThrows(ReadRules.BadValue.class, () -> ReadRules.DEFAULT.withMaxStaleness(bad), bad);
        }
    }
}
