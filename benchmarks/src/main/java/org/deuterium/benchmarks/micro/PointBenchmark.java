package org.deuterium.benchmarks.micro;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.deuterium.benchmarks.FailureKind;
import org.deuterium.benchmarks.TargetDatabase;
import org.jspecify.annotations.Nullable;

/**
 * N connections, each with one prepared statement in autocommit mode that reads or changes one row by its primary key,
 * the key drawn uniformly.
 */
public final class PointBenchmark {

    private static final int ROWS_PER_INSERT = 500;

    private final TargetDatabase database;
    private final boolean partitioned;
    private final int rows;
    private final int connections;

    /** What a measured phase gave; latencies in microseconds. */
    public record Result(String name, double operationsPerSecond, Histogram micros, long retries) {}

    public PointBenchmark(TargetDatabase database, boolean partitioned, int rows, int connections) {
        this.database = database;
        this.partitioned = partitioned;
        this.rows = rows;
        this.connections = connections;
    }

    /** Drops, creates and fills the table. */
    public void load() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS point");
            statement.execute("CREATE TABLE point (id INTEGER PRIMARY KEY, counter BIGINT NOT NULL,"
                    + " payload VARCHAR(100))" + (partitioned ? database.partitionedBy("id") : ""));
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO point VALUES (?, 0, ?)")) {
                for (int id = 0; id < rows; id++) {
                    insert.setInt(1, id);
                    insert.setString(2, "payload of the row with the number " + id);
                    insert.addBatch();
                    if (id % ROWS_PER_INSERT == ROWS_PER_INSERT - 1 || id == rows - 1) {
                        insert.executeBatch();
                    }
                }
            }
        }
    }

    public Result select(int warmUpSeconds, int seconds) throws SQLException, InterruptedException {
        return measure("SELECT", "SELECT counter, payload FROM point WHERE id = ?", true, warmUpSeconds, seconds);
    }

    public Result update(int warmUpSeconds, int seconds) throws SQLException, InterruptedException {
        return measure("UPDATE", "UPDATE point SET counter = counter + 1 WHERE id = ?", false, warmUpSeconds, seconds);
    }

    private Result measure(String name, String sql, boolean query, int warmUpSeconds, int seconds)
            throws SQLException, InterruptedException {
        CountDownLatch ready = new CountDownLatch(connections);
        Phase phase = new Phase();
        List<Client> clients = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Client client = new Client(sql, query, i, phase, ready);
            Thread thread = new Thread(client, "client-" + i);
            clients.add(client);
            threads.add(thread);
            thread.start();
        }
        ready.await();
        TimeUnit.SECONDS.sleep(warmUpSeconds);
        long start = System.nanoTime();
        phase.measuring = true;
        TimeUnit.SECONDS.sleep(seconds);
        phase.measuring = false;
        phase.stopping = true;
        double elapsed = (System.nanoTime() - start) / 1e9;
        for (Thread thread : threads) {
            thread.join();
        }
        Histogram all = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        long retries = 0;
        for (Client client : clients) {
            if (client.failure != null) {
                throw client.failure;
            }
            all.add(client.micros);
            retries += client.retries;
        }
        return new Result(name, all.getTotalCount() / elapsed, all, retries);
    }

    /** What all clients look at after every statement. */
    private static final class Phase {
        volatile boolean measuring;
        volatile boolean stopping;
    }

    /** One connection and its thread. */
    private final class Client implements Runnable {

        private final String sql;
        private final boolean query;
        private final Phase phase;
        private final CountDownLatch ready;
        private final SplittableRandom random;
        private final Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
        private long retries;
        private @Nullable SQLException failure;

        Client(String sql, boolean query, int number, Phase phase, CountDownLatch ready) {
            this.sql = sql;
            this.query = query;
            this.phase = phase;
            this.ready = ready;
            this.random = new SplittableRandom(number);
        }

        @Override
        public void run() {
            boolean announced = false;
            try (Connection connection = database.connect();
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                ready.countDown();
                announced = true;
                while (!phase.stopping) {
                    long start = System.nanoTime();
                    if (once(statement) && phase.measuring) {
                        micros.recordValue(
                                Math.min(micros.getHighestTrackableValue(), (System.nanoTime() - start) / 1000));
                    }
                }
            } catch (SQLException e) {
                failure = e;
            } finally {
                if (!announced) {
                    ready.countDown();
                }
            }
        }

        private boolean once(PreparedStatement statement) throws SQLException {
            try {
                statement.setInt(1, random.nextInt(rows));
                if (!query) {
                    return expectOne(statement.executeUpdate());
                }
                try (ResultSet row = statement.executeQuery()) {
                    boolean found = row.next();
                    expectOne(found ? 1 : 0);
                    return row.getLong(1) >= 0 && row.getString(2) != null;
                }
            } catch (SQLException e) {
                if (FailureKind.of(e) != FailureKind.RETRY) {
                    throw e;
                }
                retries++;
                return false;
            }
        }

        private boolean expectOne(int count) throws SQLException {
            if (count != 1) {
                throw new SQLException(count + " rows by primary key where there must be one: " + sql);
            }
            return true;
        }
    }
}
