package org.deuterium.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
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
        long begun = System.nanoTime();
        Violation violation = series.run();
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
        assertNull(violation, () -> violation.report());
        RunCounts counts = series.counts();
        System.out.println(counts.table() + "in " + seconds + " s");
        assertTrue(SEEDS > 1_000 || seconds < 120, "the simulation of every build took " + seconds + " s");
        assertTrue(counts.fewestEvents >= 10_000, "a run had only " + counts.fewestEvents + " events");
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
