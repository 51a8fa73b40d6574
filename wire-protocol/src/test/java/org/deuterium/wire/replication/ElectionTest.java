package org.deuterium.wire.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.junit.jupiter.api.Test;

/** Who may lead a term: enough promises of directories that vote, and the greatest log among them. */
class ElectionTest {

    private static final PartitionId PARTITION = new PartitionId(2);
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");

    private static final ReplicaGroup GROUP = new ReplicaGroup(
            PARTITION, new Term(5), null, AckRule.QUORUM, List.of(voter(A), voter(B), voter(C)), List.of(A, B, C), 9);

    private static ReplicaGroup.Voter voter(NodeId node) {
        return new ReplicaGroup.Voter(node, new StorageId("disk-" + node));
    }

    private static Promise promise(long term, boolean granted, NodeId node, long lastTerm, long lastIndex) {
        return new Promise(
                PARTITION,
                new Term(term),
                granted,
                new StorageId("disk-" + node),
                new Term(lastTerm),
                new LogIndex(lastIndex));
    }

    @Test
    void aMajorityAndInItTheLaterTermThenTheLongerLog() {
        Election election = new Election(GROUP);
        election.add(A, promise(5, true, A, 3, 90));
        assertNull(election.winner(A));
        election.add(B, promise(5, true, B, 4, 10));
        assertEquals(B, election.winner(A));
        assertFalse(election.complete());
        election.add(C, promise(5, true, C, 4, 11));
        assertEquals(C, election.winner(A));
        assertTrue(election.complete());
    }

    @Test
    void betweenEqualLogsThePreferredOne() {
        Election election = new Election(GROUP);
        election.add(A, promise(5, true, A, 3, 9));
        election.add(B, promise(5, true, B, 3, 9));
        assertEquals(B, election.winner(B));
        assertEquals(A, election.winner(C));
    }

    private static Promise stuck(NodeId node, long lastTerm, long lastIndex) {
        Promise able = promise(5, true, node, lastTerm, lastIndex);
        return new Promise(
                able.partition(), able.term(), true, able.storage(), able.lastTerm(), able.lastIndex(), true);
    }

    @Test
    void whoIsStuckLeadsOnlyIfTheOthersAreTooFewAndItsLogGoesFurther() {
        Election election = new Election(GROUP);
        election.add(A, stuck(A, 3, 9));
        election.add(B, promise(5, true, B, 3, 8));
        assertEquals(A, election.winner(B), "it may be the only one that knows of a commit");
        election.add(C, promise(5, true, C, 3, 7));
        assertEquals(B, election.winner(A), "one of the two knows every commit");
        Election equal = new Election(GROUP);
        equal.add(A, stuck(A, 3, 9));
        equal.add(B, promise(5, true, B, 3, 9));
        assertEquals(B, equal.winner(A));
        Election all = new Election(GROUP);
        all.add(A, stuck(A, 3, 8));
        all.add(B, stuck(B, 3, 9));
        assertEquals(B, all.winner(A), "others may be without a vote only because there is no leader to give it back");
    }

    @Test
    void refusalsOtherTermsAndEmptyDisksDoNotCount() {
        Election election = new Election(GROUP);
        assertNull(election.add(A, promise(4, true, A, 3, 9)));
        assertEquals(new Term(8), election.add(A, promise(8, false, A, 3, 9)));
        assertNull(election.add(B, promise(5, true, C, 3, 9)));
        assertNull(election.add(C, promise(5, false, C, 3, 9)));
        assertEquals(0, election.promised());
        assertNull(election.winner(null));
    }

    @Test
    void aTermThatHasALeaderIsNotElectedAgain() {
        assertThrows(IllegalStateException.class, () -> new Election(GROUP.withLeader(A)));
    }

    @Test
    void aVoterWithoutADirectoryHasNoVote() {
        ReplicaGroup forming = GROUP.withStorage(A, StorageId.UNKNOWN);
        assertFalse(forming.counts(A, StorageId.UNKNOWN));
        assertTrue(forming.hasReplica(A));
        assertEquals(10, forming.version());
        assertEquals(new Term(6), GROUP.withLeader(B).withNextTerm().term());
        assertNull(GROUP.withLeader(B).withNextTerm().leader());
    }
}
