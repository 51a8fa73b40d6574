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
 * @param temptation how probable a fault is right after a promise or a change of role
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
        double temptation,
        double drift) {

    /** A third of the runs is mixed; in the others mistakes show sooner, as news is slow or elections follow each other. */
    public static Faults draw(Chance chance) {
        return switch (chance.below(3)) {
            case 0 -> mixed(chance);
            case 1 -> slowNews(chance);
            default -> brisk(chance);
        };
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
                chance.pick(0, 0.1),
                chance.pick(0, 0.01, 0.0475));
    }

    /** Many crashes, late watches and slow disks. */
    private static Faults slowNews(Chance chance) {
        return new Faults(
                chance.pick(0, 0.02),
                chance.pick(0, 0, 0.1),
                (int) chance.pick(10, 40),
                chance.pick(1.5, 4),
                chance.pick(0, 1, 2),
                chance.pick(0.05, 0.2),
                chance.pick(0, 0.5),
                chance.pick(0, 0.4),
                0,
                chance.pick(0, 0.1),
                (int) chance.pick(200, 1_500),
                20,
                (int) chance.pick(200, 5_000),
                2_000,
                0.3,
                chance.pick(0, 0.0475));
    }

    /** Leaders fail as soon as they lead, and elections are quick. */
    private static Faults brisk(Chance chance) {
        return new Faults(
                chance.pick(0, 0.02),
                chance.pick(0, 0.1),
                (int) chance.pick(5, 40),
                chance.pick(0.2, 1),
                chance.pick(0, 0.5, 1),
                chance.pick(0, 0.2),
                chance.pick(0, 0.5),
                chance.pick(0, 0.5),
                0,
                0,
                20,
                (int) chance.pick(3, 20),
                (int) chance.pick(200, 1_000, 5_000),
                1_000,
                chance.pick(0.2, 0.5),
                chance.pick(0, 0.0475));
    }

    /** A world in which nothing goes wrong, and nothing takes long. */
    public static Faults none() {
        return new Faults(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 20, 1, 1_000, 0, 0, 0);
    }

    /** The same world after everything was repaired; clocks go on as they are. */
    public Faults healed() {
        return new Faults(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 20, 1, checkpointMillis, 0, 0, drift);
    }
}
