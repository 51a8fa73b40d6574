package org.deuterium.simulation.world;

/**
 * How bad the world of one run is; drawn from the seed, so that some runs are calm in one respect and wild in another.
 * Probabilities are per message or request, rates per second of simulated time.
 *
 * @param delayMillis the longest a message takes
 * @param coordinatorMillis the longest an answer or a watch of the coordinator takes
 * @param fsyncMillis the longest an fsync takes
 * @param checkpointMillis the time between two checkpoints of H2 somewhere in the cluster
 * @param pauseMillis the longest a process is stopped
 * @param drift how much faster or slower than true time a clock may run
 */
public record Faults(
        double drop,
        double duplicate,
        int delayMillis,
        double crashes,
        double cuts,
        double diskLosses,
        double pauses,
        double expiries,
        double coordinatorAbsences,
        double answersLost,
        int coordinatorMillis,
        int fsyncMillis,
        int checkpointMillis,
        int pauseMillis,
        double drift) {

    /** One run of three is hostile: many crashes, slow news and slow disks, where mistakes show soonest. */
    public static Faults draw(Chance chance) {
        return chance.oneIn(3) ? hostile(chance) : mixed(chance);
    }

    private static Faults mixed(Chance chance) {
        return new Faults(
                chance.pick(0, 0.02, 0.15),
                chance.pick(0, 0.02, 0.1),
                (int) chance.pick(2, 10, 80),
                chance.pick(0, 0.3, 1.5),
                chance.pick(0, 0.3, 1),
                chance.pick(0, 0.05, 0.2),
                chance.pick(0, 0.2, 0.8),
                chance.pick(0, 0.1, 0.4),
                chance.pick(0, 0.05),
                chance.pick(0, 0.1, 0.3),
                (int) chance.pick(20, 200, 1_500),
                (int) chance.pick(1, 3, 20),
                (int) chance.pick(200, 1_000, 5_000),
                (int) chance.pick(300, 3_000),
                chance.pick(0, 0.01, 0.04));
    }

    private static Faults hostile(Chance chance) {
        return new Faults(
                chance.pick(0, 0.02),
                chance.pick(0, 0, 0.1),
                (int) chance.pick(10, 40),
                1.5,
                chance.pick(0, 1),
                chance.pick(0.05, 0.2),
                chance.pick(0, 0.5),
                chance.pick(0, 0.4),
                0,
                chance.pick(0, 0.1),
                1_500,
                20,
                (int) chance.pick(200, 5_000),
                2_000,
                chance.pick(0, 0.04));
    }

    /** A world in which nothing goes wrong, and nothing takes long. */
    public static Faults none() {
        return new Faults(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 20, 1, 1_000, 0, 0);
    }

    /** The same world after everything was repaired; clocks go on as they are. */
    public Faults healed() {
        return new Faults(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 20, 1, checkpointMillis, 0, drift);
    }
}
