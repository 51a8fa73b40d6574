package org.deuterium.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.simulation.world.RunCounts;
import org.jspecify.annotations.Nullable;

/** Many runs, one seed after the other, on several threads; it ends with the last seed, the first violation, or when told to. */
public final class SimulationSeries {

    private final long firstSeed;
    private final long seeds;
    private final SimulationSettings settings;
    private final int threads;
    private final AtomicLong next;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final RunCounts total = new RunCounts();
    private @Nullable Violation violation;

    public SimulationSeries(long firstSeed, long seeds, SimulationSettings settings, int threads) {
        if (seeds < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    seeds + " seeds on " + threads + " threads are none; give 1 or more of each");
        }
        this.firstSeed = firstSeed;
        this.seeds = seeds;
        this.settings = settings;
        this.threads = threads;
        this.next = new AtomicLong(firstSeed);
    }

    /** Runs until the end; returns the violation with the smallest seed that was met, or null. */
    public @Nullable Violation run() throws InterruptedException {
        List<Thread> workers = new ArrayList<>();
        for (int i = 1; i < threads; i++) {
            Thread worker = new Thread(this::work, "simulation-" + i);
            worker.setDaemon(true);
            worker.start();
            workers.add(worker);
        }
        work();
        for (Thread worker : workers) {
            worker.join();
        }
        return violation();
    }

    private void work() {
        while (!stopped.get()) {
            long seed = next.getAndIncrement();
            if (seed - firstSeed >= seeds) {
                return;
            }
            RunCounts counts = new RunCounts();
            Violation found = Simulation.run(seed, settings, counts);
            synchronized (this) {
                total.add(counts);
                if (found != null && (violation == null || seed < violation.seed())) {
                    violation = found;
                    stopped.set(true);
                }
            }
        }
    }

    /** Lets the runs under way end and begins no more. */
    public void stop() {
        stopped.set(true);
    }

    public synchronized @Nullable Violation violation() {
        return violation;
    }

    /** What happened so far. */
    public synchronized RunCounts counts() {
        RunCounts copy = new RunCounts();
        copy.add(total);
        return copy;
    }
}
