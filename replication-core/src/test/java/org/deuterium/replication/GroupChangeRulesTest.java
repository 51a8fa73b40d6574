package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.A;
import static org.deuterium.replication.OneReplica.B;
import static org.deuterium.replication.OneReplica.C;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.Test;

/** Changes of the group by its leader: replaced directories, the in-sync set, and what holds while one is on its way. */
class GroupChangeRulesTest {

    private static final StorageId EMPTY = new StorageId("empty");

    @Test
    void aReplacedDirectoryIsCaughtUpAndThenAdded() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.propose(3);
        replica.durable(4);
        replica.accepted(C, 4);
        replica.acceptedFrom(B, EMPTY, 0);
        ReplicaGroup behind = replica.tick(10).configChange();
        assertNotNull(behind);
        assertEquals(List.of(A, C), behind.inSync(), "it has nothing yet");
        assertEquals(OneReplica.storage(B), behind.storageOf(B));
        replica.group(behind);
        replica.acceptedFrom(B, EMPTY, 4);
        ReplicaGroup wish = replica.tick(10).configChange();
        assertNotNull(wish);
        assertEquals(EMPTY, wish.storageOf(B));
        assertEquals(3, wish.version());
        replica.group(wish);
        ReplicaGroup back = replica.tick(10).configChange();
        assertNotNull(back);
        assertEquals(List.of(A, C, B), back.inSync());
    }

    @Test
    void theReplicaOfALostNodeIsGivenToAnotherButNotOfOneThatKeepsUp() {
        OneReplica replica = OneReplica.leaderOf(1);
        NodeId fresh = new NodeId("d");
        replica.propose(3);
        replica.durable(4);
        replica.accepted(C, 4);
        replica.core.replaceReplica(C, fresh);
        ReplicaGroup shrunk = null;
        for (int i = 0; i < 50 && shrunk == null; i++) { // B is silent
            shrunk = replica.tick(100).configChange();
            replica.accepted(C, 4);
        }
        assertNotNull(shrunk);
        assertEquals(List.of(A, C), shrunk.inSync());
        assertTrue(shrunk.hasReplica(C), "C keeps up: it is not lost");
        replica.group(shrunk);
        replica.core.replaceReplica(B, fresh);
        ReplicaGroup wish = replica.tick(10).configChange();
        assertNotNull(wish);
        assertTrue(wish.hasReplica(fresh) && !wish.hasReplica(B), wish::toString);
        assertNull(wish.storageOf(fresh), "no vote before it has caught up");
        assertEquals(List.of(A, C), wish.inSync());
    }

    @Test
    void whileAChangeIsOnItsWayBothGroupsMustAgree() {
        OneReplica replica = withDirectoryBeingAdded();
        replica.propose(1);
        replica.durable(5);
        assertNull(replica.acceptedFrom(B, EMPTY, 5).commitTo(), "enough for the new group, not for the old one");
        assertEquals(new LogIndex(5), replica.accepted(C, 5).commitTo());
    }

    @Test
    void onceReadBackTheNewGroupCountsAlone() {
        OneReplica replica = withDirectoryBeingAdded();
        replica.propose(1);
        replica.durable(5);
        replica.acceptedFrom(B, EMPTY, 5);
        assertEquals(new LogIndex(4), replica.core.commitIndex());
        ReplicaGroup added = OneReplica.groupOf(1, A, 2).withStorage(B, EMPTY).withVersion(2);
        assertEquals(new LogIndex(5), replica.group(added).commitTo());
    }

    @Test
    void aChangeNobodyAnsweredIsWishedAgain() {
        OneReplica replica = withDirectoryBeingAdded();
        assertNull(replica.tick(900).configChange());
        ReplicaGroup again = replica.tick(200).configChange();
        assertNotNull(again);
        assertEquals(2, again.version());
    }

    @Test
    void aNewDirectoryInvalidatesWhatTheOldOneAcknowledged() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.propose(1);
        replica.accepted(B, 2);
        replica.acceptedFrom(B, EMPTY, 0);
        assertNull(replica.durable(2).commitTo());
    }

    @Test
    void whoLagsLeavesTheInSyncSetAndComesBack() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.accepted(B, 1);
        replica.accepted(C, 1);
        replica.tick(1_000);
        replica.accepted(B, 1);
        replica.now += 1_500;
        replica.accepted(B, 1);
        ReplicaGroup wish = replica.tick(0).configChange();
        assertNotNull(wish);
        assertEquals(List.of(A, B), wish.inSync());
        replica.group(wish);
        assertNull(replica.tick(10).configChange());
        replica.accepted(C, 1);
        ReplicaGroup back = replica.tick(10).configChange();
        assertNotNull(back);
        assertEquals(List.of(A, B, C), back.inSync());
    }

    @Test
    void nothingIsChangedBeforeTheTermHasCommitted() {
        OneReplica replica = OneReplica.leaderOf(1);
        assertNull(replica.tick(10_000).configChange());
    }

    private static OneReplica withDirectoryBeingAdded() {
        OneReplica replica = OneReplica.leaderOf(1);
        replica.propose(3);
        replica.durable(4);
        replica.accepted(C, 4);
        replica.acceptedFrom(B, EMPTY, 4);
        replica.acceptedFrom(B, EMPTY, 4);
        assertNotNull(replica.tick(10).configChange());
        return replica;
    }
}
