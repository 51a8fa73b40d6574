package org.deuterium.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.replication.AckRule;
import org.junit.jupiter.api.Test;

/** The arithmetic of votes and of what is on its way. */
class CommitRuleTest {

    @Test
    void whatAMajorityHasIsCommitted() {
        assertEquals(7, new CommitRule(AckRule.QUORUM, 1).committed(new long[] {7}));
        assertEquals(5, new CommitRule(AckRule.QUORUM, 2).committed(new long[] {7, 5}));
        CommitRule three = new CommitRule(AckRule.QUORUM, 3);
        assertEquals(5, three.committed(new long[] {7, 0, 5}));
        assertEquals(6, three.committed(new long[] {6, 9, 2}));
        assertEquals(3, new CommitRule(AckRule.QUORUM, 5).committed(new long[] {1, 9, 3, 4, 2}));
    }

    @Test
    void everyElectionMeetsEveryCommit() {
        for (int voters = 1; voters < 10; voters++) {
            int acknowledgements = AckRule.QUORUM.acknowledgementsToCommit(voters);
            assertTrue(acknowledgements + AckRule.QUORUM.promisesToElect(voters) > voters);
            assertTrue(acknowledgements * 2 > voters);
        }
    }

    @Test
    void theWindowFreesWhatIsAcknowledged() {
        InflightWindow window = new InflightWindow(100, 1_000);
        for (int i = 1; i <= 40; i++) {
            window.add(i * 10L, 20);
        }
        assertFalse(window.full());
        window.add(500, 200);
        assertTrue(window.full(), "by bytes");
        window.freeThrough(10);
        assertFalse(window.full());
        for (int i = 0; i < 60; i++) {
            window.add(600 + i, 0);
        }
        assertTrue(window.full(), "by messages");
        window.freeThrough(10_000);
        assertFalse(window.full());
    }
}
