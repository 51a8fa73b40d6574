package org.deuterium.replica.service;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.Term;
import org.junit.jupiter.api.Test;

/** The one schema change that may be on its way in a partition. */
class ChangeUnderWayTest {

    private final ChangeUnderWay change = new ChangeUnderWay();

    @Test
    void thereIsOneAtATime() {
        assertTrue(change.begin(new Term(1)));
        assertFalse(change.begin(new Term(1)));
        change.end(new Term(1));
        assertFalse(change.isUnderWay());
        assertTrue(change.begin(new Term(1)));
    }

    @Test
    void theEndOfAnEarlierTermsProposalDoesNotEndThisTerms() {
        assertTrue(change.begin(new Term(1)));
        assertTrue(change.begin(new Term(3)), "an earlier leadership of the same replica is over");
        change.end(new Term(1));
        assertTrue(change.isUnderWay());
        assertFalse(change.begin(new Term(1)));
    }
}
