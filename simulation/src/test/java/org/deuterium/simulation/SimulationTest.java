package org.deuterium.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole clusters under faults. {@code -Ddeuterium.simulation.seeds=N} chooses how many runs,
 * {@code -Ddeuterium.simulation.seed=S} the first seed.
 */
class SimulationTest {

    private static final long FIRST_SEED = Long.getLong("deuterium.simulation.seed", 1);
    private static final int SEEDS = Integer.getInteger("deuterium.simulation.seeds", 250);
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
        for (long seed = 1; seed <= SEEDS_TO_FIND_A_BUG; seed++) {
            String broken = safetyBrokenBy(seed, bug);
            if (!broken.isEmpty()) {
                assertTrue(broken.contains("-Ddeuterium.simulation.seed=" + seed), broken);
                assertTrue(broken.contains("what happened last"), broken);
                return;
            }
        }
        fail(bug + " was not found in " + SEEDS_TO_FIND_A_BUG + " runs");
    }

    /** What is said of a run in which more than progress is missing; empty if there is nothing of the kind. */
    private static String safetyBrokenBy(long seed, PlantedBug bug) {
        try {
            Simulation.run(seed, bug);
            return "";
        } catch (AssertionError failure) {
            boolean safety = failure.getCause() instanceof InvariantBroken broken
                    && !broken.invariant().equals(HealsAtTheEnd.class.getSimpleName());
            return safety ? failure.getMessage() : "";
        }
    }
}
