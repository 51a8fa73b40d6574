package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.Test;

/** What each ack rule commits, and how one follows another ("Ack rules", "Changing V or w"). */
class AckRulesTest {

    private static OneReplica leaderUnder(AckRule rule) {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        replica.group(OneReplica.groupOf(1, A, 0).withAckRule(rule));
        replica.durable(1);
        replica.accepted(B, 1);
        replica.accepted(C, 1);
        assertEquals(new LogIndex(1), replica.core.commitIndex());
        return replica;
    }

    @Test
    void semiSyncCountsSoManyFollowers() {
        OneReplica replica = leaderUnder(AckRule.semiSync(2));
        replica.propose(1);
        replica.durable(2);
        assertNull(replica.accepted(B, 2).commitTo(), "a majority, but not two followers");
        assertEquals(new LogIndex(2), replica.accepted(C, 2).commitTo());
    }

    @Test
    void syncWaitsForTheWholeInSyncSet() {
        OneReplica replica = leaderUnder(AckRule.sync(2));
        replica.propose(1);
        replica.durable(2);
        assertNull(replica.accepted(B, 2).commitTo());
        assertEquals(new LogIndex(2), replica.accepted(C, 2).commitTo());
    }

    @Test
    void aSilentMemberLeavesTheInSyncSetAndThenCommitsGoOn() {
        OneReplica replica = leaderUnder(AckRule.sync(2));
        replica.propose(1);
        replica.durable(2);
        replica.accepted(B, 2);
        replica.now += 2_000;
        replica.accepted(B, 2);
        ReplicaGroup wish = replica.tick(10).configChange();
        assertNotNull(wish);
        assertEquals(List.of(A, B), wish.inSync());
        assertEquals(new LogIndex(1), replica.core.commitIndex(), "the old set must agree until the new one is read");
        assertEquals(new LogIndex(2), replica.group(wish).commitTo());
    }

    @Test
    void belowMinInSyncWritesAreRefusedAndWhatWasTakenWaits() {
        OneReplica replica = leaderUnder(AckRule.sync(2));
        replica.propose(1);
        replica.durable(2);
        ReplicaGroup alone = alone(replica);
        assertEquals(List.of(A), alone.inSync());
        assertNull(replica.group(alone).commitTo(), "one copy is less than was promised");
        Effects refused = replica.propose(1);
        assertEquals(Effects.Refusal.TOO_FEW_IN_SYNC, refused.refusal());
        assertFalse(refused.writes());
        replica.accepted(B, 2);
        ReplicaGroup two = replica.tick(10).configChange();
        assertNotNull(two);
        assertEquals(List.of(A, B), two.inSync());
        assertEquals(new LogIndex(2), replica.group(two).commitTo());
        assertTrue(replica.propose(1).writes());
    }

    /** Everybody but the leader is silent until it stands alone. */
    private static ReplicaGroup alone(OneReplica replica) {
        ReplicaGroup wish = replica.tick(2_100).configChange();
        assertNotNull(wish);
        return wish;
    }

    @Test
    void aNewLeaderShrinksTheSetBeforeItsTermIsCommitted() {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        replica.group(OneReplica.groupOf(1, A, 0).withAckRule(AckRule.sync(2)));
        replica.durable(1);
        replica.accepted(B, 1);
        assertNull(replica.tick(490).configChange());
        ReplicaGroup wish = replica.tick(20).configChange();
        assertNotNull(wish, "c has never answered in this term");
        assertEquals(List.of(A, B), wish.inSync());
        assertEquals(new LogIndex(1), replica.group(wish).commitTo());
    }

    @Test
    void butItExtendsTheSetOnlyAfterwards() {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        replica.group(OneReplica.groupOf(1, A, 0).withAckRule(AckRule.sync(2)).withInSync(List.of(A, B)));
        replica.accepted(C, 1);
        assertNull(replica.tick(10).configChange());
        replica.accepted(B, 1);
        assertEquals(new LogIndex(1), replica.durable(1).commitTo());
        ReplicaGroup wish = replica.tick(10).configChange();
        assertNotNull(wish);
        assertEquals(List.of(A, B, C), wish.inSync());
    }

    @Test
    void whereEveryReplicaMustHaveAnEntryANewDirectoryVotesBeforeTheTermIsCommitted() {
        OneReplica replica = OneReplica.empty();
        replica.promise(1);
        replica.group(OneReplica.groupOf(1, A, 0).withAckRule(AckRule.semiSync(2)));
        replica.durable(1);
        replica.accepted(C, 1);
        replica.acceptedFrom(B, new StorageId("new"), 0);
        replica.acceptedFrom(B, new StorageId("new"), 1);
        ReplicaGroup wish = replica.tick(10).configChange();
        assertNotNull(wish, "else nothing could ever be committed again");
        assertEquals(new StorageId("new"), wish.storageOf(B));
        assertEquals(new LogIndex(1), replica.group(wish).commitTo());
    }

