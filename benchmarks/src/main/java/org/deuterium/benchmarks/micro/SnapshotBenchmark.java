package org.deuterium.benchmarks.micro;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.deuterium.benchmarks.TargetDatabase;

/**
 * What one state of several partitions costs those who read: one connection takes turns with single reads by key, sums over
 * tables of 1, 2, 4 and 8 partitions, and transactions of one and of eight reads at READ COMMITTED, at REPEATABLE READ, which
 * opens a branch in every partition of the database, and at SERIALIZABLE with locks and, on a read-only connection, without. Nobody
 * writes meanwhile.
 */
public final class SnapshotBenchmark {

    private static final int ROWS = 256;
    private static final int[] PARTITIONS = {1, 2, 4, 8};
    private static final int READS = 8;

    private final TargetDatabase database;
    private final SplittableRandom random = new SplittableRandom(1);

    public SnapshotBenchmark(TargetDatabase database) {
        this.database = database;
    }

    /** Something that is measured; its time is that from here to there. */
    private interface Work {
        void run() throws SQLException;
    }

    private static String table(int partitions) {
        return "spread_" + partitions;
    }

    /** Drops, creates and fills the tables; for Deuterium only. */
    public void load() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int partitions : PARTITIONS) {
                String table = table(partitions);
                statement.execute("DROP TABLE IF EXISTS " + table);
                statement.execute("CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, counter BIGINT NOT NULL)"
                        + database.partitionedBy("id") + " PARTITIONS " + partitions);
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO " + table + " VALUES (?, 1)")) {
                    for (int id = 0; id < ROWS; id++) {
                        insert.setInt(1, id);
                        insert.addBatch();
                    }
                    insert.executeBatch();
                }
            }
        }
    }

    /** By name, in the order of the turns: microseconds. */
    public Map<String, Histogram> run(int warmUpSeconds, int seconds) throws SQLException {
        Map<String, Histogram> measured = new LinkedHashMap<>();
        try (Connection alone = database.connect();
                Connection committed = database.connect();
                Connection snapshot = database.connect();
                Connection serializable = database.connect();
                Connection readOnly = database.connect()) {
            committed.setAutoCommit(false);
            snapshot.setAutoCommit(false);
            snapshot.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            for (Connection strict : new Connection[] {serializable, readOnly}) {
                strict.setAutoCommit(false);
                strict.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            }
            readOnly.setReadOnly(true);
            Map<String, Work> works = new LinkedHashMap<>();
            works.put("read by key, autocommit", () -> read(alone, 1));
            for (int partitions : PARTITIONS) {
                works.put("SUM over " + partitions, () -> sum(alone, partitions));
            }
            works.put("READ COMMITTED, 1 read", () -> transaction(committed, 1));
            works.put("REPEATABLE READ, 1 read", () -> transaction(snapshot, 1));
            works.put("SERIALIZABLE, 1 read", () -> transaction(serializable, 1));
            works.put("SERIALIZABLE, read-only, 1 read", () -> transaction(readOnly, 1));
            works.put("READ COMMITTED, 8 reads", () -> transaction(committed, READS));
            works.put("REPEATABLE READ, 8 reads", () -> transaction(snapshot, READS));
            works.put("SERIALIZABLE, 8 reads", () -> transaction(serializable, READS));
            works.put("SERIALIZABLE, read-only, 8 reads", () -> transaction(readOnly, READS));
            works.keySet().forEach(name -> measured.put(name, new Histogram(TimeUnit.MINUTES.toMicros(1), 3)));
            long from = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUpSeconds);
            long end = from + TimeUnit.SECONDS.toNanos(seconds);
            while (System.nanoTime() < end) {
                for (Map.Entry<String, Work> work : works.entrySet()) {
                    long begun = System.nanoTime();
                    work.getValue().run();
                    if (begun >= from) {
                        Objects.requireNonNull(measured.get(work.getKey()))
                                .recordValue((System.nanoTime() - begun) / 1000);
                    }
                }
            }
        }
        return measured;
    }

    private void transaction(Connection connection, int reads) throws SQLException {
        read(connection, reads);
        connection.commit();
    }

    private void read(Connection connection, int reads) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT counter FROM spread_8 WHERE id = ?")) {
            for (int i = 0; i < reads; i++) {
                select.setInt(1, random.nextInt(ROWS));
                expect(select, 1);
            }
        }
    }

    private static void sum(Connection connection, int partitions) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT SUM(counter) FROM " + table(partitions))) {
            expect(select, ROWS);
        }
    }

    private static void expect(PreparedStatement select, long value) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            if (!row.next() || row.getLong(1) != value) {
                throw new SQLException("a row of the benchmark is missing");
            }
        }
    }
}
