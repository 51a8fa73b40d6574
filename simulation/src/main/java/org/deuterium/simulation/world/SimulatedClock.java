package org.deuterium.simulation.world;

/**
 * The clocks of one process: a monotonic one that runs a little fast or slow, and a wall clock that shows another time,
 * ahead of it or behind, and may step.
 */
public final class SimulatedClock {

    private final Timeline timeline;
    private final double rate;
    private final long startedMillis;
    private final long offsetMillis;
    private long wallAheadMillis;

    /**
     * @param rate seconds that pass on these clocks while one passes in truth
     * @param wallAheadMillis by how much the wall clock is ahead of the monotonic one; they have nothing to do with each
     *     other, so that a lease counted by the wrong one shows
     */
    public SimulatedClock(Timeline timeline, double rate, long offsetMillis, long wallAheadMillis) {
        this.timeline = timeline;
        this.rate = rate;
        this.startedMillis = timeline.now();
        this.offsetMillis = offsetMillis;
        this.wallAheadMillis = wallAheadMillis;
    }

    /** Milliseconds of the monotonic clock; they never fall while the process lives. */
    public long now() {
        return startedMillis + offsetMillis + (long) ((timeline.now() - startedMillis) * rate);
    }

    /** What the wall clock shows, in milliseconds since 1970: for timestamps, never for leases. */
    public long wall() {
        return now() + wallAheadMillis;
    }

    /** Somebody, or a time server, sets the wall clock. */
    public void step(long millis) {
        wallAheadMillis += millis;
    }
}
