package org.deuterium.benchmarks;

import java.io.PrintStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Prints once a second how far a counter has come, until closed. */
public final class ProgressLine implements AutoCloseable {

    private final PrintStream out;
    private final String what;
    private final LongSupplier counter;
    private final long expected;
    private final String unit;
    private final long startNanos = System.nanoTime();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });
    private long lastCount;
    private long lastNanos = startNanos;

    private ProgressLine(PrintStream out, String what, LongSupplier counter, long expected, String unit) {
        this.out = out;
        this.what = what;
        this.counter = counter;
        this.expected = expected;
        this.unit = unit;
    }

    /** Begins to print: "load: 34 % · 123,456 rows · 45,000 rows/s". */
    public static ProgressLine start(PrintStream out, String what, LongSupplier counter, long expected, String unit) {
        ProgressLine line = new ProgressLine(out, what, counter, expected, unit);
        line.timer.scheduleAtFixedRate(line::print, 1, 1, TimeUnit.SECONDS);
        return line;
    }

    private void print() {
        long count = counter.getAsLong();
        long now = System.nanoTime();
        double rate = (count - lastCount) * 1e9 / Math.max(1, now - lastNanos);
        out.printf("  %s: %3d %%  %,d %s  %,.0f %s/s%n", what, percent(count), count, unit, rate, unit);
        lastCount = count;
        lastNanos = now;
    }

    private long percent(long count) {
        // The number expected is an estimate; only the end is the end.
        return Math.min(99, count * 100 / Math.max(1, expected));
    }

    /** Stops and prints the total. */
    @Override
    public void close() {
        timer.shutdownNow();
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        long count = counter.getAsLong();
        out.printf("  %s: %,d %s in %.1f s (%,.0f %s/s)%n", what, count, unit, seconds, count / seconds, unit);
    }
}