    @Test
    void twoNewDirectoriesAreTakenOneAfterTheOther() {
        OneReplica replica = leaderUnder(AckRule.semiSync(2));
        for (NodeId follower : List.of(B, C)) {
            replica.acceptedFrom(follower, new StorageId("new-" + follower), 0);
            replica.acceptedFrom(follower, new StorageId("new-" + follower), 1);
        }
        ReplicaGroup first = replica.tick(10).configChange();
        assertNotNull(first, "one of them is not enough for what is committed, but better than none");
        replica.group(first);
        ReplicaGroup second = replica.tick(10).configChange();
        assertNotNull(second);
        assertEquals(new StorageId("new-" + B), second.storageOf(B));
        assertEquals(new StorageId("new-" + C), second.storageOf(C));
    }

    @Test
    void asyncCommitsWithTheOwnFsync() {
        OneReplica replica = leaderUnder(AckRule.ASYNC);
        replica.propose(1);
        assertEquals(new LogIndex(2), replica.durable(2).commitTo());
    }

    @Test
    void asyncCommitsOnlyUnderALease() {
        OneReplica replica = leaderUnder(AckRule.ASYNC);
        replica.now += OneReplica.SETTINGS.leaseMillis();
        replica.propose(1);
        assertNull(replica.durable(2).commitTo(), "it may have been deposed");
        assertEquals(new LogIndex(2), replica.accepted(B, 1).commitTo(), "a majority says that it was not");
    }

    @Test
    void anotherRuleIsWrittenOnceAllThatIsCommittedMeetsItToo() {
        OneReplica replica = leaderUnder(AckRule.QUORUM);
        replica.propose(1);
        replica.durable(2);
        assertEquals(new LogIndex(2), replica.accepted(B, 2).commitTo());
        assertNull(replica.core.changeAckRule(AckRule.semiSync(2), replica.now).configChange(), "c lacks i2");
        replica.propose(1);
        replica.durable(3);
        assertNull(replica.accepted(B, 3).commitTo(), "from now on both rules must agree");
        assertEquals(new LogIndex(3), replica.accepted(C, 3).commitTo());
        ReplicaGroup wish = replica.tick(10).configChange();
        assertNotNull(wish);
        assertEquals(AckRule.semiSync(2), wish.ackRule());
        replica.group(wish);
        replica.propose(1);
        replica.durable(4);
        assertNull(replica.accepted(B, 4).commitTo());
        assertEquals(new LogIndex(4), replica.accepted(C, 4).commitTo());
    }

    @Test
    void fromAsyncToQuorumWhatWasCommittedAloneIsBroughtToOthersFirst() {
        OneReplica replica = leaderUnder(AckRule.ASYNC);
        replica.propose(3);
        assertEquals(new LogIndex(4), replica.durable(4).commitTo());
        assertNull(replica.core.changeAckRule(AckRule.QUORUM, replica.now).configChange());
        replica.propose(1);
        assertNull(replica.durable(5).commitTo(), "QUORUM must agree as well");
        assertEquals(new LogIndex(5), replica.accepted(B, 5).commitTo());
        ReplicaGroup wish = replica.tick(10).configChange();
        assertNotNull(wish);
        assertEquals(AckRule.QUORUM, wish.ackRule());
    }

    @Test
    void aRuleThatWouldStopCommitsIsWaitedForWithoutStoppingThem() {
        OneReplica replica = leaderUnder(AckRule.QUORUM);
        replica.propose(1);
        replica.durable(2);
        replica.accepted(B, 2);
        replica.now += 1_500;
        replica.accepted(B, 2);
        assertNull(replica.core.changeAckRule(AckRule.semiSync(2), replica.now).configChange(), "c is silent");
        replica.propose(1);
        replica.durable(3);
        assertEquals(new LogIndex(3), replica.accepted(B, 3).commitTo());
    }

    @Test
    void aWishCanBeGivenUpUntilItIsSent() {
        OneReplica waiting = leaderUnder(AckRule.QUORUM);
        waiting.propose(1);
        waiting.durable(2);
        waiting.accepted(B, 2);
        waiting.core.changeAckRule(AckRule.semiSync(2), waiting.now);
        assertEquals(
                WishWithdrawn.SURELY, waiting.core.withdrawAckRule(AckRule.semiSync(2), effects -> {}, waiting.now));
        waiting.accepted(C, 2);
        assertNull(waiting.tick(10).configChange());
        OneReplica sent = leaderUnder(AckRule.QUORUM);
        assertNotNull(sent.core.changeAckRule(AckRule.ASYNC, sent.now).configChange());
        assertEquals(WishWithdrawn.UNKNOWN, sent.core.withdrawAckRule(AckRule.ASYNC, effects -> {}, sent.now));
    }

