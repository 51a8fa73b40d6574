package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.deuterium.replication.OneReplica.PARTITION;
import static org.deuterium.replication.OneReplica.entriesTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.ChainRoute;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.Test;

/** CHAIN: entries pass from member to member, the acknowledgement comes back from the tail, a broken chain is repaired. */
class ChainRulesTest {

    private static OneReplica head(List<NodeId> inSync) {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        replica.group(OneReplica.groupOf(1, A, 0).withAckRule(AckRule.chain(2)).withInSync(inSync));
        replica.durable(1);
        replica.accepted(B, 1);
        replica.accepted(C, 1);
        assertEquals(new LogIndex(1), replica.core.commitIndex());
        return replica;
    }

    private static Effects chained(OneReplica replica, NodeId from, int route, long own, long throughTail) {
        return replica.core.onMessage(
                from,
                AppendAnswer.accepted(
                                PARTITION,
                                replica.core.term(),
                                replica.now,
                                OneReplica.storage(from),
                                new LogIndex(own))
                        .ofChain(route, new LogIndex(throughTail)),
                replica.now);
    }

    @Test
    void theLeaderSendsToTheFirstMemberOnly() {
        OneReplica replica = head(List.of(A, C, B));
        Effects effects = replica.propose(1);
        assertEquals(1, effects.sendNow().size());
        ChainRoute route = entriesTo(C, effects).route();
        assertNotNull(route);
        assertEquals(List.of(B), route.rest());
        assertEquals(A, route.leader());
    }

    @Test
    void whatTheTailHasIsCommitted() {
        OneReplica replica = head(List.of(A, B, C));
        int route = routeOf(replica.propose(1));
        replica.durable(2);
        assertNull(chained(replica, B, route, 2, 1).commitTo(), "the tail does not have it");
        assertNull(chained(replica, B, route + 7, 2, 2).commitTo(), "another chain's acknowledgement");
        assertEquals(new LogIndex(2), chained(replica, B, route, 2, 2).commitTo());
    }

    private static int routeOf(Effects effects) {
        ChainRoute route = entriesTo(B, effects).route();
        assertNotNull(route);
        return route.number();
    }

    @Test
    void whatTheTailHadBeforeItsDiskWasReplacedIsNotCountedForTheNewOne() {
        OneReplica replica = head(List.of(A, B, C));
        StorageId empty = new StorageId("new");
        int route = routeOf(replica.propose(1));
        replica.durable(2);
        answersEmpty(replica, empty, 1);
        chained(replica, B, route, 2, 2); // b heard it of the former directory, and fsynced later
        ReplicaGroup wish = replica.tick(10).configChange();
        assertTrue(
                wish == null || !empty.equals(wish.storageOf(C)), () -> "a vote for a directory with nothing: " + wish);
        assertEquals(new LogIndex(1), replica.core.commitIndex());
        Effects probe = answersEmpty(replica, empty, 2);
        assertTrue(
                entriesTo(C, probe).previousIndex().position() < 2, () -> "nobody looks where its log ends: " + probe);
    }

    private static Effects answersEmpty(OneReplica replica, StorageId storage, long previous) {
        return replica.core.onMessage(
                C,
                new AppendAnswer(
                        PARTITION,
                        replica.core.term(),
                        storage,
                        false,
                        new LogIndex(previous),
                        LogIndex.NONE,
                        Term.NONE),
                replica.now);
    }

    @Test
    void aMemberThatLostSomethingIsServedDirectlyForAWhile() {
        OneReplica replica = head(List.of(A, B, C));
        replica.propose(1);
        assertEquals(new LogIndex(1), entriesTo(C, replica.rejected(C, 2, 1, 1)).previousIndex());
        replica.accepted(C, 1);
        replica.core.onSentFromLog(C, new LogIndex(2), 100, replica.now);
        Effects effects = replica.propose(1);
        assertNull(entriesTo(B, effects).route());
        assertNull(entriesTo(C, effects).route());
        replica.accepted(B, 3);
        replica.accepted(C, 3);
        replica.now += OneReplica.SETTINGS.lagMillis();
        assertNotNull(entriesTo(B, replica.propose(1)).route());
    }

