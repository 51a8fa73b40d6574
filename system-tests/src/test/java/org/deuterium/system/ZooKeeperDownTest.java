package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.PartitionId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * ZooKeeper stands still, then is gone, while everybody writes: statements go on with the leaders there are, nobody is
 * elected, and when it is back everything is as before without help, schema changes included.
 */
class ZooKeeperDownTest {

    private static final int DOWN_MILLIS = Integer.getInteger("deuterium.zookeeper.down", 6_000);

    /** Nobody waits for ZooKeeper, so this is for a machine that stands still. */
    private static final int STANDSTILL_MILLIS = 60_000;

    /** How soon everything is normal again: as promised where the machine has nothing else to do. */
    private static final int RECOVERY_MILLIS = DOWN_MILLIS >= 10_000 ? 10_000 : 90_000;

    /** A machine that stands still for longer than a leader may be silent has another one elected, and rightly. */
    private static final int ATTEMPTS = DOWN_MILLIS >= 10_000 ? 1 : 3;

    private static final long SEED = 20261126L;

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void statementsGoOnAndNobodyIsElected() throws Exception {
        try (FaultyCluster cluster = FaultyCluster.start(directory);
                LedgerLoad load = new LedgerLoad(cluster.urls(), 4, SEED)) {
            load.createTables(" PARTITION BY HASH (REGION) PARTITIONS 3");
            load.start();
            expectNobodyElected(cluster, attempt -> {
                cluster.pause("zookeeper");
                expectProgress(load, "while ZooKeeper stands still");
                cluster.resume("zookeeper");
                expectRecovery(cluster, load, "PAUSE_" + attempt);
            });
            expectNobodyElected(cluster, attempt -> {
                cluster.kill("zookeeper");
                expectProgress(load, "while ZooKeeper is gone");
                cluster.startAll();
                expectRecovery(cluster, load, "KILL_" + attempt);
            });
            load.stop();
            assertEquals(List.of(), load.findViolations(), load.summary());
            assertEquals(List.of(), List.copyOf(cluster.differences(120)));
            assertEquals(List.of(), cluster.distrustedReplicas());
        }
    }

    /** ZooKeeper goes away, and comes back. */
    private interface Outage {
        void happens(int attempt) throws Exception;
    }

    private static void expectNobodyElected(FaultyCluster cluster, Outage outage) throws Exception {
        for (int attempt = 1; ; attempt++) {
            TreeMap<PartitionId, Long> before = cluster.terms();
            outage.happens(attempt);
            TreeMap<PartitionId, Long> after = cluster.terms();
            if (after.equals(before)) {
                return;
            }
            String elected = "somebody was elected although every leader lived: " + before + ", now " + after;
            System.out.println("attempt " + attempt + ": " + elected);
            assertTrue(attempt < ATTEMPTS, elected);
        }
    }

    private static void expectProgress(LedgerLoad load, String when) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DOWN_MILLIS);
        while (System.nanoTime() < until) {
            assertTrue(
                    load.awaitEachRegion(3, STANDSTILL_MILLIS),
                    () -> "no statement goes on " + when + ": " + load.summary());
        }
    }

    private static void expectRecovery(FaultyCluster cluster, LedgerLoad load, String round) throws Exception {
        long back = System.nanoTime();
        String missing = "not asked";
        while (!missing.isEmpty()) {
            missing = whatIsMissing(cluster, round);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back);
            assertTrue(millis < RECOVERY_MILLIS, millis + " ms after ZooKeeper is back: " + missing);
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertTrue(load.awaitEachRegion(5, RECOVERY_MILLIS), load.summary());
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back);
        assertTrue(millis < RECOVERY_MILLIS, millis + " ms after ZooKeeper is back: " + load.summary());
        System.out.println("normal " + millis + " ms after ZooKeeper was back: " + load.summary());
    }

    private static String whatIsMissing(FaultyCluster cluster, String round) {
        try (Connection connection = DriverManager.getConnection(cluster.url(1));
                Statement statement = connection.createStatement()) {
            int nodes = 0;
            try (ResultSet rows = statement.executeQuery("SHOW NODES")) {
                while (rows.next()) {
                    nodes += rows.getBoolean("ALIVE") ? 1 : 0;
                }
            }
            if (nodes < FaultyCluster.NODES) {
                return "only " + nodes + " nodes are alive";
            }
            statement.execute("CREATE TABLE IF NOT EXISTS AFTER_" + round + "(K INT PRIMARY KEY)");
            return "";
        } catch (SQLException e) {
            return e.getMessage() + openTransactions(cluster);
        }
    }

    /** For whoever reads of the failure: what the change waits for. */
    private static String openTransactions(FaultyCluster cluster) {
        StringBuilder open = new StringBuilder();
        try (Connection connection = DriverManager.getConnection(cluster.url(1));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW TRANSACTIONS")) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                open.append("\n");
                for (int i = 1; i <= columns; i++) {
                    open.append(i == 1 ? "" : " | ").append(rows.getString(i));
                }
            }
        } catch (SQLException e) {
            open.append("\n").append(e.getMessage());
        }
        return open.toString();
    }
}
