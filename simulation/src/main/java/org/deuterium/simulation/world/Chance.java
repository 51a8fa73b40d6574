package org.deuterium.simulation.world;

import java.util.SplittableRandom;

/** The only source of chance of a run; the same seed gives the same run. */
public final class Chance {

    private final SplittableRandom random;

    public Chance(long seed) {
        random = new SplittableRandom(seed);
    }

    /** 0 to {@code bound - 1}. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    public boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    public boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    public double share() {
        return random.nextDouble();
    }

    public double pick(double... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** A delay of 0 to {@code mostMillis} milliseconds, mostly short. */
    public int delay(int mostMillis) {
        int limit = random.nextInt(4) == 0 ? mostMillis : Math.max(1, mostMillis / 4);
        return random.nextInt(limit + 1);
    }
}