    @Test
    void heartbeatsDoNotDoubtWhatIsOnItsWayThroughTheChain() {
        OneReplica replica = head(List.of(A, B, C));
        replica.propose(1);
        Effects effects = replica.tick(100);
        assertEquals(new LogIndex(1), entriesTo(C, effects).previousIndex());
        replica.now += 200;
        assertEquals(new LogIndex(2), entriesTo(C, replica.tick(100)).previousIndex(), "it takes too long");
    }

    @Test
    void aSilentMemberLeavesTheChainAndANewOneJoinsAtTheEnd() {
        OneReplica replica = head(List.of(A, B, C));
        replica.propose(1);
        replica.durable(2);
        replica.now += 2_000;
        replica.accepted(C, 2);
        ReplicaGroup wish = replica.tick(10).configChange();
        assertNotNull(wish);
        assertEquals(List.of(A, C), wish.inSync());
        assertEquals(new LogIndex(2), replica.group(wish).commitTo());
        replica.accepted(B, 2);
        ReplicaGroup back = replica.tick(10).configChange();
        assertNotNull(back);
        assertEquals(List.of(A, C, B), back.inSync());
    }

    private static AppendEntries passedOn(NodeId leader, List<NodeId> rest, long previous) {
        return new AppendEntries(
                        PARTITION,
                        new Term(1),
                        new LogIndex(previous),
                        new Term(previous == 0 ? 0 : 1),
                        LogIndex.NONE,
                        List.of(OneReplica.entry(1, previous + 1)))
                .along(new ChainRoute(3, leader, rest));
    }

    @Test
    void aMiddlePassesEntriesOnAndWaitsForBothFsyncs() {
        OneReplica replica = OneReplica.empty();
        Effects effects = replica.core.onMessage(B, passedOn(B, List.of(C), 0), replica.now);
        ChainRoute onwards = entriesTo(C, effects).route();
        assertNotNull(onwards);
        assertTrue(onwards.rest().isEmpty());
        assertTrue(replica.durable(1).sendNow().isEmpty(), "the tail has not answered");
        AppendAnswer answer = OneReplica.answer(chained(replica, C, 3, 1, 1).sendAfterDurable());
        assertEquals(new LogIndex(1), answer.throughTail());
        assertEquals(3, answer.routeNumber());
        assertTrue(chained(replica, C, 3, 1, 1).sendAfterDurable().isEmpty(), "once");
    }

    @Test
    void theTailAnswersWhomItHeardItFrom() {
        OneReplica replica = OneReplica.empty();
        replica.core.onMessage(C, passedOn(B, List.of(), 0), replica.now);
        assertEquals(B, replica.core.leader(), "the leader, not who passed it on");
        Effects effects = replica.durable(1);
        assertEquals(C, effects.sendNow().get(0).to());
        assertEquals(new LogIndex(1), OneReplica.answer(effects.sendNow()).throughTail());
    }

    @Test
    void aGapIsToldToTheLeader() {
        OneReplica replica = OneReplica.empty();
        Effects effects = replica.core.onMessage(C, passedOn(B, List.of(), 4), replica.now);
        assertEquals(B, effects.sendAfterDurable().get(0).to());
        assertFalse(OneReplica.answer(effects.sendAfterDurable()).accepted());
    }

    @Test
    void whoIsSentToDirectlyAgainAnswersTheLeader() {
        OneReplica replica = OneReplica.empty();
        replica.core.onMessage(C, passedOn(B, List.of(), 0), replica.now);
        replica.durable(1);
        replica.append(B, 1, 1, 1, 0, 1);
        Effects effects = replica.durable(2);
        assertEquals(B, effects.sendNow().get(0).to());
        assertEquals(0, OneReplica.answer(effects.sendNow()).routeNumber());
    }
}
