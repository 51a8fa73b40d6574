package org.deuterium.simulation.world;

import java.util.Arrays;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Simulated time: what is to happen, in the order of its time, and between equals in the order it was planned. Nearly
 * everything happens within seconds, so the next {@value #WINDOW_MILLIS} milliseconds have a list each, and only what
 * is further away is sorted (a calendar queue, Brown 1988).
 */
public final class Timeline {

    /** Far enough from 1970 that timestamps look like real ones. */
    public static final long START_MILLIS = 1_700_000_000_000L;

    static final int WINDOW_MILLIS = 1 << 10;
    private static final int MASK = WINDOW_MILLIS - 1;

    private record Later(long millis, long order, Runnable action) implements Comparable<Later> {
        @Override
        public int compareTo(Later other) {
            int byTime = Long.compare(millis, other.millis);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** What happens in one millisecond. */
    private static final class Moment {
        private Runnable[] actions = new Runnable[4];
        private int count;

        void add(Runnable action) {
            if (count == actions.length) {
                actions = Arrays.copyOf(actions, count * 2);
            }
            actions[count++] = action;
        }
    }

    private static final Runnable DONE = () -> {};

    private final @Nullable Moment[] window = new Moment[WINDOW_MILLIS];
    private final PriorityQueue<Later> later = new PriorityQueue<>();
    private long order;
    private long now = START_MILLIS;
    private int nextOfNow;
    private long events;

    /** Milliseconds since 1970, as if the run had begun at {@link #START_MILLIS}. */
    public long now() {
        return now;
    }

    /** How many things have happened. */
    public long events() {
        return events;
    }

    public void after(long millis, Runnable action) {
        if (millis < WINDOW_MILLIS) {
            moment(now + millis).add(action);
        } else {
            later.add(new Later(now + millis, order++, action));
        }
    }

    private Moment moment(long millis) {
        Moment moment = window[(int) millis & MASK];
        if (moment == null) {
            moment = new Moment();
            window[(int) millis & MASK] = moment;
        }
        return moment;
    }

    /** Lets one thing happen; false, at that time, if nothing is planned until {@code millis}. */
    public boolean step(long millis) {
        while (true) {
            Moment moment = window[(int) now & MASK];
            if (moment != null && nextOfNow < moment.count) {
                Runnable next = moment.actions[nextOfNow];
                moment.actions[nextOfNow++] = DONE;
                events++;
                next.run();
                return true;
            }
            if (moment != null) {
                moment.count = 0;
            }
            nextOfNow = 0;
            if (now >= millis) {
                return false;
            }
            now++;
            while (!later.isEmpty() && later.peek().millis() < now + WINDOW_MILLIS) {
                Later due = later.remove();
                moment(due.millis()).add(due.action());
            }
        }
    }
}
