package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.deuterium.server.inspect.ClusterInspector;
import org.deuterium.server.local.ClusterFile;
import org.deuterium.server.local.LocalCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of the node that runs a schema change, at a random moment of it: afterwards the change is done everywhere or
 * nowhere, the next one works, and replicas are equal.
 */
class SchemaChangeKillTest {

    private static final int ROUNDS = Integer.getInteger("deuterium.kill.rounds", 3);
    private static final long SEED = Long.getLong("deuterium.kill.seed", 20261123L);

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void aChangeIsDoneEverywhereOrNowhere() throws Exception {
        Random random = new Random(SEED);
        LocalCluster cluster = LocalCluster.create(directory, ClusterFile.withPorts(3, 0, 0));
        cluster.start(System.out);
        try {
            execute(
                    cluster,
                    "CREATE TABLE IF NOT EXISTS T(K INT PRIMARY KEY, V INT) PARTITION BY HASH (K) PARTITIONS 3");
            for (int k = 0; k < 30; k++) {
                execute(cluster, "MERGE INTO T KEY(K) VALUES(" + k + "," + k + ")");
            }
            for (int round = 1; round <= ROUNDS; round++) {
                killDuringChange(cluster, round, random);
            }
            try (ClusterInspector inspector =
                    ClusterInspector.open("127.0.0.1:" + cluster.file().zooKeeperPort())) {
                assertEquals(List.of(), inspector.compareReplicas(120).differences());
            }
        } finally {
            cluster.stop(System.out);
        }
    }

    private static void killDuringChange(LocalCluster cluster, int round, Random random) throws Exception {
        int victim = random.nextInt(3);
        String victimUrl = "jdbc:deuterium://127.0.0.1:"
                + cluster.file().nodePorts().get(victim) + "/db?user=sa&preferLeader=false";
        String column = "C" + round;
        AtomicReference<SQLException> failure = new AtomicReference<>();
        Connection connection = connectOnceStarted(victimUrl);
        Thread changer = new Thread(() -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("ALTER TABLE T ADD COLUMN " + column + " INT DEFAULT 7");
            } catch (SQLException e) {
                failure.set(e);
            }
        });
        changer.start();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
        cluster.node("node" + (victim + 1)).kill();
        changer.join();
        cluster.startNode("node" + (victim + 1), System.out);
        boolean done = Patience.until(() -> columns(cluster)).contains(column);
        if (failure.get() == null) {
            assertEquals(true, done, "round " + round + ": an acknowledged change is gone");
        }
        for (int k = 0; k < 30; k++) {
            int key = k;
            int value = Patience.until(() -> value(cluster, column, key));
            assertEquals(done ? 7 : -1, value, "round " + round + ", row " + k + ", done " + done);
        }
        execute(cluster, "ALTER TABLE T ADD COLUMN IF NOT EXISTS AFTER_" + round + " INT");
        System.out.println("schema change round " + round + ": node" + (victim + 1) + " killed, change "
                + (done ? "done" : "dropped") + ", " + failure.get());
    }

    /** A node that was just started again listens before it is ready, and says so. */
    private static Connection connectOnceStarted(String url) throws Exception {
        for (int tries = 1; ; tries++) {
            try {
                return DriverManager.getConnection(url);
            } catch (SQLException e) {
                if (tries == 300) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    private static TreeSet<String> columns(LocalCluster cluster) throws SQLException {
        TreeSet<String> names = new TreeSet<>();
        try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl() + "?user=sa");
                ResultSet columns = connection.getMetaData().getColumns(null, "PUBLIC", "T", null)) {
            while (columns.next()) {
                names.add(columns.getString("COLUMN_NAME"));
            }
        }
        return names;
    }

    /** The value of a row's new column, or -1 if there is no such column. */
    private static int value(LocalCluster cluster, String column, int key) throws SQLException {
        try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl() + "?user=sa");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + column + " FROM T WHERE K = " + key)) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            if (e.getErrorCode() == 42122) {
                return -1;
            }
            throw e;
        }
    }

    /** @param sql may be done twice */
    private static void execute(LocalCluster cluster, String sql) throws SQLException {
        Patience.until(() -> {
            try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl() + "?user=sa");
                    Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }
}
