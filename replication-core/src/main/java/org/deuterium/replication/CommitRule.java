package org.deuterium.replication;

import org.deuterium.wire.replication.AckRule;

/**
 * The arithmetic of one group of voters: given how far each has its log fsynced, how far is it committed? (The idea of
 * a class of its own is etcd raft's {@code quorum.MajorityConfig}.)
 */
final class CommitRule {

    private final int acknowledgements;
    private final int confirmations;
    private final long[] sorted;

    CommitRule(AckRule rule, int voters) {
        if (voters < 1) {
            throw new IllegalArgumentException("a group without voters cannot commit");
        }
        this.acknowledgements = rule.acknowledgementsToCommit(voters);
        this.confirmations = rule.confirmationsToLease(voters);
        this.sorted = new long[voters];
    }

    /** How many must have it. */
    int acknowledgements() {
        return acknowledgements;
    }

    /** The greatest index that enough voters have reached, 0 if there are too few; {@code positions} has one for each voter. */
    long committed(long[] positions) {
        return acknowledgements > sorted.length ? 0 : greatestOf(acknowledgements, positions);
    }

    /** The latest time that enough voters have confirmed; {@code times} has one for each voter. */
    long confirmed(long[] times) {
        return greatestOf(confirmations, times);
    }

    /** The greatest value that so many have at least. */
    private long greatestOf(int count, long[] positions) {
        // insertion sort, descending: three or five voters, on every acknowledgement
        for (int i = 0; i < sorted.length; i++) {
            long position = positions[i];
            int at = i;
            while (at > 0 && sorted[at - 1] < position) {
                sorted[at] = sorted[at - 1];
                at--;
            }
            sorted[at] = position;
        }
        return sorted[count - 1];
    }
}
