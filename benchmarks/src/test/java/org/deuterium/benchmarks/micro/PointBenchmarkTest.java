package org.deuterium.benchmarks.micro;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.deuterium.benchmarks.TargetDatabase;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The benchmark of single rows, on H2 databases. */
class PointBenchmarkTest {

    @Test
    void measuresTransactionsOverOneKeyAndSeveral() throws Exception {
        TargetDatabase database = new TargetDatabase("jdbc:h2:mem:grouped;DB_CLOSE_DELAY=-1", null, null);
        TransactionBenchmark benchmark = new TransactionBenchmark(database, 2);
        benchmark.load();
        long transactions = 0;
        double ratio = 0;
        for (int runs = 0; !(ratio > 0) && runs < 10; runs++) { // more than one if the machine stood still
            TransactionBenchmark.Result result = benchmark.run(0, 1);
            transactions += result.one().getTotalCount() + result.several().getTotalCount();
            ratio = result.ratio();
        }
        assertTrue(ratio > 0);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT SUM(counter) FROM grouped")) {
            assertTrue(row.next());
            assertEquals(2 * transactions, row.getInt(1));
        }
    }

    @Test
    void measuresReadsAndWritesByKey() throws Exception {
        TargetDatabase database = new TargetDatabase("jdbc:h2:mem:point;DB_CLOSE_DELAY=-1", null, null);
        PointBenchmark benchmark = new PointBenchmark(database, true, 700, 2);
        benchmark.load();
        PointBenchmark.Result select = benchmark.select(0, 2);
        PointBenchmark.Result update = benchmark.update(0, 2);
        assertTrue(select.operationsPerSecond() > 0);
        assertTrue(update.micros().getTotalCount() > 0);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COUNT(*), SUM(counter) FROM point")) {
            assertTrue(row.next());
            assertEquals(700, row.getInt(1));
            assertTrue(row.getLong(2) >= update.micros().getTotalCount());
        }
    }

    @Test
    void databasesHaveTheirTurns() throws Exception {
        String[] urls = {"jdbc:h2:mem:one;DB_CLOSE_DELAY=-1", "jdbc:h2:mem:other;DB_CLOSE_DELAY=-1"};
        int exit = new CommandLine(new SideBySideCommand())
                .execute(
                        "--rows=100",
                        "--connections=2",
                        "--warm-up=0",
                        "--rounds=3",
                        "--turn=300",
                        "one=" + urls[0],
                        "other=" + urls[1]);
        assertEquals(0, exit);
        for (String url : urls) {
            try (Connection connection = new TargetDatabase(url, null, null).connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT SUM(counter) FROM point")) {
                assertTrue(row.next());
                assertTrue(row.getLong(1) > 0, url);
            }
        }
    }
}
