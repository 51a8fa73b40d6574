package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.deuterium.replication.OneReplica.PARTITION;
import static org.deuterium.replication.OneReplica.entriesTo;
import static org.deuterium.replication.OneReplica.log;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.Test;

/** The lease: what a leader may rely on, and when a voter may promise again ("Election", Lease). */
class LeaseRulesTest {

    private static final long LEASE = OneReplica.SETTINGS.leaseMillis();
    private static final long GRACE = OneReplica.SETTINGS.graceMillis();

    private static AppendAnswer confirms(OneReplica replica, long sentMillis) {
        return AppendAnswer.accepted(
                PARTITION, replica.core.term(), sentMillis, OneReplica.storage(B), new LogIndex(1));
    }

    @Test
    void aLeaseBeginsWithTheTimeOfSending() {
        OneReplica replica = OneReplica.leaderOf(1);
        assertTrue(replica.core.leaseUntilMillis() <= replica.now, "nobody has confirmed it");
        long sent = entriesTo(B, replica.tick(100)).sentMillis();
        assertEquals(replica.now, sent);
        replica.now += 300;
        replica.core.onMessage(B, confirms(replica, sent), replica.now);
        assertEquals(sent + LEASE, replica.core.leaseUntilMillis());
    }

    @Test
    void entriesAskForAConfirmationToo() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.now += 7;
        assertEquals(replica.now, entriesTo(B, replica.propose(1)).sentMillis());
    }

    @Test
    void aDirectoryWithoutAVoteConfirmsNothing() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.acceptedFrom(B, new StorageId("empty"), 0);
        assertTrue(replica.core.leaseUntilMillis() <= replica.now);
    }

    @Test
    void underSyncEveryMemberMustConfirm() {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        replica.group(OneReplica.groupOf(1, A, 0).withAckRule(AckRule.sync(2)));
        replica.accepted(B, 1);
        assertTrue(replica.core.leaseUntilMillis() <= replica.now);
        replica.accepted(C, 1);
        assertEquals(replica.now + LEASE, replica.core.leaseUntilMillis());
    }

    @Test
    void aChangeOnItsWayMustBeCoveredByTheLeaseBeforeItIsSent() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.accepted(C, 1);
        replica.now += 200;
        replica.accepted(B, 1);
        assertEquals(replica.now + LEASE, replica.core.leaseUntilMillis());
        assertNotNull(
                replica.core.changeAckRule(AckRule.semiSync(2), replica.now).configChange());
        assertEquals(replica.now - 200 + LEASE, replica.core.leaseUntilMillis(), "under it c could be elected alone");
    }

    @Test
    void whoLeadsNoMoreHasNoLease() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.promise(2);
        assertEquals(0, replica.core.leaseUntilMillis());
    }

    @Test
    void whoConfirmedMakesNoPromiseUntilTheLeaseAndTheDriftHavePassed() {
        OneReplica replica = OneReplica.empty();
        AppendAnswer answer = OneReplica.answer(heartbeat(replica, 5_555).sendAfterDurable());
        assertEquals(5_555, answer.confirmsMillis());
        replica.now += 10;
        Effects asked = replica.promise(2);
        assertEquals(new Term(2), asked.persistTerm(), "it follows nobody older from now on");
        assertTrue(asked.sendAfterDurable().isEmpty());
        assertTrue(replica.tick(GRACE - 11).sendAfterDurable().isEmpty());
        Promise promise = (Promise) replica.tick(1).sendAfterDurable().get(0).message();
        assertTrue(promise.granted());
        assertEquals(new Term(2), promise.term());
        assertTrue(replica.tick(100).sendAfterDurable().isEmpty(), "once");
    }

    @Test
    void aPromiseHeldBackIsARefusalWhenALaterOneCameBetween() {
        OneReplica replica = OneReplica.empty();
        heartbeat(replica, 5_555);
        replica.promise(2);
        replica.promise(3);
        List<Effects.Send> answers = replica.tick(GRACE).sendAfterDurable();
        assertEquals(1, answers.size(), "of one controller the last question counts");
        Promise promise = (Promise) answers.get(0).message();
        assertTrue(promise.granted());
        assertEquals(new Term(3), promise.term());
    }

    @Test
    void aLeaderOfThePastIsNotConfirmed() {
        OneReplica replica = OneReplica.empty();
        replica.promise(2);
        AppendAnswer answer = OneReplica.answer(heartbeat(replica, 5_555).sendAfterDurable());
        assertEquals(0, answer.confirmsMillis());
        assertEquals(1, replica.promise(3).sendAfterDurable().size());
    }

    @Test
    void aRestartedVoterCountsAsHavingConfirmedJustNow() {
        PartitionReplica restarted = new PartitionReplica(
                new ReplicaState(
                        PARTITION,
                        A,
                        OneReplica.storage(A),
                        new Term(4),
                        log(1, 4),
                        Timestamp.ofMillis(5),
                        LogIndex.NONE),
                OneReplica.SETTINGS,
                1_000);
        Effects asked = restarted.onMessage(
                C, new org.deuterium.wire.replication.PromiseRequest(PARTITION, new Term(5)), 1_000 + GRACE - 1);
        assertTrue(asked.sendAfterDurable().isEmpty());
        assertEquals(1, restarted.onTick(1_000 + GRACE).sendAfterDurable().size());
    }

    @Test
    void aLeaderCutOffForLongAsksForAnother() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.now += OneReplica.SETTINGS.resignMillis() - 10_000;
        assertTrue(isStillWanted(replica.tick(0).configChange()));
        ReplicaGroup wish = replica.tick(12_000).configChange();
        assertNotNull(wish);
        assertNull(wish.leader());
        assertTrue(replica.core.isLeader(), "until that is read");
        replica.group(wish);
        assertTrue(!replica.core.isLeader());
    }

    private static boolean isStillWanted(@org.jspecify.annotations.Nullable ReplicaGroup wish) {
        return wish == null || wish.leader() != null;
    }

    private static Effects heartbeat(OneReplica replica, long sentMillis) {
        return replica.core.onMessage(
                B,
                new AppendEntries(
                        PARTITION, new Term(1), LogIndex.NONE, Term.NONE, LogIndex.NONE, sentMillis, List.of()),
                replica.now);
    }
}
