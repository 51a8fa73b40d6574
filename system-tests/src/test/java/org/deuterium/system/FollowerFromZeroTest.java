package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deuterium.server.inspect.ClusterInspector;
import org.deuterium.server.local.ClusterFile;
import org.deuterium.server.local.LocalCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node loses all its data and is set up from zero while eight writers go on: nothing is lost, its rows are equal in the
 * end, and it is told how long it took, what it cost the writers, and how much memory.
 */
class FollowerFromZeroTest {

    /** 1024 for the figures of benchmarks/RESULTS.md. */
    private static final int MEGABYTES = Integer.getInteger("deuterium.snapshot.megabytes", 24);

    /** From here on the rows are more than a log keeps, so that it must be a snapshot; less is caught up from the log. */
    private static final boolean MEASURES = MEGABYTES >= 1_000;

    private static final long MOST_MEMORY_BYTES = 256L << 20;

    private static final String VICTIM = "node3";
    private static final int ROW_BYTES = 1_000;
    private static final long LOOK_MILLIS = 200;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(15);

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void aNodeThatLostEverythingIsSetUpWhileWritersGoOn() throws Exception {
        LocalCluster cluster = LocalCluster.create(directory, ClusterFile.withPorts(3, 0, 0));
        cluster.start(System.out);
        String url = cluster.jdbcUrl() + "?user=sa";
        try (LedgerLoad load = new LedgerLoad(url, 8, 1)) {
            load.createTables(" PARTITION BY HASH (REGION) PARTITIONS 3");
            fill(url);
            load.start();
            assertTrue(load.awaitAcknowledged(0, 100, 120_000), load.summary());
            double before = rate(load, 5);
            cluster.node(VICTIM).kill();
            deleteData(directory.resolve(VICTIM));
            assertTrue(load.awaitAcknowledged(load.acknowledgedCount(), 100, 120_000), load.summary());

            long[] grown = new long[3];
            cluster.startNode(VICTIM, System.out);
            long[] residentAtStart = resident(cluster);
            long start = System.nanoTime();
            int acknowledged = load.acknowledgedCount();
            TreeSet<String> seen = new TreeSet<>();
            Slowest slowest = new Slowest(load);
            while (!isComplete(url, seen)) {
                assertTrue(System.nanoTime() - start < PATIENCE_NANOS, () -> "never complete: " + seen);
                long[] now = resident(cluster);
                for (int i = 0; i < now.length; i++) {
                    grown[i] = Math.max(grown[i], now[i] - residentAtStart[i]);
                }
                slowest.look();
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS); // between two looks
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            double meanwhile = (load.acknowledgedCount() - acknowledged) / seconds;
            load.stop();
            System.out.printf(
                    "follower from zero: %d MB of rows, %.1f s; %.0f transactions/s before, %.0f meanwhile, %.0f in"
                            + " the slowest second; resident memory grew by %s MB (node1 to node3)%n",
                    MEGABYTES,
                    seconds,
                    before,
                    meanwhile,
                    slowest.rate(),
                    List.of(grown[0] >> 20, grown[1] >> 20, grown[2] >> 20));
            System.out.println("SHOW REPLICAS said " + seen);
            if (MEASURES) {
                assertMeasured(seen, grown, before, meanwhile);
            }
            assertEquals(List.of(), load.findViolations(), load.summary());
            try (ClusterInspector inspector =
                    ClusterInspector.open("127.0.0.1:" + cluster.file().zooKeeperPort())) {
                assertEquals(List.of(), inspector.compareReplicas(120).differences());
            }
        } finally {
            cluster.stop(System.out);
        }
    }

    /** It was a snapshot, in bounded memory, and writers went on. */
    private static void assertMeasured(TreeSet<String> seen, long[] grown, double before, double meanwhile) {
        assertTrue(seen.stream().anyMatch(role -> role.startsWith("SNAPSHOT")), "no snapshot: " + seen);
        for (long bytes : grown) {
            assertTrue(bytes < MOST_MEMORY_BYTES, "a node's memory grew by " + (bytes >> 20) + " MB");
        }
        assertTrue(meanwhile > before / 2, "writers had " + before + "/s before, " + meanwhile + " meanwhile");
    }

    private static void fill(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE BULK(ID BIGINT PRIMARY KEY, V VARCHAR(" + ROW_BYTES
                    + ")) PARTITION BY HASH (ID) PARTITIONS 3");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO BULK VALUES(?, ?)")) {
                java.util.Random random = new java.util.Random(7);
                long rows = MEGABYTES * 1_000_000L / ROW_BYTES;
                for (long id = 0; id < rows; id++) {
                    insert.setLong(1, id);
                    insert.setString(2, text(random));
                    insert.addBatch();
                    if (id % 500 == 499) {
                        insert.executeBatch();
                    }
                }
                insert.executeBatch();
            }
        }
    }

    /** As hard to compress as hexadecimal digits are. */
    private static String text(java.util.Random random) {
        StringBuilder text = new StringBuilder(ROW_BYTES);
        while (text.length() < ROW_BYTES - 16) {
            text.append(Long.toHexString(random.nextLong()));
        }
        return text.toString();
    }

    /** How much was done in the slowest second, as far as looks at it were close enough. */
    private static final class Slowest {

        private final LedgerLoad load;
        private long since = System.nanoTime();
        private int acknowledged;
        private double rate = Double.MAX_VALUE;

        Slowest(LedgerLoad load) {
            this.load = load;
            this.acknowledged = load.acknowledgedCount();
        }

        void look() {
            long nanos = System.nanoTime() - since;
            if (nanos >= TimeUnit.SECONDS.toNanos(1)) {
                int now = load.acknowledgedCount();
                rate = Math.min(rate, (now - acknowledged) * 1e9 / nanos);
                since += nanos;
                acknowledged = now;
            }
        }

        /** A second. */
        double rate() {
            return rate == Double.MAX_VALUE ? 0 : rate;
        }
    }

    private static double rate(LedgerLoad load, int seconds) throws InterruptedException {
        int before = load.acknowledgedCount();
        TimeUnit.SECONDS.sleep(seconds); // the time that is measured
        return (load.acknowledgedCount() - before) / (double) seconds;
    }

    /** True if every replica of the node leads or follows in sync; what it does until then is added to {@code seen}. */
    private static boolean isComplete(String url, TreeSet<String> seen) {
        boolean complete = true;
        int replicas = 0;
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW REPLICAS")) {
            while (rows.next()) {
                if (rows.getString("NODE").equals(VICTIM)) {
                    String role = rows.getString("ROLE");
                    replicas++;
                    complete &= rows.getBoolean("IN_SYNC") && (role.equals("FOLLOWER") || role.equals("LEADER"));
                    seen.add(role.replaceAll("[0-9.]+", "n"));
                }
            }
        } catch (SQLException e) {
            seen.add("not answered: " + e.getSQLState());
            return false;
        }
        return complete && replicas > 0;
    }

    private static long[] resident(LocalCluster cluster) throws IOException {
        long[] bytes = new long[3];
        for (int i = 0; i < 3; i++) {
            Path status = Path.of(
                    "/proc", Long.toString(cluster.node("node" + (i + 1)).pid()), "status");
            if (Files.exists(status)) { // Linux
                for (String line : Files.readAllLines(status)) {
                    if (line.startsWith("VmRSS:")) {
                        bytes[i] = Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                    }
                }
            }
        }
        return bytes;
    }

    private static void deleteData(Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                String name = file.getFileName().toString();
                if (!name.startsWith("node.log") && !name.endsWith(".pid") && !file.equals(data)) {
                    Files.delete(file);
                }
            }
        }
    }
}
