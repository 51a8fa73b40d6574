package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.log;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendAnswer;
import org.junit.jupiter.api.Test;

/** What becomes of entries only an old leader has: set aside before they are discarded, never applied silently. */
class AsyncTailRulesTest {

    /** It led term 1 under ASYNC and committed i1 to i4, of which only i1 reached another replica. */
    private static OneReplica deposedAsyncLeader() {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        replica.group(OneReplica.groupOf(1, A, 0).withAckRule(AckRule.ASYNC));
        replica.durable(1);
        replica.accepted(B, 1);
        replica.propose(3);
        assertEquals(new LogIndex(4), replica.durable(4).commitTo());
        return replica;
    }

    @Test
    void aTailThatWasCommittedAloneIsSetAsideAndTheReplicaRebuilt() {
        OneReplica replica = deposedAsyncLeader();
        Effects effects = replica.append(B, 2, 1, 1, 1, 2);
        assertTrue(effects.rebuild());
        assertEquals(new LogIndex(1), effects.setAside());
        assertNull(effects.discardAfter());
    }

    @Test
    void theFirstEntryThatDiffersIsLookedFor() {
        OneReplica replica = deposedAsyncLeader();
        Effects effects = replica.append(B, 2, 3, 2, 1);
        assertFalse(effects.rebuild());
        AppendAnswer answer = OneReplica.answer(effects.sendAfterDurable());
        assertFalse(answer.accepted());
        assertEquals(new LogIndex(3), answer.hintIndex());
        assertEquals(new LogIndex(1), replica.append(B, 2, 1, 1, 1, 2, 2).setAside());
    }

    @Test
    void ifItCannotBeFoundEverythingInTheLogIsSetAside() {
        OneReplica replica = deposedAsyncLeader();
        replica.append(B, 2, 3, 2, 1);
        Effects effects = replica.append(B, 2, 3, 2, 1);
        assertTrue(effects.rebuild());
        assertEquals(LogIndex.NONE, effects.setAside());
    }

    @Test
    void itNeverClaimsToHaveWhatItWasNotAskedAbout() {
        OneReplica replica = deposedAsyncLeader();
        Effects effects = replica.append(B, 2, 1, 1, 0);
        assertEquals(
                new LogIndex(1), OneReplica.answer(effects.sendAfterDurable()).index(), "not i4");
    }

    @Test
    void anUncommittedTailUnderAsyncIsSetAsideToo() {
        OneReplica replica = OneReplica.empty();
        replica.group(OneReplica.groupOf(1, B, 1).withAckRule(AckRule.ASYNC));
        replica.append(B, 1, 0, 0, 0, 1, 1);
        replica.durable(2);
        Effects effects = replica.append(B, 2, 1, 1, 0, 2);
        assertEquals(new LogIndex(1), effects.setAside());
        assertEquals(new LogIndex(1), effects.discardAfter());
        assertFalse(effects.rebuild());
    }

    @Test
    void underTheOtherRulesATailIsJustDiscarded() {
        OneReplica replica = OneReplica.empty();
        replica.append(B, 1, 0, 0, 0, 1, 1);
        replica.durable(2);
        Effects effects = replica.append(B, 2, 1, 1, 0, 2);
        assertNull(effects.setAside());
        assertEquals(new LogIndex(1), effects.discardAfter());
    }

    @Test
    void aProcessThatDoesNotKnowTheRuleOfItsPastSetsAside() {
        OneReplica replica = new OneReplica(log(1, 1, 1), 1, 1);
        assertEquals(new LogIndex(1), replica.core.tailBeforeSnapshot());
        assertEquals(new LogIndex(1), replica.append(B, 2, 1, 1, 0, 2).setAside());
        replica.append(B, 2, 2, 2, 0, 2);
        replica.durable(3);
        Effects later = replica.append(B, 3, 2, 2, 0, 3);
        assertNull(later.setAside(), "it has met a leader since, and none under ASYNC");
    }

    @Test
    void aTailBelowTheBeginningOfTheLogIsFoundByItsTerm() {
        LogShape cut = log(1, 1, 1, 1);
        cut.cutThrough(4);
        OneReplica replica = new OneReplica(cut, 1, 4);
        Effects effects = replica.append(B, 2, 2, 1, 0, 2);
        assertTrue(effects.rebuild(), "after an entry of t2 there is none of t1");
        assertEquals(new LogIndex(4), effects.setAside());
        assertEquals(new Term(2), replica.core.term());
        assertEquals(Timestamp.ofMillis(5), replica.core.lastTimestamp());
    }

    @Test
    void anEmptyMessageInTheMiddleOfTheLogDoesNotMakeItsTailTheLeaders() {
        OneReplica replica = new OneReplica(log(1, 1, 1), 1, 0);
        replica.append(B, 2, 1, 1, 0);
        Effects effects = replica.append(B, 2, 1, 1, 0, 2);
        assertEquals(new LogIndex(1), effects.setAside(), "this process is new: it may have led under ASYNC before");
        assertEquals(new LogIndex(1), effects.discardAfter());
    }
}
