package org.deuterium.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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
    void everyRuleCountsItsVoters() {
        long[] positions = {9, 7, 5, 3, 1};
        assertEquals(9, new CommitRule(AckRule.ASYNC, 5).committed(positions));
        assertEquals(7, new CommitRule(AckRule.semiSync(1), 5).committed(positions));
        assertEquals(3, new CommitRule(AckRule.semiSync(3), 5).committed(positions));
        assertEquals(1, new CommitRule(AckRule.sync(2), 5).committed(positions));
        assertEquals(1, new CommitRule(AckRule.chain(2), 5).committed(positions));
        assertEquals(0, new CommitRule(AckRule.semiSync(5), 5).committed(positions), "more than there are");
    }

    @Test
    void everyElectionMeetsEveryCommitAndEveryLease() {
        List<AckRule> rules = List.of(
                AckRule.QUORUM,
                AckRule.semiSync(1),
                AckRule.semiSync(2),
                AckRule.sync(2),
                AckRule.chain(2),
                AckRule.ASYNC);
        for (AckRule rule : rules) {
            for (int voters = 1; voters < 10; voters++) {
                if (rule.misfit(voters) != null) {
                    continue;
                }
                int promises = rule.promisesToElect(voters);
                assertTrue(promises >= 1 && promises <= voters, rule + " of " + voters);
                assertTrue(rule.confirmationsToLease(voters) + promises > voters, rule + " of " + voters);
                if (rule.kind() != AckRule.Kind.ASYNC) {
                    assertTrue(rule.acknowledgementsToCommit(voters) + promises > voters, rule + " of " + voters);
                }
            }
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
