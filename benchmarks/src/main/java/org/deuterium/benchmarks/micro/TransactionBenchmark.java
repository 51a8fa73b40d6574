package org.deuterium.benchmarks.micro;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.deuterium.benchmarks.TargetDatabase;

/**
 * What it costs that a transaction writes several partitions: one connection runs transactions of N UPDATEs, by turns of
 * rows with one partition key and of rows with N different ones. Different keys may share a partition by chance (with 8
 * partitions and N = 2, one time in eight), so the median counts, not the mean.
 */
public final class TransactionBenchmark {

    private static final int GROUPS = 256;

    private final TargetDatabase database;
    private final int statements;

    /**
     * What was measured, in microseconds from the first statement until the commit returned.
     *
     * @param one transactions with one partition key
     * @param several transactions with several
     */
    public record Result(Histogram one, Histogram several) {

        /** How many times as long the median of several takes. */
        public double ratio() {
            return (double) several.getValueAtPercentile(50) / one.getValueAtPercentile(50);
        }
    }

    /** @param statements how many rows, and different keys, a transaction changes */
    public TransactionBenchmark(TargetDatabase database, int statements) {
        this.database = database;
        this.statements = statements;
    }

    /** Drops, creates and fills the table. */
    public void load() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS grouped");
            statement.execute(
                    "CREATE TABLE grouped (grp INTEGER NOT NULL, id INTEGER NOT NULL, counter BIGINT NOT NULL,"
                            + " PRIMARY KEY (grp, id))" + database.partitionedBy("grp"));
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO grouped VALUES (?, ?, 0)")) {
                for (int group = 0; group < GROUPS; group++) {
                    for (int id = 0; id < statements; id++) {
                        insert.setInt(1, group);
                        insert.setInt(2, id);
                        insert.addBatch();
                    }
                }
                insert.executeBatch();
            }
        }
    }

    public Result run(int warmUpSeconds, int seconds) throws SQLException {
        Histogram one = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        Histogram several = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        SplittableRandom random = new SplittableRandom(1);
        try (Connection connection = database.connect();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE grouped SET counter = counter + 1 WHERE grp = ? AND id = ?")) {
            connection.setAutoCommit(false);
            long measured = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUpSeconds);
            long end = measured + TimeUnit.SECONDS.toNanos(seconds);
            while (System.nanoTime() < end) {
                for (Histogram histogram : List.of(one, several)) {
                    long begun = System.nanoTime();
                    transaction(connection, update, random.nextInt(GROUPS), histogram == several);
                    if (begun >= measured) {
                        histogram.recordValue((System.nanoTime() - begun) / 1000);
                    }
                }
            }
        }
        return new Result(one, several);
    }

    private void transaction(Connection connection, PreparedStatement update, int group, boolean spread)
            throws SQLException {
        for (int i = 0; i < statements; i++) {
            update.setInt(1, spread ? (group + i) % GROUPS : group);
            update.setInt(2, i);
            if (update.executeUpdate() != 1) {
                throw new SQLException("a row of the benchmark is missing");
            }
        }
        connection.commit();
    }
}
