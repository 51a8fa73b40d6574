package org.deuterium.benchmarks.micro;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.deuterium.benchmarks.TargetDatabase;
import org.deuterium.benchmarks.micro.PointBenchmark.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command "side-by-side". A machine that is shared is faster in one second than in the next; so the systems are all up,
 * and each has a turn of a second, again and again, and what counts is the ratio within a round of turns.
 */
@Command(
        name = "side-by-side",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the statements of \"micro\" on several databases by turns, and prints for each the median of its turns",
            "and the median of its ratios to the first one within a round. Deuterium is measured twice: with a plain table,",
            "and with one that is spread over partitions. The tables POINT and POINT_PLAIN are dropped and created again."
        })
public final class SideBySideCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "NAME=URL", description = "the databases, all of them up")
    private Map<String, String> urls = new LinkedHashMap<>();

    @Option(names = "--connections", defaultValue = "8", description = "connections (default: ${DEFAULT-VALUE})")
    private int connections;

    @Option(names = "--rows", defaultValue = "10000", description = "rows of the table (default: ${DEFAULT-VALUE})")
    private int rows;

    @Option(
            names = "--warm-up",
            defaultValue = "30",
            description = "seconds not measured for each database and statement (default: ${DEFAULT-VALUE})")
    private int warmUp;

    @Option(names = "--rounds", defaultValue = "20", description = "turns of each (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--turn",
            defaultValue = "1000",
            paramLabel = "MS",
            description = "milliseconds of a turn that are measured (default: ${DEFAULT-VALUE})")
    private int turnMillis;

    /** A database with its clients, and what its turns gave. */
    private static final class Contestant {
        final String name;
        final PointClients clients;
        final double[] perSecond;

        Contestant(String name, PointClients clients, int rounds) {
            this.name = name;
            this.clients = clients;
            this.perSecond = new double[rounds];
        }
    }

    @Override
    public Integer call() throws SQLException, InterruptedException {
        Map<String, PointBenchmark> benchmarks = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : urls.entrySet()) {
            TargetDatabase database = new TargetDatabase(entry.getValue(), null, null);
            if (database.product() == TargetDatabase.Product.DEUTERIUM) {
                benchmarks.put(
                        entry.getKey() + " plain",
                        new PointBenchmark(database, "point_plain", false, rows, connections));
                benchmarks.put(
                        entry.getKey() + " hashed", new PointBenchmark(database, "point", true, rows, connections));
            } else {
                benchmarks.put(entry.getKey(), new PointBenchmark(database, "point", false, rows, connections));
            }
        }
        for (PointBenchmark benchmark : benchmarks.values()) {
            benchmark.load();
        }
        System.out.printf(
                "%d connections each, %,d rows, %d turns of %d ms each (latencies in microseconds)%n",
                connections, rows, rounds, turnMillis);
        for (Operation operation : Operation.values()) {
            compare(operation, benchmarks);
        }
        return 0;
    }

    private void compare(Operation operation, Map<String, PointBenchmark> benchmarks)
            throws SQLException, InterruptedException {
        List<Contestant> contestants = new ArrayList<>();
        try {
            for (Map.Entry<String, PointBenchmark> entry : benchmarks.entrySet()) {
                contestants.add(new Contestant(entry.getKey(), entry.getValue().clients(operation), rounds));
            }
            for (Contestant contestant : contestants) {
                contestant.clients.run(TimeUnit.SECONDS.toMillis(warmUp), false);
            }
            for (int round = 0; round < rounds; round++) {
                for (Contestant contestant : contestants) {
                    turn(contestant, round);
                }
            }
            for (Contestant contestant : contestants) {
                print(operation, contestant, contestants.get(0));
            }
        } finally {
            for (Contestant contestant : contestants) {
                contestant.clients.close();
            }
        }
    }

    /** A fifth of a turn is not measured: the caches belong to somebody else when it begins. */
    private void turn(Contestant contestant, int round) throws SQLException, InterruptedException {
        contestant.clients.run(turnMillis / 5, false);
        long before = contestant.clients.micros().getTotalCount();
        long start = System.nanoTime();
        contestant.clients.run(turnMillis, true);
        double seconds = (System.nanoTime() - start) / 1e9;
        contestant.perSecond[round] = (contestant.clients.micros().getTotalCount() - before) / seconds;
    }

    private static void print(Operation operation, Contestant contestant, Contestant first) throws SQLException {
        double[] ratios = new double[contestant.perSecond.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = contestant.perSecond[i] / first.perSecond[i];
        }
        Histogram micros = contestant.clients.micros();
        System.out.printf(
                "%-7s %-20s %,9.0f /s  best %,9.0f   ratio %.3f   p50 %,d  p95 %,d  p99 %,d  max %,d%s%n",
                operation,
                contestant.name,
                median(contestant.perSecond),
                Arrays.stream(contestant.perSecond).max().orElse(0),
                median(ratios),
                micros.getValueAtPercentile(50),
                micros.getValueAtPercentile(95),
                micros.getValueAtPercentile(99),
                micros.getMaxValue(),
                contestant.clients.retries() == 0 ? "" : "   retries " + contestant.clients.retries());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
