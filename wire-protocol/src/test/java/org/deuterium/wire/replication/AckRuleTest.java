package org.deuterium.wire.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.junit.jupiter.api.Test;

/** Ack rules as words and bytes, and whom they let vote. */
class AckRuleTest {

    private static final List<AckRule> ALL = List.of(
            AckRule.QUORUM, AckRule.ASYNC, AckRule.semiSync(2), AckRule.sync(2), AckRule.sync(1), AckRule.chain(3));

    @Test
    void textAndBytesReadBack() {
        for (AckRule rule : ALL) {
            assertEquals(rule, AckRule.parse(rule.toString()));
            WireWriter out = new WireWriter();
            rule.encode(out);
            byte[] bytes = out.toByteArray();
            assertEquals(rule, AckRule.decode(new WireReader(bytes, 0, bytes.length)));
        }
        assertEquals(AckRule.sync(2), AckRule.parse("sync"));
        assertEquals(AckRule.chain(2), AckRule.parse(" CHAIN "));
    }

    @Test
    void whatIsNoRuleIsRefused() {
        for (String text : List.of(
                "",
                "SEMI_SYNC",
                "SEMI_SYNC 0",
                "SEMI_SYNC x",
                "QUORUM 2",
                "SYNC MIN_IN_SYNC",
                "LAZY",
                "SYNC MIN_IN_SYNC 0",
                "ASYNC MIN_IN_SYNC 2")) {
            assertThrows(IllegalArgumentException.class, () -> AckRule.parse(text), text);
        }
        byte[] bytes = {9, 0, 0};
        assertThrows(MalformedMessageException.class, () -> AckRule.decode(new WireReader(bytes, 0, bytes.length)));
    }

    @Test
    void underSyncOnlyTheInSyncSetVotesAndOneOfItElects() {
        NodeId a = new NodeId("a");
        NodeId b = new NodeId("b");
        NodeId c = new NodeId("c");
        PartitionId partition = new PartitionId(1);
        ReplicaGroup group = new ReplicaGroup(
                partition, new Term(4), null, AckRule.sync(2), List.of(voter(a), voter(b), voter(c)), List.of(c, a), 7);
        assertEquals(List.of(voter(a), voter(c)), group.voters());
        assertTrue(group.votes(c, storage(c)));
        assertFalse(group.votes(b, storage(b)), "it lags");
        assertTrue(group.counts(b, storage(b)), "but its directory is known");
        Election election = new Election(group);
        election.add(b, promise(partition, b, 900));
        assertNull(election.winner(b));
        election.add(c, promise(partition, c, 20));
        assertEquals(c, election.winner(b));
        assertFalse(election.complete());
        election.add(a, promise(partition, a, 20));
        assertTrue(election.complete());
        assertFalse(group.withInSync(List.of(c)).hasEnoughInSync());
    }

    private static Promise promise(PartitionId partition, NodeId node, long last) {
        return new Promise(partition, new Term(4), true, storage(node), new Term(3), new LogIndex(last));
    }

    private static StorageId storage(NodeId node) {
        return new StorageId("disk-" + node);
    }

    private static ReplicaGroup.Voter voter(NodeId node) {
        return new ReplicaGroup.Voter(node, storage(node));
    }
}
