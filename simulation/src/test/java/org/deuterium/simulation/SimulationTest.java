package org.deuterium.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.simulation.world.FaultKind;
import org.deuterium.simulation.world.RunCounts;
import org.junit.jupiter.api.Test;

/**
 * Whole clusters under faults. {@code -Ddeuterium.simulation.seeds=N} chooses how many runs,
 * {@code -Ddeuterium.simulation.seed=S} the first seed; {@code bin/deuterium simulate} does the same without Maven.
 */
class SimulationTest {

    private static final long FIRST_SEED = Long.getLong("deuterium.simulation.seed", 1);
    private static final long SEEDS = Long.getLong("deuterium.simulation.seeds", 1_000);
    private static final int THREADS = 2;

    @Test
    void noInvariantBreaks() throws InterruptedException {
        SimulationSeries series = new SimulationSeries(FIRST_SEED, SEEDS, SimulationSettings.DEFAULT, THREADS);
        Violation violation = series.run();
        assertNull(violation, () -> violation.report());
        RunCounts counts = series.counts();
        System.out.println(counts.table());
        assertTrue(counts.events >= 10_000 * SEEDS, counts.events + " events are fewer than 10,000 a seed");
        assertTrue(counts.commits > 50 * SEEDS, "too much fails:\n" + counts.table());
        if (SEEDS >= 1_000) {
            for (FaultKind kind : FaultKind.values()) {
                assertTrue(counts.of(kind) > 0, "no " + kind.words() + " in all these runs:\n" + counts.table());
            }
        }
    }

    @Test
    void theSameSeedTakesTheSameWay() {
        RunCounts first = new RunCounts();
        RunCounts second = new RunCounts();
        for (long seed = 1; seed <= 5; seed++) {
            Simulation.run(seed, SimulationSettings.DEFAULT, first);
            Simulation.run(seed, SimulationSettings.DEFAULT, second);
        }
        assertEquals(first.table(), second.table());
    }
}
