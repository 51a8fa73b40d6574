package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.Proposal;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.replication.ReplicaState;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.Test;

/** Moments go by the machine's clock as it is now, leases and deadlines by one that no step of it reaches. */
class CutHoldsTest {

    private static final PartitionId PARTITION = new PartitionId(0);
    private static final NodeId NODE = new NodeId("n1");
    private static final StorageId STORAGE = new StorageId("disk");

    private long now = 5_000_000;
    private long wall = 1_700_000_000_000L;

    private final OwnEntries own = new OwnEntries(Runnable::run, new GroupCommit(1, 1));
    private final CutHolds holds = new CutHolds(PARTITION, Runnable::run, () -> wall);
    private final PartitionReplica core = leader();

    private PartitionReplica leader() {
        PartitionReplica replica =
                new PartitionReplica(ReplicaState.empty(PARTITION, NODE, STORAGE), ReplicaSettings.DEFAULT, now);
        Term term = new Term(1);
        replica.onMessage(new NodeId("controller"), new PromiseRequest(PARTITION, term), now);
        List<ReplicaGroup.Voter> voters = List.of(new ReplicaGroup.Voter(NODE, STORAGE));
        replica.onConfig(new ReplicaGroup(PARTITION, term, NODE, AckRule.QUORUM, voters, List.of(NODE), 1), now);
        replica.onDurable(replica.lastIndex(), now);
        replica.onTick(now);
        assertTrue(replica.isLeader() && replica.leaseUntilMillis() > now);
        return replica;
    }

    private Message closedAt(long millis) {
        return holds.close(Timestamp.ofMillis(millis), core, own, now);
    }

    @Test
    void aClockThatWasSetForwardIsNoOtherNodesFault() {
        wall += 2_000;
        assertNull(closedAt(wall + 2));
        Effects effects =
                core.onProposals(List.of(new Proposal(TransactionId.NONE, EntryKind.ROWS, new byte[1])), now, wall);
        assertTrue(effects.append().get(0).timestamp().millis() >= wall);
    }

    @Test
    void aMomentFarAheadOfTheClockIsRefused() {
        assertEquals(
                ErrorCode.CLOCK_AHEAD,
                assertInstanceOf(Failure.class, closedAt(wall + 501)).error());
    }

    @Test
    void theLeaseMustLastUntilEveryClockHasPassedTheMoment() {
        assertNull(closedAt(wall + 500));
        now = core.leaseUntilMillis() - 500;
        assertNull(closedAt(wall + 99));
        PositionedAnswer missed = assertInstanceOf(PositionedAnswer.class, closedAt(wall + 100));
        assertEquals(ErrorCode.CUT_MISSED, ((Failure) missed.answer()).error());
    }

    @Test
    void timestampsNeverFallWithTheClock() {
        List<Proposal> one = List.of(new Proposal(TransactionId.NONE, EntryKind.ROWS, new byte[1]));
        core.onProposals(one, now, wall);
        Timestamp before = core.lastTimestamp();
        core.onProposals(one, now, wall - 3_600_000);
        assertTrue(core.lastTimestamp().compareTo(before) > 0);
        assertEquals(new LogIndex(3), core.lastIndex());
    }
}
