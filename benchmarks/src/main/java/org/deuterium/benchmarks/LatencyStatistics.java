package org.deuterium.benchmarks;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Latencies by name in microseconds, and failures by name; written by many threads, read at any time. */
public final class LatencyStatistics {

    private static final long HIGHEST_MICROS = TimeUnit.MINUTES.toMicros(10);

    private final Map<String, Histogram> histograms = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
    private final LongAdder operations = new LongAdder();

    public void succeeded(String name, long nanos) {
        histograms
                .computeIfAbsent(name, n -> new ConcurrentHistogram(HIGHEST_MICROS, 3))
                .recordValue(Math.min(HIGHEST_MICROS, Math.max(0, nanos / 1000)));
        operations.increment();
    }

    public void failed(String name) {
        failures.computeIfAbsent(name, n -> new LongAdder()).increment();
    }

    /** All that succeeded so far, of any name. */
    public long operations() {
        return operations.sum();
    }

    public long count(String name) {
        Histogram histogram = histograms.get(name);
        return histogram == null ? 0 : histogram.getTotalCount();
    }

    /** Milliseconds at a percentile; NaN where there is no measurement. */
    public double millisAt(String name, double percentile) {
        Histogram histogram = histograms.get(name);
        if (histogram == null || histogram.getTotalCount() == 0) {
            return Double.NaN;
        }
        return histogram.getValueAtPercentile(percentile) / 1000.0;
    }

    /** How often each kind of failure was met, by name. */
    public Map<String, Long> failures() {
        Map<String, Long> sorted = new TreeMap<>();
        failures.forEach((name, count) -> sorted.put(name, count.sum()));
        return sorted;
    }
}
