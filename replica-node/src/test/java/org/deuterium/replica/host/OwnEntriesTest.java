package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.Effects;
import org.deuterium.replication.LogShape;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.Proposal;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.replication.ReplicaState;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.Test;

/** Who waits for entries, and what becomes of them. */
class OwnEntriesTest {

    private static final PartitionId P = PartitionId.HOME;
    private static final NodeId N1 = new NodeId("n1");
    private static final StorageId DISK = new StorageId("disk");
    private static final Term TERM = new Term(1);
    private static final long NOW = 1_000_000;

    private final OwnEntries own = new OwnEntries(Runnable::run, new GroupCommit(1000, 500));
    private final List<Long> unknown = new ArrayList<>();

    private static PartitionReplica leader() {
        PartitionReplica core = new PartitionReplica(
                new ReplicaState(P, N1, DISK, Term.NONE, new LogShape(), Timestamp.ZERO, LogIndex.NONE),
                ReplicaSettings.DEFAULT,
                NOW);
        core.onMessage(N1, new PromiseRequest(P, TERM), NOW);
        core.onConfig(
                new ReplicaGroup(
                        P, TERM, N1, AckRule.QUORUM, List.of(new ReplicaGroup.Voter(N1, DISK)), List.of(N1), 1),
                NOW);
        return core;
    }

    private PendingEntry entry(long number) {
        return new PendingEntry(TERM, new Proposal(new TransactionId(1, number), EntryKind.ROWS, new byte[1])) {
            @Override
            protected void committed(H2Storage storage, LogEntry entry) {
                throw new AssertionError("nothing is applied here");
            }

            @Override
            protected void refused(Effects.Refusal why) {
                throw new AssertionError("refused: " + why);
            }

            @Override
            protected void outcomeUnknown() {
                unknown.add(number);
            }
        };
    }

    /** Else the feed of the applier would look for its place before the first of them for ever. */
    @Test
    void whatADatabaseFromElsewhereShowsIsNotHandedOverAnyMore() {
        PartitionReplica core = leader();
        for (int i = 1; i <= 3; i++) {
            own.add(entry(i));
        }
        own.proposeAll(core, false, NOW, NOW);
        OwnEntry first = own.first();
        assertNotNull(first);
        own.passedOver(new LogIndex(first.index() + 1));
        OwnEntry next = own.first();
        assertNotNull(next);
        assertEquals(first.index() + 2, next.index());
        assertEquals(List.of(1L, 2L), unknown);
        own.passedOver(new LogIndex(first.index() + 1));
        own.abandonAfter(LogIndex.NONE);
        assertNull(own.first());
        assertEquals(List.of(1L, 2L, 3L), unknown);
    }
}
