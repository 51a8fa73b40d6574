package org.deuterium.server;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.deuterium.simulation.Simulation;
import org.deuterium.simulation.SimulationSeries;
import org.deuterium.simulation.SimulationSettings;
import org.deuterium.simulation.Violation;
import org.deuterium.simulation.world.RunCounts;
import org.deuterium.wire.replication.AckRule;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "simulate". */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs the replication protocol's own code as whole clusters in one thread, each from one seed that decides"
                    + " everything: the network, the disks, the clocks, the coordinator and every fault of them. After"
                    + " each event the invariants are checked. The same seed always takes the same way.",
            "Exit code: 0 if every invariant held; 1 at the first violation, with its seed and the command that tells"
                    + " everything that happened in it. Ctrl-C ends the series and prints the counts so far."
        })
final class SimulateCommand implements Callable<Integer> {

    private static final long TELL_EVERY_MILLIS = 2_000;

    @Option(names = "--seeds", defaultValue = "1000", description = "how many seeds (default: ${DEFAULT-VALUE})")
    private long seeds;

    @Option(
            names = "--seed",
            paramLabel = "FIRST",
            defaultValue = "1",
            description = "the first seed (default: ${DEFAULT-VALUE})")
    private long first;

    @Option(
            names = "--events",
            defaultValue = "10000",
            description = "events of a run before all is repaired (default: ${DEFAULT-VALUE})")
    private long events;

    @Option(
            names = "--rule",
            description =
                    "the ack rule of every run, as in SQL: QUORUM, \"SEMI_SYNC 1\", \"SYNC MIN_IN_SYNC 2\", CHAIN,"
                            + " ASYNC (default: each seed draws one, and changes it as it goes)")
    private @Nullable String rule;

    @Option(names = "--threads", description = "runs side by side (default: the number of cores)")
    private @Nullable Integer threads;

    @Option(names = "--trace", description = "run only the first seed, and print everything that happens in it")
    private boolean trace;

    @Override
    public Integer call() throws InterruptedException {
        SimulationSettings settings = new SimulationSettings(events, rule == null ? null : AckRule.parse(rule));
        return trace ? tell(settings) : run(settings);
    }

    private int tell(SimulationSettings settings) {
        Violation violation = Simulation.tell(first, settings, System.out::println);
        System.out.println(
                violation == null
                        ? "seed " + first + ": every invariant held"
                        : "seed " + first + " breaks " + violation.invariant() + ": " + violation.what());
        return violation == null ? 0 : 1;
    }

    private int run(SimulationSettings settings) throws InterruptedException {
        int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        SimulationSeries series = new SimulationSeries(first, seeds, settings, workers);
        long startedNanos = System.nanoTime();
        Thread onExit = new Thread(
                () -> {
                    series.stop();
                    printCounts(series.counts(), startedNanos);
                },
                "counts");
        Runtime.getRuntime().addShutdownHook(onExit);
        Thread progress = progressOf(series);
        Violation violation = series.run();
        progress.interrupt();
        progress.join();
        Runtime.getRuntime().removeShutdownHook(onExit);
        printCounts(series.counts(), startedNanos);
        if (violation != null) {
            System.out.println();
            System.out.println(violation.report());
            return 1;
        }
        System.out.println("every invariant held");
        return 0;
    }

    private Thread progressOf(SimulationSeries series) {
        Thread progress = new Thread(
                () -> {
                    try {
                        while (true) {
                            Thread.sleep(TELL_EVERY_MILLIS);
                            RunCounts counts = series.counts();
                            System.err.printf(
                                    Locale.ROOT,
                                    "%,d of %,d seeds, %,d events, %,d faults%n",
                                    counts.runs,
                                    seeds,
                                    counts.events,
                                    counts.faults());
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt(); // the series has ended
                    }
                },
                "progress");
        progress.setDaemon(true);
        progress.start();
        return progress;
    }

    private static void printCounts(RunCounts counts, long startedNanos) {
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        System.out.print(counts.table());
        System.out.printf(Locale.ROOT, "%,17.0f events a second%n", counts.events / seconds);
    }
}
