package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
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
import org.deuterium.wire.replication.Promise;
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
    void aTailThatWasCommittedAloneIsSetAsideAndOnlyASnapshotTaken() {
        OneReplica replica = deposedAsyncLeader();
        Effects effects = replica.append(B, 2, 1, 1, 1, 2);
        assertTrue(effects.parted());
        assertEquals(new LogIndex(1), effects.setAside());
        assertNull(effects.discardAfter());
        AppendAnswer answer = OneReplica.answer(effects.sendAfterDurable());
        assertFalse(answer.accepted());
        assertTrue(answer.parted());
    }

    @Test
    void theFirstEntryThatDiffersIsLookedFor() {
        OneReplica replica = deposedAsyncLeader();
        Effects effects = replica.append(B, 2, 3, 2, 1);
        assertFalse(effects.parted());
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
        assertTrue(effects.parted());
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
        assertFalse(effects.parted());
    }

    @Test
    void underTheOtherRulesATailIsJustDiscarded() {
        OneReplica replica = OneReplica.empty();
        replica.group(1, B);
        replica.append(B, 1, 0, 0, 0, 1, 1);
        replica.durable(2);
        Effects effects = replica.append(B, 2, 1, 1, 0, 2);
        assertNull(effects.setAside());
        assertEquals(new LogIndex(1), effects.discardAfter());
    }

    @Test
    void aReplicaThatPartedKeepsItsVoteAndItsLogUntilTheSnapshotIsThere() {
        OneReplica replica = deposedAsyncLeader();
        replica.append(B, 2, 1, 1, 1, 2);
        AppendAnswer again = OneReplica.answer(replica.append(B, 2, 1, 1, 1).sendAfterDurable());
        assertTrue(again.parted(), "whatever comes from the log now");
        Promise promise = (Promise) replica.promise(3).sendAfterDurable().get(0).message();
        assertTrue(promise.granted());
        assertEquals(new LogIndex(4), promise.lastIndex());
        assertEquals(OneReplica.storage(A), promise.storage());
    }

    /** The next leader may lack more of it, which is to be set aside then. */
    @Test
    void theLogOfAReplicaThatPartedIsNotCut() {
        OneReplica replica = deposedAsyncLeader();
        assertEquals(new LogIndex(4), replica.core.mustKeepAfter());
        assertTrue(replica.append(B, 2, 3, 1, 3, 2).parted(), "i4 differs");
        assertEquals(LogIndex.NONE, replica.core.mustKeepAfter());
        assertEquals(LogIndex.NONE, replica.core.mayCutThrough());
        replica.promise(3);
        assertEquals(new LogIndex(1), replica.append(C, 3, 1, 1, 1, 3).setAside(), "i2 and i3, too");
    }

    /** A later term alone proves nothing: only the comparison with a leader's log does. */
    @Test
    void whatIsShownHereIsTheLeadersOnceTheLogsWereCompared() {
        OneReplica replica = deposedAsyncLeader();
        assertTrue(replica.core.leaderHasAllThatIsShown(), "it led");
        replica.append(B, 2, 1, 1, 1, 2);
        assertFalse(replica.core.leaderHasAllThatIsShown());
        replica.promise(3);
        assertFalse(replica.core.leaderHasAllThatIsShown(), "nobody leads");
        replica.append(C, 3, 3, 1, 1);
        assertFalse(replica.core.leaderHasAllThatIsShown(), "i4 was not compared");
        replica.append(C, 3, 4, 1, 1);
        assertTrue(replica.core.leaderHasAllThatIsShown());
    }

    @Test
    void aReplicaThatIsGivenAwaySetsAsideWhatItsLeaderIsNotKnownToHave() {
        OneReplica replica = deposedAsyncLeader();
        assertEquals(LogIndex.NONE, replica.core.tailBeforeRemoval(new Term(2)), "it still leads");
        replica = deposedAsyncLeader();
        replica.append(C, 3, 2, 1, 1);
        assertEquals(new LogIndex(2), replica.core.tailBeforeRemoval(new Term(2)));
        assertNull(deposedAsyncLeader().core.tailBeforeRemoval(Term.NONE), "the rule was never ASYNC");
        replica = deposedAsyncLeader();
        replica.append(C, 3, 4, 1, 1);
        assertNull(replica.core.tailBeforeRemoval(new Term(2)), "the leader has all of it");
    }

    @Test
    void aSnapshotOfLessThanTheLogsHaveInCommonIsRefused() {
        OneReplica replica = deposedAsyncLeader();
        assertTrue(replica.append(B, 2, 2, 1, 1, 2).parted(), "i3 differs");
        assertFalse(
                replica.core.wantsSnapshot(new Term(2), new LogIndex(1), new Term(1)), "i2 may count as it is here");
        assertFalse(replica.core.wantsSnapshot(new Term(3), new LogIndex(9), new Term(3)), "of a leader not heard of");
        assertTrue(replica.core.wantsSnapshot(new Term(2), new LogIndex(3), new Term(2)));
        assertNull(replica.core.tailBeforeSnapshot(new LogIndex(3), new Term(2)), "it was set aside already");
        replica.core.onSnapshotInstalled(new LogIndex(3), new Term(2), new Timestamp(7));
        assertEquals(new LogIndex(3), replica.core.commitIndex());
        assertEquals(1, replica.append(B, 2, 3, 2, 3, 2).append().size());
    }

    @Test
    void whatWasCommittedAloneIsSetAsideBeforeASnapshotReplacesIt() {
        OneReplica replica = deposedAsyncLeader();
        replica.append(B, 2, 90, 2, 1);
        assertTrue(replica.core.wantsSnapshot(new Term(2), new LogIndex(50), new Term(2)));
        assertEquals(LogIndex.NONE, replica.core.tailBeforeSnapshot(new LogIndex(50), new Term(2)));
    }

    @Test
    void aSnapshotOfTheSameTermLacksNothingThatIsBehindIt() {
        OneReplica replica = new OneReplica(log(1, 1), 1, 2);
        replica.group(OneReplica.groupOf(1, B, 1).withAckRule(AckRule.ASYNC));
        replica.append(B, 1, 90, 1, 80);
        assertNull(replica.core.tailBeforeSnapshot(new LogIndex(50), new Term(1)));
    }

    @Test
    void aProcessThatHasNotReadTheGroupSetsAside() {
        OneReplica replica = new OneReplica(log(1, 1, 1), 1, 1);
        assertEquals(new LogIndex(1), replica.append(B, 2, 1, 1, 0, 2).setAside());
        OneReplica knows = new OneReplica(log(1, 1, 1), 1, 1);
        knows.group(2, B);
        assertNull(knows.append(B, 2, 1, 1, 0, 2).setAside(), "no term was ever led under ASYNC");
    }

    @Test
    void theGroupRemembersInWhichTermsTheRuleWasAsync() {
        OneReplica replica = new OneReplica(log(1, 1, 1), 1, 1);
        replica.group(OneReplica.groupOf(1, B, 1)
                .withAckRule(AckRule.ASYNC)
                .withNextTerm()
                .withAckRule(AckRule.QUORUM)
                .withNextTerm()
                .withLeader(C));
        assertEquals(new LogIndex(1), replica.append(C, 3, 1, 1, 0, 3).setAside(), "t1 was led under ASYNC");
        replica.durable(2);
        assertNull(replica.append(B, 4, 1, 1, 0, 4).setAside(), "t3 was not");
    }

    @Test
    void aTailBelowTheBeginningOfTheLogIsFoundByItsTerm() {
        LogShape cut = log(1, 1, 1, 1);
        cut.cutThrough(4);
        OneReplica replica = new OneReplica(cut, 1, 4);
        Effects effects = replica.append(B, 2, 2, 1, 0, 2);
        assertTrue(effects.parted(), "after an entry of t2 there is none of t1");
        assertNull(effects.setAside(), "the log holds nothing of it any more");
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
