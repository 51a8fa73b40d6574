package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.deuterium.replication.OneReplica.entriesTo;
import static org.deuterium.replication.OneReplica.log;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.junit.jupiter.api.Test;

/** How a leader commits, streams entries, finds where logs agree, and sends snapshots. */
class LeaderRulesTest {

    @Test
    void aMajorityThatHasItFsyncedCommits() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.propose(2);
        assertEquals(new LogIndex(1), replica.accepted(B, 3).commitTo(), "its own fsync is not done for more");
        assertEquals(new LogIndex(3), replica.durable(3).commitTo());
        replica.propose(1);
        assertNull(replica.durable(4).commitTo(), "one vote of three");
        assertNull(replica.acceptedFrom(C, new StorageId("empty"), 4).commitTo(), "a directory without a vote");
        assertEquals(new LogIndex(4), replica.accepted(B, 4).commitTo());
    }

    @Test
    void theOwnFsyncIsAwaitedEvenIfOthersAreAMajority() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.propose(1);
        replica.accepted(B, 2);
        assertEquals(new LogIndex(1), replica.core.commitIndex());
        assertNull(replica.accepted(C, 2).commitTo());
        assertEquals(new LogIndex(2), replica.durable(2).commitTo());
    }

    @Test
    void anEffectHasALaterTimestampThanItsCauseInAnotherPartition() {
        OneReplica replica = OneReplica.leaderOf(1);
        Timestamp cause = Timestamp.ofMillis(replica.now + 50).next();
        Proposal effect = new Proposal(new TransactionId(2, 1), EntryKind.ROWS, new byte[3], cause);
        LogEntry first = replica.core
                .onProposals(List.of(effect), replica.now, replica.now)
                .append()
                .get(0);
        assertEquals(cause.next(), first.timestamp());
        assertEquals(cause.next().next(), replica.propose(1).append().get(0).timestamp());
    }

    @Test
    void entriesOfOlderTermsAreCommittedOnlyByOneOfItsOwn() {
        OneReplica replica = OneReplica.elected(log(1, 1, 1), 3);
        assertNull(replica.accepted(B, 3).commitTo());
        assertEquals(new LogIndex(4), replica.accepted(B, 4).commitTo());
    }

    @Test
    void messagesFollowEachOtherWithoutWaitingUpToALimit() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.accepted(C, 1);
        for (int i = 0; i < OneReplica.SETTINGS.inflightMessages(); i++) {
            Effects effects = replica.propose(1);
            assertEquals(i + 1, entriesTo(B, effects).previousIndex().position());
            assertSame(entriesTo(B, effects), entriesTo(C, effects));
        }
        assertTrue(replica.propose(1).sendNow().isEmpty(), "the way is full");
        Effects effects = replica.accepted(B, 3);
        assertEquals(1, effects.sendFromLog().size());
        Effects.SendFromLog send = effects.sendFromLog().get(0);
        assertEquals(new LogIndex(6), send.from());
        assertEquals(new LogIndex(6), send.through());
        assertEquals(new Term(1), send.previousTerm());
        assertTrue(replica.propose(1).sendNow().isEmpty(), "it is being read for");
        Effects further = replica.core.onSentFromLog(B, new LogIndex(6), 100, replica.now);
        assertEquals(new LogIndex(7), further.sendFromLog().get(0).from());
    }

    @Test
    void aBatchTooLargeForOneMessageGoesInParts() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.accepted(C, 1);
        Effects effects = replica.propose(25);
        assertEquals(25, effects.append().size());
        long next = 2;
        for (Effects.Send send : effects.sendNow()) {
            if (send.to().equals(B)) {
                AppendEntries part = (AppendEntries) send.message();
                assertEquals(next - 1, part.previousIndex().position());
                assertEquals(new Term(1), part.previousTerm());
                assertTrue(part.entries().size() <= 10, "1,000 bytes are 10 entries");
                next += part.entries().size();
            }
        }
        assertEquals(27, next);
        replica.durable(26);
        assertEquals(new LogIndex(26), replica.accepted(B, 26).commitTo());
    }

    @Test
    void timestampsRiseAlongTheLogWhateverTheClockSays() {
        OneReplica replica = OneReplica.leaderOf(1);
        Timestamp before = replica.core.lastTimestamp();
        replica.now -= 500_000;
        Timestamp last = before;
        for (LogEntry entry : replica.propose(3).append()) {
            assertTrue(entry.timestamp().compareTo(last) > 0);
            last = entry.timestamp();
        }
        replica.now += 900_000;
        assertEquals(
                Timestamp.ofMillis(replica.now),
                replica.propose(1).append().get(0).timestamp());
    }

    @Test
    void aRejectionIsFollowedByAProbeWhereTheLogsMayAgree() {
        OneReplica replica = OneReplica.elected(log(1, 1, 1, 4, 4, 4), 6);
        AppendEntries probe = entriesTo(B, replica.rejected(B, 6, 5, 2));
        assertEquals(new LogIndex(3), probe.previousIndex(), "no entry of t4 can agree with one of t2 or older");
        assertEquals(new Term(1), probe.previousTerm());
        assertTrue(probe.entries().isEmpty());
        assertSame(Effects.NONE, replica.rejected(B, 6, 5, 2), "a late rejection");
        Effects effects = replica.accepted(B, 3);
        assertEquals(new LogIndex(4), effects.sendFromLog().get(0).from());
        assertEquals(new LogIndex(7), effects.sendFromLog().get(0).through());
    }

    @Test
    void anIdleFollowerHearsAHeartbeatAndTheCommitIndex() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.now += 1;
        replica.accepted(B, 1);
        assertTrue(replica.tick(1).sendNow().isEmpty());
        assertTrue(replica.tick(25).sendNow().isEmpty(), "the own H2 does not show it yet");
        replica.core.onApplied(new LogIndex(1));
        AppendEntries news = entriesTo(B, replica.tick(1));
        assertEquals(new LogIndex(1), news.commitIndex());
        assertTrue(replica.tick(50).sendNow().isEmpty());
        assertTrue(entriesTo(B, replica.tick(60)).entries().isEmpty());
    }

    @Test
    void whatIsNoLongerInTheLogTakesASnapshot() {
        LogShape cut = log(1, 1, 1, 1, 1);
        cut.cutThrough(3);
        OneReplica replica = OneReplica.elected(cut, 2);
        Effects effects = replica.rejected(B, 5, 1, 1);
        assertEquals(java.util.List.of(B), effects.snapshotTo());
        assertTrue(replica.rejected(B, 5, 1, 1).snapshotTo().isEmpty(), "it is under way");
        AppendEntries probe = entriesTo(B, replica.core.onSnapshotSent(B, replica.now));
        assertEquals(new LogIndex(3), probe.previousIndex());
        assertEquals(
                new LogIndex(5), replica.accepted(B, 4).sendFromLog().get(0).from());
    }

    @Test
    void aFollowerWhoseProbeWasCutAwayIsStillFound() {
        OneReplica replica = OneReplica.elected(log(1, 1, 1, 1), 2);
        replica.accepted(C, 5);
        replica.core.onApplied(new LogIndex(5));
        assertEquals(new LogIndex(2), entriesTo(B, replica.rejected(B, 4, 2, 1)).previousIndex());
        replica.core.onLogCut(new LogIndex(4));
        assertEquals(new LogIndex(4), entriesTo(B, replica.tick(200)).previousIndex());
        assertEquals(java.util.List.of(B), replica.rejected(B, 4, 2, 1).snapshotTo());
    }

    @Test
    void anAcknowledgementOfWhatWasNeverSentIsAnAlarm() {
        OneReplica replica = OneReplica.leaderOf(1);
        assertThrows(IllegalStateException.class, () -> replica.accepted(B, 9));
    }

    @Test
    void strangersAndStaleAnswersCountForNothing() {
        OneReplica replica = OneReplica.leaderOf(1);
        assertSame(Effects.NONE, replica.accepted(new NodeId("stranger"), 1));
        assertEquals(LogIndex.NONE, replica.core.commitIndex());
        assertEquals(A, replica.core.leader());
    }

    @Test
    void theLogIsKeptForFollowersThatKeepUp() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.propose(4);
        replica.durable(5);
        replica.accepted(B, 5);
        assertEquals(LogIndex.NONE, replica.core.mayCutThrough(), "nothing is known of c");
        replica.accepted(C, 3);
        assertEquals(new LogIndex(3), replica.core.mayCutThrough());
    }
}
