package org.deuterium.simulation.world;

/**
 * The clocks of one process: its wall clock at the start, then a monotonic one that runs a little fast or slow, and
 * beside it the wall clock, which may step.
 */
public final class SimulatedClock {

    private final Timeline timeline;
    private final double rate;
    private final long startedMillis;
    private final long offsetMillis;
    private long steppedMillis;

    /** @param rate seconds that pass on this clock while one passes in truth */
    public SimulatedClock(Timeline timeline, double rate, long offsetMillis) {
        this.timeline = timeline;
        this.rate = rate;
        this.startedMillis = timeline.now();
        this.offsetMillis = offsetMillis;
    }

    /** Milliseconds since 1970 as this process sees them; they never fall while it lives. */
    public long now() {
        return startedMillis + offsetMillis + (long) ((timeline.now() - startedMillis) * rate);
    }

    /** What the wall clock shows, in milliseconds since 1970: for timestamps, never for leases. */
    public long wall() {
        return now() + steppedMillis;
    }

    /** Somebody, or a time server, sets the wall clock. */
    public void step(long millis) {
        steppedMillis += millis;
    }
}
