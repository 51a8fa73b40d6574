package org.deuterium.replication.simulation;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole clusters under faults. {@code -Ddeuterium.simulation.seeds=N} chooses how many runs,
 * {@code -Ddeuterium.simulation.seed=S} the first seed.
 */
class SimulationTest {

    private static final long FIRST_SEED = Long.getLong("deuterium.simulation.seed", 1);
    private static final int SEEDS = Integer.getInteger("deuterium.simulation.seeds", 300);
    private static final int SEEDS_TO_FIND_A_BUG = 3_000;

    @Test
    void noInvariantBreaks() {
        long acknowledged = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            acknowledged += Simulation.run(seed, PlantedBug.NONE)
                    .invariants
                    .acknowledgedIsNeverLost
                    .count();
        }
        assertTrue(
                acknowledged > 50L * SEEDS, "only " + acknowledged + " commits in " + SEEDS + " runs: too much fails");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void plantedBugIsFound(PlantedBug bug) {
        AssertionError found = assertThrows(
                AssertionError.class,
                () -> {
                    for (long seed = 1; seed <= SEEDS_TO_FIND_A_BUG; seed++) {
                        Simulation.run(seed, bug);
                    }
                },
                () -> bug + " was not found in " + SEEDS_TO_FIND_A_BUG + " runs");
        assertTrue(found.getMessage().contains("-Ddeuterium.simulation.seed="), found.getMessage());
    }
}
