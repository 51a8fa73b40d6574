package org.deuterium.simulation;

import java.util.PriorityQueue;
import java.util.Random;

/** Simulated time: what is to happen, in the order of its time, and between equals in the order it was planned. */
final class Timeline {

    /** Far enough from 1970 that timestamps look like real ones. */
    static final long START_MILLIS = 1_700_000_000_000L;

    private record Planned(long millis, long order, Runnable action) implements Comparable<Planned> {
        @Override
        public int compareTo(Planned other) {
            int byTime = Long.compare(millis, other.millis);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    final Random random;
    private final PriorityQueue<Planned> planned = new PriorityQueue<>();
    private long order;
    private long now = START_MILLIS;

    Timeline(long seed) {
        random = new Random(seed);
    }

    long now() {
        return now;
    }

    void after(long millis, Runnable action) {
        planned.add(new Planned(now + millis, order++, action));
    }

    /** A delay of 0 to {@code most} milliseconds, mostly short. */
    long delay(int most) {
        int limit = random.nextInt(4) == 0 ? most : Math.max(1, most / 4);
        return random.nextInt(limit + 1);
    }

    boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    /** Lets everything happen that is planned until then; {@code afterEach} runs after each event. */
    void runUntil(long millis, Runnable afterEach) {
        while (true) {
            Planned next = planned.peek();
            if (next == null || next.millis() > millis) {
                now = millis;
                return;
            }
            planned.remove();
            now = next.millis();
            next.action().run();
            afterEach.run();
        }
    }
}
