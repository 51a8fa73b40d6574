package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.deuterium.replication.OneReplica.answer;
import static org.deuterium.replication.OneReplica.log;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.AppendAnswer;
import org.junit.jupiter.api.Test;

/** What a follower takes, acknowledges, discards and applies. */
class FollowerRulesTest {

    @Test
    void acknowledgesOnlyWhatIsFsynced() {
        OneReplica replica = OneReplica.empty();
        Effects effects = replica.append(B, 1, 0, 0, 0, 1, 1);
        assertEquals(2, effects.append().size());
        assertTrue(effects.sendNow().isEmpty());
        assertTrue(effects.sendAfterDurable().isEmpty());
        assertEquals(B, replica.core.leader());
        AppendAnswer answer = answer(replica.durable(2).sendNow());
        assertTrue(answer.accepted());
        assertEquals(new LogIndex(2), answer.index());
    }

    @Test
    void oneAnswerForAllThatOneFsyncMadeDurable() {
        OneReplica replica = OneReplica.empty();
        replica.append(B, 1, 0, 0, 0, 1);
        replica.append(B, 1, 1, 1, 0, 1);
        replica.append(B, 1, 2, 1, 0, 1);
        assertEquals(new LogIndex(3), answer(replica.durable(3).sendNow()).index());
    }

    @Test
    void aHeartbeatIsAnsweredWithWhatIsDurable() {
        OneReplica replica = OneReplica.empty();
        replica.append(B, 1, 0, 0, 0, 1, 1);
        Effects effects = replica.append(B, 1, 2, 1, 0);
        assertEquals(LogIndex.NONE, answer(effects.sendAfterDurable()).index());
        replica.durable(2);
        assertEquals(
                new LogIndex(2),
                answer(replica.append(B, 1, 2, 1, 0).sendAfterDurable()).index());
    }

    @Test
    void aGapIsRefusedWithAHint() {
        OneReplica replica = new OneReplica(log(1, 1), 1, 0);
        Effects effects = replica.append(B, 3, 7, 3, 0, 3);
        assertEquals(new Term(3), effects.persistTerm());
        AppendAnswer answer = answer(effects.sendAfterDurable());
        assertFalse(answer.accepted());
        assertEquals(new LogIndex(7), answer.index());
        assertEquals(new LogIndex(2), answer.hintIndex());
        assertEquals(new Term(1), answer.hintTerm());
    }

    @Test
    void theHintSkipsWholeTerms() {
        OneReplica replica = new OneReplica(log(1, 1, 4, 4, 4, 4), 4, 0);
        AppendAnswer answer = answer(replica.append(B, 5, 5, 3, 0).sendAfterDurable());
        assertEquals(new LogIndex(2), answer.hintIndex());
    }

    @Test
    void anotherTermsTailIsDiscardedBeforeTheAppend() {
        OneReplica replica = new OneReplica(log(1, 1, 2, 2), 2, 0);
        Effects effects = replica.append(B, 3, 2, 1, 0, 3);
        assertEquals(new LogIndex(2), effects.discardAfter());
        assertEquals(new LogIndex(3), effects.append().get(0).index());
        assertEquals(new LogIndex(2), replica.core.durableIndex());
        assertEquals(new LogIndex(3), answer(replica.durable(3).sendNow()).index());
    }

    @Test
    void aLateShorterMessageDiscardsNothing() {
        OneReplica replica = OneReplica.empty();
        replica.append(B, 1, 0, 0, 0, 1, 1, 1);
        Effects effects = replica.append(B, 1, 0, 0, 0, 1);
        assertNull(effects.discardAfter());
        assertTrue(effects.append().isEmpty());
        assertEquals(new LogIndex(3), replica.core.lastIndex());
    }

    @Test
    void appliesOnlyWhatIsCommittedMatchedAndDurable() {
        OneReplica replica = new OneReplica(log(1, 1, 1), 1, 0);
        assertEquals(new LogIndex(1), replica.append(B, 2, 1, 1, 5).commitTo(), "only i1 is known to be the leader's");
        Effects effects = replica.append(B, 2, 1, 1, 5, 2, 2);
        assertNull(effects.commitTo());
        assertEquals(new LogIndex(3), replica.durable(3).commitTo());
    }

    @Test
    void whatIsCommittedIsNeverDiscarded() {
        OneReplica replica = new OneReplica(log(1, 1, 1), 1, 0);
        replica.append(B, 2, 3, 1, 3);
        assertEquals(new LogIndex(3), replica.core.commitIndex());
        Effects effects = replica.append(C, 3, 1, 1, 0, 3, 3);
        assertNull(effects.discardAfter());
        assertTrue(effects.parted(), "the leader goes on without what was committed here");
        assertEquals(new LogIndex(1), effects.setAside());
        assertEquals(new LogIndex(3), replica.core.lastIndex(), "it stays as it is until a snapshot is here");
    }

    @Test
    void anOverlapWithACutLogIsTaken() {
        LogShape cut = log(1, 1, 1, 1);
        cut.cutThrough(4);
        OneReplica replica = new OneReplica(cut, 1, 4);
        Effects effects = replica.append(B, 2, 2, 1, 4, 1, 1, 2);
        assertEquals(1, effects.append().size());
        assertEquals(new LogIndex(5), effects.append().get(0).index());
    }

    @Test
    void twoLeadersOfOneTermAreAnAlarm() {
        OneReplica replica = OneReplica.leaderOf(2);
        assertThrows(IllegalStateException.class, () -> replica.append(B, 2, 0, 0, 0));
    }

    @Test
    void aSnapshotReplacesTheLog() {
        OneReplica replica = new OneReplica(log(1, 1), 1, 1);
        replica.append(B, 4, 90, 3, 80);
        assertFalse(replica.core.wantsSnapshot(new Term(3), new LogIndex(50), new Term(3)), "of an older leader");
        assertFalse(replica.core.wantsSnapshot(new Term(4), new LogIndex(2), new Term(1)), "it has that entry");
        assertTrue(replica.core.wantsSnapshot(new Term(4), new LogIndex(50), new Term(3)));
        Effects effects = replica.core.onSnapshotInstalled(new LogIndex(50), new Term(3), new Timestamp(77));
        assertEquals(new LogIndex(50), answer(effects.sendNow()).index());
        assertEquals(new LogIndex(50), replica.core.appliedIndex());
        assertEquals(new Timestamp(77).max(Timestamp.ofMillis(5)), replica.core.lastTimestamp());
        assertEquals(1, replica.append(B, 4, 50, 3, 50, 4).append().size());
    }

    @Test
    void aLogThatEndsBeforeWhatH2ShowsIsNotServed() {
        assertThrows(IllegalStateException.class, () -> new OneReplica(log(1), 1, 2));
    }
}
