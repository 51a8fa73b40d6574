package org.deuterium.benchmarks.micro;

import java.io.PrintStream;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.deuterium.benchmarks.TargetDatabase;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "micro". */
@Command(
        name = "micro",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures a one-row SELECT and a one-row UPDATE by primary key (prepared, autocommit) on any JDBC URL.",
            "The table POINT (or GROUPED) is dropped and created again."
        })
public final class MicroCommand implements Callable<Integer> {

    @Option(names = "--url", required = true, description = "JDBC URL, e.g. jdbc:deuterium://localhost:7077/db")
    private String url = "";

    @Option(names = "--user", description = "user name (default: the URL's; sa for H2 and Deuterium)")
    private @Nullable String user;

    @Option(names = "--password", description = "password of --user (default: empty)")
    private @Nullable String password;

    @Option(names = "--connections", defaultValue = "8", description = "connections (default: ${DEFAULT-VALUE})")
    private int connections;

    @Option(names = "--rows", defaultValue = "10000", description = "rows of the table (default: ${DEFAULT-VALUE})")
    private int rows;

    @Option(names = "--warm-up", defaultValue = "5", description = "seconds not measured (default: ${DEFAULT-VALUE})")
    private int warmUp;

    @Option(names = "--duration", defaultValue = "10", description = "seconds measured (default: ${DEFAULT-VALUE})")
    private int duration;

    @Option(
            names = "--plain",
            description = "on Deuterium: a plain table, whole in the home partition, instead of one partitioned by key")
    private boolean plain;

    @Option(
            names = "--partitions-per-transaction",
            paramLabel = "N",
            description = "instead: transactions of N UPDATEs of one partition, against such of N partitions, by one"
                    + " connection; the table is GROUPED")
    private int partitionsPerTransaction;

    @Option(
            names = "--snapshot-reads",
            description =
                    "instead, on Deuterium: reads by key, sums over 1 to 8 partitions, and reads in transactions at READ"
                            + " COMMITTED and REPEATABLE READ, by one connection; the tables are SPREAD_1 to SPREAD_8")
    private boolean snapshotReads;

    @Override
    public Integer call() throws SQLException, InterruptedException {
        if (partitionsPerTransaction > 0) {
            transactions();
            return 0;
        }
        if (snapshotReads) {
            SnapshotBenchmark benchmark = new SnapshotBenchmark(new TargetDatabase(url, user, password));
            benchmark.load();
            System.out.printf("%s, one connection (microseconds)%n", url);
            benchmark.run(warmUp, duration).forEach(MicroCommand::print);
            return 0;
        }
        PointBenchmark benchmark =
                new PointBenchmark(new TargetDatabase(url, user, password), !plain, rows, connections);
        benchmark.load();
        System.out.printf("%s, %d connections, %,d rows (microseconds)%n", url, connections, rows);
        print(benchmark.select(warmUp, duration), System.out);
        print(benchmark.update(warmUp, duration), System.out);
        return 0;
    }

    private void transactions() throws SQLException {
        TransactionBenchmark benchmark =
                new TransactionBenchmark(new TargetDatabase(url, user, password), partitionsPerTransaction);
        benchmark.load();
        System.out.printf(
                "%s, one connection, %d UPDATEs a transaction (microseconds)%n", url, partitionsPerTransaction);
        TransactionBenchmark.Result result = benchmark.run(warmUp, duration);
        print("one", result.one());
        print("several", result.several());
        System.out.printf("median of several / of one: %.2f%n", result.ratio());
    }

    private static void print(String name, Histogram micros) {
        System.out.printf(
                "%-25s %,7d times   p50 %,d  p95 %,d  p99 %,d  max %,d%n",
                name,
                micros.getTotalCount(),
                micros.getValueAtPercentile(50),
                micros.getValueAtPercentile(95),
                micros.getValueAtPercentile(99),
                micros.getMaxValue());
    }

    private static void print(PointBenchmark.Result result, PrintStream out) {
        Histogram micros = result.micros();
        out.printf(
                "%-7s %,9.0f /s   p50 %,d  p95 %,d  p99 %,d  max %,d%s%n",
                result.name(),
                result.operationsPerSecond(),
                micros.getValueAtPercentile(50),
                micros.getValueAtPercentile(95),
                micros.getValueAtPercentile(99),
                micros.getMaxValue(),
                result.retries() == 0 ? "" : "   retries " + result.retries());
    }
}
