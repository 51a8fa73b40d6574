package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.deuterium.replication.OneReplica.log;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.Test;

/** Elections: promises, who may lead, and who steps down. */
class PromiseRulesTest {

    @Test
    void aPromiseIsPersistedBeforeItIsAnswered() {
        OneReplica replica = new OneReplica(log(1, 1, 2), 2, 0);
        Effects effects = replica.promise(5);
        assertEquals(new Term(5), effects.persistTerm());
        assertTrue(effects.sendNow().isEmpty());
        Promise promise = (Promise) effects.sendAfterDurable().get(0).message();
        assertTrue(promise.granted());
        assertEquals(new Term(2), promise.lastTerm());
        assertEquals(new LogIndex(3), promise.lastIndex());
        assertEquals(OneReplica.storage(A), promise.storage());
    }

    @Test
    void anOlderTermIsRefusedAndToldTheLaterOne() {
        OneReplica replica = OneReplica.empty();
        replica.promise(5);
        Effects effects = replica.promise(4);
        assertFalse(effects.writes());
        Promise refusal = (Promise) effects.sendAfterDurable().get(0).message();
        assertFalse(refusal.granted());
        assertEquals(new Term(5), refusal.term());
    }

    @Test
    void aLostAnswerMayBeAskedForAgain() {
        OneReplica replica = OneReplica.empty();
        replica.promise(5);
        Effects again = replica.promise(5);
        assertFalse(again.writes());
        assertTrue(((Promise) again.sendAfterDurable().get(0).message()).granted());
    }

    @Test
    void entriesOfATermArePromiseEnoughAfterARestart() {
        OneReplica replica = new OneReplica(log(1, 4), 2, 0);
        assertEquals(new Term(4), replica.core.term());
    }

    @Test
    void theLeaderThatWasNamedBeginsItsTermWithAnEntry() {
        OneReplica replica = new OneReplica(log(1, 1), 1, 0);
        replica.promise(2);
        Effects effects = replica.group(2, A);
        assertTrue(replica.core.isLeader());
        assertNull(effects.persistTerm());
        assertEquals(new LogIndex(3), effects.append().get(0).index());
        assertEquals(new Term(2), effects.append().get(0).term());
        assertEquals(2, effects.sendNow().size());
        assertSame(effects.sendNow().get(0).message(), effects.sendNow().get(1).message());
        RoleChange role = effects.roleChange();
        assertNotNull(role);
        assertTrue(role.leading());
        assertEquals(new LogIndex(3), role.serveFrom());
        assertFalse(replica.core.isServing());
    }

    @Test
    void itServesOnceItsFirstEntryIsApplied() {
        OneReplica replica = OneReplica.leaderOf(1);
        Effects effects = replica.accepted(B, 1);
        assertEquals(new LogIndex(1), effects.commitTo());
        assertFalse(replica.core.isServing());
        replica.core.onApplied(new LogIndex(1));
        assertTrue(replica.core.isServing());
    }

    @Test
    void aTermPromisedBeforeTheRestartIsNotLedAgain() {
        OneReplica replica = new OneReplica(log(1, 2), 2, 0);
        Effects effects = replica.group(2, A);
        assertFalse(replica.core.isLeader());
        assertTrue(effects.append().isEmpty());
        ReplicaGroup wish = effects.configChange();
        assertNotNull(wish);
        assertNull(wish.leader());
        assertEquals(new Term(2), wish.term());
        assertNull(replica.tick(500).configChange());
        assertEquals(wish, replica.tick(500).configChange());
        assertNull(replica.group(wish).configChange());
        assertNull(replica.tick(5_000).configChange());
    }

    @Test
    void aTermThatWasNotPromisedIsNotLed() {
        OneReplica replica = OneReplica.empty();
        Effects effects = replica.group(3, A);
        assertFalse(replica.core.isLeader());
        assertEquals(new Term(3), effects.persistTerm());
        assertNotNull(effects.configChange());
    }

    @Test
    void anotherDirectoryDoesNotLead() {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        Effects effects = replica.group(OneReplica.groupOf(1, A, 4).withStorage(A, new StorageId("gone")));
        assertFalse(replica.core.isLeader());
        assertNotNull(effects.configChange());
    }

    @Test
    void aGroupReadLateChangesNothing() {
        OneReplica replica = OneReplica.empty();
        replica.promise(2);
        replica.group(OneReplica.groupOf(2, B, 9));
        assertSame(Effects.NONE, replica.core.onConfig(OneReplica.groupOf(2, A, 8), replica.now));
        assertEquals(B, replica.core.leader());
    }

    @Test
    void aLeaderStepsDownForALaterPromise() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.propose(2);
        Effects effects = replica.promise(2);
        assertFalse(replica.core.isLeader());
        assertEquals(new Term(2), effects.persistTerm());
        assertNotNull(effects.roleChange());
        assertEquals(new LogIndex(1), effects.roleChange().lost());
    }

    @Test
    void aLeaderStepsDownForALaterGroupAnAnswerAndWhenItIsWrittenOut() {
        OneReplica byGroup = OneReplica.leaderOf(1);
        assertEquals(new Term(2), byGroup.group(2, null).persistTerm());
        assertFalse(byGroup.core.isLeader());
        OneReplica byAnswer = OneReplica.leaderOf(1);
        Effects effects = byAnswer.core.onMessage(
                B,
                new AppendAnswer(
                        OneReplica.PARTITION,
                        new Term(7),
                        OneReplica.storage(B),
                        false,
                        LogIndex.NONE,
                        LogIndex.NONE,
                        Term.NONE),
                0);
        assertEquals(new Term(7), effects.persistTerm());
        assertFalse(byAnswer.core.isLeader());
        OneReplica writtenOut = OneReplica.leaderOf(1);
        assertNull(writtenOut.group(1, null).persistTerm());
        assertFalse(writtenOut.core.isLeader());
    }

    @Test
    void whoDoesNotLeadRefusesProposals() {
        OneReplica replica = OneReplica.empty();
        Effects effects = replica.propose(3);
        assertEquals(3, effects.refused().size());
        assertFalse(effects.writes());
    }

    @Test
    void entriesOfAnOlderTermAreRefused() {
        OneReplica replica = OneReplica.empty();
        replica.promise(5);
        Effects effects = replica.append(C, 4, 0, 0, 0, 4);
        assertFalse(effects.writes());
        AppendAnswer answer = OneReplica.answer(effects.sendAfterDurable());
        assertFalse(answer.accepted());
        assertEquals(new Term(5), answer.term());
        assertNull(replica.core.leader());
    }
}
