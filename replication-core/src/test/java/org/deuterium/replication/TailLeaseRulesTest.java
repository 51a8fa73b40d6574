package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.deuterium.replication.OneReplica.PARTITION;
import static org.deuterium.replication.OneReplica.SETTINGS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.TailLease;
import org.junit.jupiter.api.Test;

/** CHAIN: the tail's lease for strong reads, and that nobody goes on without the tail before it is over. */
class TailLeaseRulesTest {

    private static final long GRACE_MILLIS = SETTINGS.leaseMillis() + SETTINGS.leaseMillis() / 10 + 1;

    private static ReplicaGroup chain(long term, int version) {
        return OneReplica.groupOf(term, A, version)
                .withAckRule(AckRule.chain(2))
                .withVersion(version);
    }

    /** It leads term 1 of the chain a, b, c, whose members have everything and confirm it. */
    private static OneReplica leader() {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        replica.group(chain(1, 1));
        replica.durable(1);
        replica.accepted(B, 1);
        replica.accepted(C, 1);
        return replica;
    }

    private static TailLease asked(OneReplica replica, long term) {
        return new TailLease(PARTITION, new Term(term), OneReplica.storage(C), 5, replica.now, false);
    }

    private static Optional<TailLease> leaseIn(Effects effects) {
        return effects.sendNow().stream()
                .map(Effects.Send::message)
                .filter(TailLease.class::isInstance)
                .map(TailLease.class::cast)
                .findAny();
    }

    @Test
    void theTailAsksAndCountsFromWhenItAsked() {
        OneReplica tail = OneReplica.empty();
        ReplicaGroup group = new ReplicaGroup(
                PARTITION,
                new Term(1),
                B,
                AckRule.chain(2),
                OneReplica.groupOf(1, B, 1).replicas(),
                List.of(B, C, A),
                1);
        tail.promise(1);
        tail.group(group);
        tail.append(B, 1, 0, 0, 0);
        TailLease asks = leaseIn(tail.tick(SETTINGS.heartbeatMillis())).orElseThrow();
        assertEquals(0, tail.core.tailLeaseUntilMillis());
        long askedAt = tail.now;
        tail.tick(SETTINGS.heartbeatMillis() / 2);
        tail.core.onMessage(B, asks.grant(), tail.now);
        assertEquals(askedAt + SETTINGS.leaseMillis(), tail.core.tailLeaseUntilMillis());
        tail.promise(2);
        assertEquals(0, tail.core.tailLeaseUntilMillis(), "of an older term");
    }

    @Test
    void aLeaseOfAnEarlierProcessIsNotTaken() {
        OneReplica tail = OneReplica.empty();
        tail.promise(1);
        TailLease ofAnother =
                new TailLease(PARTITION, new Term(1), OneReplica.storage(A), tail.now - 1, tail.now, true);
        tail.core.onMessage(B, ofAnother, tail.now);
        assertEquals(0, tail.core.tailLeaseUntilMillis());
    }

    @Test
    void onlyTheTailWithTheKnownDirectoryGetsOneAndOnlyUnderTheLeadersOwnLease() {
        OneReplica replica = leader();
        assertTrue(leaseIn(replica.core.onMessage(C, asked(replica, 1), replica.now))
                .isPresent());
        assertFalse(
                leaseIn(replica.core.onMessage(B, asked(replica, 1), replica.now))
                        .isPresent(),
                "no tail");
        TailLease empty = new TailLease(PARTITION, new Term(1), new StorageId("new"), 5, replica.now, false);
        assertFalse(leaseIn(replica.core.onMessage(C, empty, replica.now)).isPresent(), "an empty directory");
        replica.now += SETTINGS.leaseMillis();
        assertFalse(
                leaseIn(replica.core.onMessage(C, asked(replica, 1), replica.now))
                        .isPresent(),
                "no lease");
    }

    @Test
    void removingTheTailWaitsItsLeaseOut() {
        waitsTheTailsLeaseOutBefore(AckRule.QUORUM);
    }

    /** It would be waited for under SYNC, too; but not by the leader after this one, who knows of no lease. */
    @Test
    void soDoesARuleWithoutATailThatWaitsForTheSameMembers() {
        waitsTheTailsLeaseOutBefore(AckRule.sync(2));
    }

    private static void waitsTheTailsLeaseOutBefore(AckRule rule) {
        OneReplica replica = leader();
        replica.now += GRACE_MILLIS; // what a former leader may have granted is over
        replica.accepted(B, 1);
        replica.accepted(C, 1);
        assertTrue(leaseIn(replica.core.onMessage(C, asked(replica, 1), replica.now))
                .isPresent());
        long granted = replica.now;
        Effects begun = replica.core.changeAckRule(rule, replica.now);
        assertNull(begun.configChange(), "the tail answers reads by itself");
        assertFalse(
                leaseIn(replica.core.onMessage(C, asked(replica, 1), replica.now))
                        .isPresent(),
                "no further one");
        while (replica.now + 100 < granted + GRACE_MILLIS) {
            assertNull(replica.tick(100).configChange());
            replica.accepted(B, 1);
            replica.accepted(C, 1);
        }
        ReplicaGroup wished = replica.tick(100).configChange();
        assertNotNull(wished);
        assertEquals(rule, wished.ackRule());
        assertEquals(new LogIndex(1), replica.core.commitIndex());
    }

    @Test
    void aNewLeaderWaitsForWhatItsPredecessorMayHaveGranted() {
        OneReplica replica = OneReplica.empty();
        replica.append(B, 1, 0, 0, 0);
        replica.promise(2);
        replica.group(chain(2, 1));
        replica.durable(1);
        long began = replica.now;
        ReplicaGroup wished = null;
        while (wished == null && replica.now < began + 10_000) {
            wished = replica.tick(100).configChange();
            assertTrue(wished == null || replica.now >= began + GRACE_MILLIS, "c may be a tail with a lease");
        }
        assertNotNull(wished);
        assertEquals(List.of(A), wished.inSync());
    }

    @Test
    void anotherMinimumKeepsTheTail() {
        OneReplica replica = leader();
        assertTrue(leaseIn(replica.core.onMessage(C, asked(replica, 1), replica.now))
                .isPresent());
        assertNotNull(replica.core.changeAckRule(AckRule.chain(3), replica.now).configChange());
    }

    @Test
    void theLeaderOfTheTermBeforeIsNoTail() {
        OneReplica replica = OneReplica.empty();
        replica.append(B, 1, 0, 0, 0);
        replica.promise(2);
        replica.group(chain(2, 1));
        replica.durable(1);
        long began = replica.now;
        ReplicaGroup wished = null;
        while (wished == null && replica.now < began + 10_000) {
            replica.accepted(C, 1);
            wished = replica.tick(100).configChange();
        }
        assertNotNull(wished);
        assertEquals(List.of(A, C), wished.inSync());
        assertTrue(replica.now < began + GRACE_MILLIS, "b, which led, is not waited for");
    }
}
