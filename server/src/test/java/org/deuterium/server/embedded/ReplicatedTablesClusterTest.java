package org.deuterium.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.server.inspect.ClusterInspector;
import org.deuterium.wire.ErrorCode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** REPLICATED tables in a cluster of three nodes: all copies stay equal, whoever stops while they are written. */
@Timeout(300)
class ReplicatedTablesClusterTest {

    private static final long SEED = Long.getLong("deuterium.copies.seed", 20261126L);
    private static final int KEYS = 64;

    private static EmbeddedCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE item (id INT PRIMARY KEY, grp INT NOT NULL, n INT, stamp TIMESTAMP(9)"
                    + " DEFAULT CURRENT_TIMESTAMP, u UUID DEFAULT RANDOM_UUID()) REPLICATED");
            statement.executeUpdate("INSERT INTO item (id, grp, n) SELECT x, MOD(x, 5), 0 FROM SYSTEM_RANGE(1, 40)");
            statement.execute("CREATE TABLE home (k INT PRIMARY KEY)");
            statement.execute("INSERT INTO home VALUES (1)");
            statement.execute("CREATE TABLE probe (k INT PRIMARY KEY, item INT REFERENCES item(id))"
                    + " PARTITION BY HASH (k) PARTITIONS 4");
            for (int k = 0; k < KEYS; k++) {
                statement.executeUpdate("INSERT INTO probe VALUES (" + k + ", 1)");
            }
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private static Connection open() throws SQLException {
        return DriverManager.getConnection(cluster.jdbcUrl(), "sa", "");
    }

    /** The copy in each partition that a key of the partitioned table or the plain table leads to. */
    private static Map<String, String> copies(Statement statement, String from) throws SQLException {
        Map<String, String> copies = new TreeMap<>();
        String rows = "SELECT LISTAGG(i.id || ' ' || i.grp || ' ' || i.n || ' ' || i.stamp || ' ' || i.u, ';')"
                + " WITHIN GROUP (ORDER BY i.id) FROM " + from + " i";
        copies.put("home", text(statement, rows + ", home WHERE home.k = 1"));
        for (int k = 0; k < KEYS; k++) {
            copies.put("key " + k, text(statement, rows + ", probe p WHERE p.k = " + k));
        }
        return copies;
    }

