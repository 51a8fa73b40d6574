package org.deuterium.simulation;

import java.util.Random;

/** How bad the world of one run is; drawn from the seed, so that some runs are calm in one respect and wild in another. */
record Faults(
        double drop,
        double duplicate,
        int delayMillis,
        double crashesPerSecond,
        double partitionsPerSecond,
        double diskReplacementsPerSecond,
        double answersLost,
        int coordinatorMillis,
        int fsyncMillis,
        int checkpointMillis) {

    static Faults draw(Random random) {
        return new Faults(
                pick(random, 0, 0.02, 0.15),
                pick(random, 0, 0.02, 0.1),
                (int) pick(random, 2, 10, 80),
                pick(random, 0, 0.3, 1.5),
                pick(random, 0, 0.3, 1),
                pick(random, 0, 0.05, 0.2),
                pick(random, 0, 0.1, 0.3),
                (int) pick(random, 20, 200, 1_500),
                (int) pick(random, 1, 3, 20),
                (int) pick(random, 200, 1_000, 5_000));
    }

    /** Many crashes, slow news and slow disks: where mistakes show soonest. */
    static Faults drawHostile(Random random) {
        return new Faults(
                pick(random, 0, 0.02),
                0,
                (int) pick(random, 10, 40),
                1.5,
                pick(random, 0, 1),
                pick(random, 0.05, 0.2),
                pick(random, 0, 0.1),
                1_500,
                20,
                (int) pick(random, 200, 5_000));
    }

    private static double pick(Random random, double... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** The same world after everything was repaired. */
    Faults healed() {
        return new Faults(0, 0, 2, 0, 0, 0, 0, 20, 1, checkpointMillis);
    }
}
