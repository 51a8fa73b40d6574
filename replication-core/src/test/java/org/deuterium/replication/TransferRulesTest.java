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
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.Test;

/** A planned transfer of the lead: drain, catch the target up, give the lease up, hand over. */
class TransferRulesTest {

    @Test
    void theLeadIsHandedOverWhenTheTargetHasEverything() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.propose(1);
        assertNull(replica.core.transferLeader(B, replica.now).configChange());
        assertEquals(Effects.Refusal.HANDING_OVER, replica.propose(1).refusal());
        assertFalse(replica.core.isServing());
        assertTrue(replica.core.leaseUntilMillis() > replica.now, "what was begun may still be answered");
        replica.durable(2);
        assertNull(replica.accepted(C, 2).configChange(), "committed, but not there");
        Effects effects = replica.accepted(B, 2);
        ReplicaGroup wish = effects.configChange();
        assertNotNull(wish);
        assertNull(wish.leader());
        assertEquals(B, wish.successor());
        assertTrue(entriesTo(C, effects).releases());
        assertEquals(0, replica.core.leaseUntilMillis());
        replica.accepted(B, 2);
        assertEquals(0, replica.core.leaseUntilMillis(), "it is given up for good");
        replica.group(wish);
        assertFalse(replica.core.isLeader());
    }

    @Test
    void aVoterThatWasReleasedPromisesAtOnce() {
        OneReplica replica = OneReplica.empty();
        message(replica, 7_000, false);
        message(replica, 0, true);
        assertEquals(1, replica.promise(2).sendAfterDurable().size());
    }

    private static void message(OneReplica replica, long sentMillis, boolean releases) {
        replica.core.onMessage(
                B,
                new AppendEntries(
                        PARTITION,
                        new Term(1),
                        LogIndex.NONE,
                        Term.NONE,
                        LogIndex.NONE,
                        sentMillis,
                        releases,
                        List.of()),
                replica.now);
    }

    @Test
    void untilTheLeaseIsGivenUpTheLeadCanBeKept() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(C, 1);
        replica.core.onApplied(new LogIndex(1));
        replica.core.transferLeader(B, replica.now);
        assertTrue(replica.core.keepLead());
        assertTrue(replica.core.isServing());
        assertTrue(replica.propose(1).writes());
    }

    @Test
    void afterwardsTheWishIsRepeatedUntilItIsRead() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        assertNotNull(replica.core.transferLeader(B, replica.now).configChange());
        assertFalse(replica.core.keepLead());
        assertNull(replica.tick(900).configChange());
        ReplicaGroup again = replica.tick(100).configChange();
        assertNotNull(again);
        assertEquals(B, again.successor());
    }

    @Test
    void onlyAVoterCanTakeOver() {
        OneReplica replica = OneReplica.leaderOf(1);
        assertNotNull(replica.core.refusalOfTransfer(new NodeId("stranger")));
        assertNotNull(OneReplica.empty().core.refusalOfTransfer(B));
        assertNull(replica.core.refusalOfTransfer(B));
        assertEquals(A, replica.core.leader());
    }

    private static void acknowledgesStuck(OneReplica replica, NodeId node, long index, boolean stuck) {
        replica.core.onMessage(
                node,
                AppendAnswer.accepted(
                                PARTITION, new Term(1), replica.now, OneReplica.storage(node), new LogIndex(index))
                        .stuck(stuck),
                replica.now);
    }

    /** Its log is as good as any, but it could serve nobody. */
    @Test
    void whoIsStuckDoesNotTakeOver() {
        OneReplica replica = OneReplica.leaderOf(1);
        acknowledgesStuck(replica, B, 1, true);
        String refusal = replica.core.refusalOfTransfer(B);
        assertTrue(refusal != null && refusal.contains("STUCK"), refusal);
        acknowledgesStuck(replica, B, 1, false);
        assertNull(replica.core.refusalOfTransfer(B), "it has another database now");
    }

    @Test
    void whoGetsStuckMeanwhileIsWaitedForAndTheLeadCanBeKept() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(C, 1);
        assertNull(replica.core.transferLeader(B, replica.now).configChange());
        acknowledgesStuck(replica, B, 1, true);
        assertNull(replica.tick(100).configChange());
        assertTrue(replica.core.keepLead());
    }
}