    /** A statement whose answer was lost, and another that takes it back. */
    @Test
    void theFormerRuleIsNotInForceWhileAnotherMayReachTheBoard() {
        OneReplica replica = leaderUnder(AckRule.sync(2));
        ReplicaGroup async =
                replica.core.changeAckRule(AckRule.ASYNC, replica.now).configChange();
        assertNotNull(async, "sent: it may be written at any time");
        assertEquals(RuleStanding.WISHED, replica.core.standingOf(AckRule.ASYNC));
        replica.core.changeAckRule(AckRule.sync(2), replica.now);
        assertEquals(RuleStanding.WISHED, replica.core.standingOf(AckRule.sync(2)));
        assertEquals(RuleStanding.GIVEN_UP, replica.core.standingOf(AckRule.ASYNC));
        assertEquals(async, replica.tick(1_000).configChange(), "until it is read nobody can know");
        replica.group(async);
        ReplicaGroup back = replica.tick(10).configChange();
        assertNotNull(back);
        assertEquals(AckRule.sync(2), back.ackRule());
        replica.group(back);
        assertEquals(RuleStanding.IN_FORCE, replica.core.standingOf(AckRule.sync(2)));
    }

    @Test
    void whenThatOneComesToNothingTheFormerRuleIs() {
        OneReplica replica = leaderUnder(AckRule.sync(2));
        replica.core.changeAckRule(AckRule.ASYNC, replica.now);
        replica.core.changeAckRule(AckRule.sync(2), replica.now);
        assertEquals(
                WishWithdrawn.UNKNOWN,
                replica.core.withdrawAckRule(AckRule.sync(2), effects -> {}, replica.now),
                "nobody waits, but ASYNC may be written");
        replica.core.changeAckRule(AckRule.sync(2), replica.now);
        replica.group(OneReplica.groupOf(1, A, 5).withAckRule(AckRule.sync(2)));
        assertEquals(RuleStanding.IN_FORCE, replica.core.standingOf(AckRule.sync(2)));
        assertNull(replica.tick(1_000).configChange());
    }

    @Test
    void whatNobodyCanHaveSeenIsTakenBackAtOnce() {
        OneReplica replica = leaderUnder(AckRule.QUORUM);
        replica.propose(1);
        replica.durable(2);
        replica.accepted(B, 2);
        assertNull(replica.core.changeAckRule(AckRule.semiSync(2), replica.now).configChange(), "c lacks i2");
        assertEquals(RuleStanding.WISHED, replica.core.standingOf(AckRule.semiSync(2)));
        replica.core.changeAckRule(AckRule.QUORUM, replica.now);
        assertEquals(RuleStanding.IN_FORCE, replica.core.standingOf(AckRule.QUORUM));
        replica.accepted(C, 2);
        assertNull(replica.tick(10).configChange());
    }

    /** Two sessions at a time: the first one's patience ends first. */
    @Test
    void oneWishEndsWithoutAnother() {
        OneReplica replica = OneReplica.leaderOf(1); // nobody answers: no rule can be met
        replica.core.changeAckRule(AckRule.sync(2), replica.now);
        replica.core.changeAckRule(AckRule.semiSync(2), replica.now);
        assertEquals(RuleStanding.GIVEN_UP, replica.core.standingOf(AckRule.sync(2)));
        assertEquals(WishWithdrawn.SURELY, replica.core.withdrawAckRule(AckRule.sync(2), effects -> {}, replica.now));
        assertEquals(RuleStanding.WISHED, replica.core.standingOf(AckRule.semiSync(2)));
        replica.core.changeAckRule(AckRule.semiSync(2), replica.now);
        assertEquals(
                WishWithdrawn.OTHERS_WAIT,
                replica.core.withdrawAckRule(AckRule.semiSync(2), effects -> {}, replica.now));
        assertEquals(
                WishWithdrawn.SURELY, replica.core.withdrawAckRule(AckRule.semiSync(2), effects -> {}, replica.now));
        assertEquals(RuleStanding.GIVEN_UP, replica.core.standingOf(AckRule.semiSync(2)));
    }

    @Test
    void whatCannotBeIsRefusedWithTheCure() {
        OneReplica replica = leaderUnder(AckRule.QUORUM);
        assertNull(replica.core.refusalOf(AckRule.sync(2)));
        assertNotNull(replica.core.refusalOf(AckRule.semiSync(3)));
        assertNotNull(replica.core.refusalOf(AckRule.sync(4)));
        assertNotNull(replica.core.refusalOf(AckRule.chain(1)));
        assertNotNull(OneReplica.empty().core.refusalOf(AckRule.QUORUM));
    }
}
