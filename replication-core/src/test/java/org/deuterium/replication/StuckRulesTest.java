package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.deuterium.replication.OneReplica.PARTITION;
import static org.deuterium.replication.OneReplica.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.Test;

/** A replica whose H2 failed: its log goes on and votes, nobody is served, and only the database is replaced. */
class StuckRulesTest {

    private static OneReplica stuckFollower() {
        OneReplica replica = OneReplica.empty();
        replica.group(1, B);
        replica.append(B, 1, 0, 0, 1, 1, 1, 1);
        replica.durable(3);
        replica.core.onApplied(new LogIndex(1));
        replica.core.onDatabaseFailed(replica.now);
        return replica;
    }

    @Test
    void itAcknowledgesAndVotesAndSaysThatItIsStuck() {
        OneReplica replica = stuckFollower();
        replica.append(B, 1, 3, 1, 3, 1);
        AppendAnswer answer = (AppendAnswer) replica.durable(4).sendNow().get(0).message();
        assertTrue(answer.accepted() && answer.stuck());
        assertEquals(new LogIndex(4), answer.index());
        replica.now += 10_000;
        Promise promise = (Promise) replica.promise(2).sendAfterDurable().get(0).message();
        assertTrue(promise.granted() && promise.stuck());
        assertEquals(new LogIndex(4), promise.lastIndex());
    }

    @Test
    void onlyTheDatabaseIsReplacedAndTheLogIsKept() {
        OneReplica replica = stuckFollower();
        assertFalse(replica.core.wantsSnapshot(new Term(1), new LogIndex(0), Term.NONE), "older than what it had");
        assertFalse(replica.core.wantsSnapshot(new Term(0), new LogIndex(2), new Term(1)), "of a leader of the past");
        assertTrue(replica.core.wantsSnapshot(new Term(1), new LogIndex(2), new Term(1)));
        assertTrue(replica.core.keepsLog(new LogIndex(2), new Term(1)));
        Effects effects = replica.core.onSnapshotInstalled(new LogIndex(2), new Term(1), Timestamp.ofMillis(9));
        assertEquals(new LogIndex(2), effects.commitTo(), "what a leader shows is committed");
        assertEquals(new LogIndex(2), replica.core.appliedIndex());
        assertEquals(new LogIndex(3), replica.core.lastIndex());
        assertFalse(replica.core.wantsSnapshot(new Term(1), new LogIndex(3), new Term(1)), "it is stuck no more");
    }

    @Test
    void aSnapshotThatTheLogDoesNotReachReplacesBoth() {
        OneReplica replica = stuckFollower();
        assertTrue(replica.core.wantsSnapshot(new Term(1), new LogIndex(7), new Term(1)));
        assertFalse(replica.core.keepsLog(new LogIndex(7), new Term(1)));
        replica.core.onSnapshotInstalled(new LogIndex(7), new Term(1), Timestamp.ofMillis(9));
        assertEquals(new LogIndex(7), replica.core.lastIndex());
        assertEquals(new LogIndex(7), replica.core.commitIndex());
    }

    @Test
    void aLeaderServesNobodyAndHandsOverToWhoeverHasEverythingAndIsNotStuckItself() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.core.onApplied(new LogIndex(1));
        assertTrue(replica.core.isServing());
        replica.propose(1);
        replica.durable(2);
        assertNull(replica.core.onDatabaseFailed(replica.now).configChange(), "nobody has everything");
        assertFalse(replica.core.isServing());
        assertEquals(Effects.Refusal.HANDING_OVER, replica.propose(1).refusal());
        replica.core.onMessage(
                C,
                AppendAnswer.accepted(PARTITION, new Term(1), replica.now, storage(C), new LogIndex(2))
                        .stuck(true),
                replica.now);
        assertNull(replica.tick(100).configChange(), "c is stuck as well");
        replica.accepted(B, 2);
        ReplicaGroup wish = replica.tick(100).configChange();
        assertNotNull(wish);
        assertNull(wish.leader());
        assertEquals(B, wish.successor());
        assertFalse(replica.core.keepLead());
        assertEquals(A, replica.core.leader(), "until the group is read");
    }
}