    private static String text(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            assertTrue(row.next());
            return row.getString(1);
        }
    }

    private static void checkEqual(Statement statement, String table) throws SQLException {
        Map<String, String> copies = copies(statement, table);
        copies.forEach((where, rows) -> assertEquals(copies.get("home"), rows, where + ", seed " + SEED));
    }

    /** New copies, copied changes and rows that move are texts of the router's, which name no rows by a client's key. */
    @Test
    void logStatementRefusesNothingOfTheRoutersOwn() throws Exception {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE tag (id VARCHAR(9) PRIMARY KEY, v INT) REPLICATED");
            statement.execute("INSERT INTO tag VALUES ('a', 1), ('b', 2)");
            statement.execute("CREATE TABLE texts (id INT PRIMARY KEY, v INT) PARTITION BY HASH (id) PARTITIONS 3"
                    + " LOG STATEMENT");
            for (int id = 0; id < 8; id++) {
                statement.execute("INSERT INTO texts VALUES (" + id + ", 0)");
                assertEquals(1, statement.executeUpdate("UPDATE texts SET id = id + 1000 WHERE id = " + id));
            }
            assertEquals(1, statement.executeUpdate("DELETE FROM tag WHERE id = 'a'"));
            assertEquals(1, statement.executeUpdate("MERGE INTO tag KEY (id) VALUES ('b', 5)"));
            assertEquals("40", text(statement, "SELECT SUM(g.v) FROM tag g, texts t WHERE t.id >= 1000"));
            statement.execute("DROP TABLE texts");
            statement.execute("DROP TABLE tag");
        }
    }

    /** The partitions of the set are made behind the rows. */
    @Test
    void newPartitionsHaveTheRows() throws SQLException {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            checkEqual(statement, "item");
            assertEquals(1, statement.executeUpdate("INSERT INTO item (id, grp) VALUES (1000, 9)"));
            statement.execute("CREATE TABLE later (k INT PRIMARY KEY, item INT REFERENCES item(id))"
                    + " PARTITION BY HASH (k) PARTITIONS 2");
            assertEquals(1, statement.executeUpdate("INSERT INTO later VALUES (1, 1000)"));
            assertEquals(1, statement.executeUpdate("DELETE FROM later"));
            assertEquals(1, statement.executeUpdate("DELETE FROM item WHERE id = 1000"));
            checkEqual(statement, "item");
        }
    }

    @Test
    void copiesAreEqualWhenNodesStopUnderWriters() throws Exception {
        AtomicBoolean stopping = new AtomicBoolean();
        AtomicInteger changes = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(4);
        List<Future<?>> all = new ArrayList<>();
        for (int client = 0; client < 4; client++) {
            Random random = new Random(SEED + client);
            int own = client;
            all.add(clients.submit(() -> {
                changeUntil(stopping, random, own, changes);
                return null;
            }));
        }
        for (int number = 1; number <= 3; number++) {
            int before = changes.get();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (changes.get() < before + 40 && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(20); // between two looks
            }
            cluster.stopNode(number);
            cluster.startNode(number);
            cluster.awaitReady();
        }
        stopping.set(true);
        for (Future<?> client : all) {
            client.get(60, TimeUnit.SECONDS);
        }
        clients.shutdown();
        // What a node that stopped left undecided is decided by the leaders: till then rows are locked, and copies
        // differ.
        awaitTrue("nothing is locked", () -> {
            try (Connection connection = open();
                    Statement statement = connection.createStatement()) {
                LockFixture.persist(statement, "UPDATE item SET n = n");
                return true;
            }
        });
        awaitTrue("all copies are equal", () -> {
            try (Connection connection = open();
                    Statement statement = connection.createStatement()) {
                return Set.copyOf(copies(statement, "item").values()).size() == 1;
            }
        });
        System.out.println("copies: " + changes + " changes");
        assertTrue(changes.get() > 40);
        try (ClusterInspector inspector = ClusterInspector.open(cluster.zooKeeper())) {
            awaitTrue(
                    "replicas are equal",
                    () -> inspector.compareReplicas(60).differences().isEmpty());
        }
    }

    private static void awaitTrue(String what, Callable<Boolean> condition) throws Exception {
        long began = System.nanoTime();
        while (!condition.call()) {
            assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(60), what);
            TimeUnit.MILLISECONDS.sleep(100); // between two looks
        }
        System.out.println(what + " after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) + " ms");
    }

    private static void changeUntil(AtomicBoolean stopping, Random random, int own, AtomicInteger changes)
            throws SQLException {
        int next = 10_000 * (own + 1);
        while (!stopping.get()) {
            try (Connection connection = open();
                    Statement statement = connection.createStatement()) {
                while (!stopping.get()) {
                    connection.setAutoCommit(random.nextBoolean());
                    for (int i = connection.getAutoCommit() ? 1 : 2; i > 0; i--) {
                        statement.executeUpdate(change(random, next++));
                    }
                    if (!connection.getAutoCommit()) {
                        connection.commit();
                    }
                    changes.incrementAndGet();
                }
            } catch (SQLException e) {
                if (e.getErrorCode() == ErrorCode.ANSWER_LOST.vendorCode()) {
                    changes.incrementAndGet(); // done; only how many rows it changed is not known
                } else if (!LockFixture.isTransient(e)) {
                    throw e;
                }
            }
        }
    }

    /** Changes that meet: groups of rows, into which rows come and from which they go. */
    private static String change(Random random, int newId) {
        int group = random.nextInt(5);
        return switch (random.nextInt(5)) {
            case 0 -> "INSERT INTO item (id, grp, n) VALUES (" + newId + ", " + group + ", 0)";
            case 1 -> "DELETE FROM item WHERE id > 40 AND grp = " + group;
            case 2 ->
                "UPDATE item SET grp = " + random.nextInt(5) + ", stamp = CURRENT_TIMESTAMP WHERE MOD(id, 7) = "
                        + random.nextInt(7);
            case 3 ->
                "MERGE INTO item (id, grp, n) KEY (id) VALUES (" + (41 + random.nextInt(9)) + ", " + group + ", 5)";
            default -> "UPDATE item SET n = n + 1, u = RANDOM_UUID() WHERE grp = " + group;
        };
    }
}
