package org.deuterium.benchmarks.micro;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.deuterium.benchmarks.TargetDatabase;

/**
 * N connections, each with one prepared statement in autocommit mode that reads or changes one row by its primary key,
 * the key drawn uniformly.
 */
public final class PointBenchmark {

    private static final int ROWS_PER_INSERT = 500;

    private final TargetDatabase database;
    private final String table;
    private final boolean partitioned;
    private final int rows;
    private final int connections;

    /** What a measured phase gave; latencies in microseconds. */
    public record Result(String name, double operationsPerSecond, Histogram micros, long retries) {}

    /** The two statements. */
    public enum Operation {
        SELECT,
        UPDATE
    }

    public PointBenchmark(TargetDatabase database, boolean partitioned, int rows, int connections) {
        this(database, "point", partitioned, rows, connections);
    }

    PointBenchmark(TargetDatabase database, String table, boolean partitioned, int rows, int connections) {
        this.database = database;
        this.table = table;
        this.partitioned = partitioned;
        this.rows = rows;
        this.connections = connections;
    }

    /** Drops, creates and fills the table. */
    public void load() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS " + table);
            statement.execute("CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, counter BIGINT NOT NULL,"
                    + " payload VARCHAR(100))" + (partitioned ? database.partitionedBy("id") : ""));
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (?, 0, ?)")) {
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
        return measure(Operation.SELECT, warmUpSeconds, seconds);
    }

    public Result update(int warmUpSeconds, int seconds) throws SQLException, InterruptedException {
        return measure(Operation.UPDATE, warmUpSeconds, seconds);
    }

    private Result measure(Operation operation, int warmUpSeconds, int seconds)
            throws SQLException, InterruptedException {
        try (PointClients clients = clients(operation)) {
            clients.run(TimeUnit.SECONDS.toMillis(warmUpSeconds), false);
            long start = System.nanoTime();
            clients.run(TimeUnit.SECONDS.toMillis(seconds), true);
            double elapsed = (System.nanoTime() - start) / 1e9;
            Histogram micros = clients.micros();
            return new Result(operation.name(), micros.getTotalCount() / elapsed, micros, clients.retries());
        }
    }

    /** The connected clients, standing still. */
    PointClients clients(Operation operation) throws InterruptedException {
        boolean query = operation == Operation.SELECT;
        String sql = query
                ? "SELECT counter, payload FROM " + table + " WHERE id = ?"
                : "UPDATE " + table + " SET counter = counter + 1 WHERE id = ?";
        return new PointClients(database, sql, query, rows, connections);
    }
}
