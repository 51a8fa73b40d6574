package org.deuterium.replica.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Nodes with the same window keep the same moments, and never many. */
class StateRetentionTest {

    @Test
    void momentsAreWholeSecondsApart() {
        assertEquals(1_000, StateRetention.intervalMillis(1));
        assertEquals(1_000, StateRetention.intervalMillis(1_000));
        assertEquals(1_000, StateRetention.intervalMillis(15_000));
        assertEquals(2_000, StateRetention.intervalMillis(15_001));
        assertEquals(2_000, StateRetention.intervalMillis(30_000));
        assertEquals(240_000, StateRetention.intervalMillis(3_600_000));
    }

    @Test
    void atMostFifteenAreInTheWindow() {
        for (long window = 500; window < 10_000_000; window += 777) {
            long states = window / StateRetention.intervalMillis(window);
            assertTrue(states <= 15, states + " in " + window);
        }
    }
}
