package org.deuterium.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.deuterium.server.inspect.ClusterInspector;
import org.deuterium.wire.ErrorCode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What somebody who runs a cluster of four nodes says to it, from the statement to the last replica. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class OperatorStatementsTest {

    /** As CREATE TABLE and ALTER TABLE take them, and as SHOW PARTITIONS shows them. */
    private static final Map<String, String> RULES = new TreeMap<>(Map.of(
            "ASYNC", "ASYNC",
            "SEMI_SYNC 1", "SEMI_SYNC 1",
            "QUORUM", "QUORUM",
            "SYNC", "SYNC MIN_IN_SYNC 2",
            "CHAIN", "CHAIN MIN_IN_SYNC 2"));

    private static EmbeddedCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(4);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(cluster.jdbcUrl() + "?user=sa");
    }

    private static String ruleOf(Statement statement, String table) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SHOW PARTITIONS FROM " + table)) {
            assertTrue(rows.next());
            return rows.getString("ACK_RULE");
        }
    }

    @Test
    void everyAckRuleIsChosenWithTheTableAndChangedWhileItIsWritten() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            int number = 0;
            for (Map.Entry<String, String> rule : RULES.entrySet()) {
                String table = "CHOSEN_" + ++number;
                statement.execute("CREATE TABLE " + table + "(K INT PRIMARY KEY, V INT NOT NULL)"
                        + " PARTITION BY HASH (K) PARTITIONS 1 ACK " + rule.getKey());
                assertEquals(rule.getValue(), ruleOf(statement, table));
                assertEquals(1, change(statement, "INSERT INTO " + table + " VALUES(1, " + number + ")"));
                assertEquals(1, change(statement, "UPDATE " + table + " SET V = V + 10 WHERE K = 1"));
            }
            statement.execute(
                    "CREATE TABLE CHANGED(K INT PRIMARY KEY, V INT NOT NULL)" + " PARTITION BY HASH (K) PARTITIONS 2");
            statement.execute("INSERT INTO CHANGED VALUES(1, 0)");
            AtomicInteger written = new AtomicInteger();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread writer = new Thread(() -> write(written, failure), "writer");
            writer.start();
            try {
                for (Map.Entry<String, String> rule : RULES.entrySet()) {
                    int before = written.get();
                    LockFixture.persist(statement, "ALTER TABLE CHANGED SET ACK " + rule.getKey());
                    assertEquals(rule.getValue(), ruleOf(statement, "CHANGED"));
                    awaitWritten(written, before + 5, failure);
                }
                LockFixture.persist(statement, "ALTER TABLE CHANGED SET ACK QUORUM");
            } finally {
                writer.interrupt();
                writer.join();
            }
            assertNull(failure.get(), () -> "a writer saw a change of the rule: " + failure.get());
            try (ResultSet row = statement.executeQuery("SELECT V FROM CHANGED WHERE K = 1")) {
                assertTrue(row.next());
                assertEquals(written.get(), row.getInt(1));
            }
        }
        assertEqualReplicas();
    }

    @Test
    void aTableGetsTheReplicasAndRulesItAsksForOrIsRefused() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            String created = "CREATE TABLE ASKED_%d(K INT PRIMARY KEY) PARTITION BY HASH (K) PARTITIONS 3 ";
            SQLException tooMany =
                    assertThrows(SQLException.class, () -> statement.execute(created.formatted(1) + "REPLICAS 5"));
            assertTrue(tooMany.getMessage().contains("there are 4"), tooMany.getMessage());
            statement.execute(created.formatted(2) + "ACK SYNC");
            LockFixture.persist(statement, "ALTER TABLE ASKED_2 SET ACK ASYNC");
            SQLException other =
                    assertThrows(SQLException.class, () -> statement.execute(created.formatted(3) + "ACK SYNC"));
            assertTrue(other.getMessage().contains("which have ACK ASYNC"), other.getMessage());
            statement.execute(created.formatted(4));
            statement.execute("ALTER TABLE ASKED_4 SET ACK ASYNC");
            SQLException usual = // who says the default wants it too
                    assertThrows(SQLException.class, () -> statement.execute(created.formatted(5) + "ACK QUORUM"));
            assertTrue(usual.getMessage().contains("which have ACK ASYNC"), usual.getMessage());
            statement.execute(created.formatted(5) + "LOG MIXED"); // says nothing of ACK
            statement.execute("ALTER TABLE ASKED_4 SET ACK QUORUM");
            statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            try (ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM ASKED_2")) {
                assertTrue(rows.next()); // every partition there is can be opened
            }
        }
    }

    /**
     * Does it again when too few replicas are in sync, which under SYNC and CHAIN is so after half a second in which the
     * machine stands still; surely nothing was done then.
     */
    private static int change(Statement statement, String sql) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try {
                return statement.executeUpdate(sql);
            } catch (SQLException e) {
                if (!ErrorCode.TOO_FEW_IN_SYNC.sqlState().equals(e.getSQLState()) || System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    private static void write(AtomicInteger written, AtomicReference<Throwable> failure) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            while (!Thread.currentThread().isInterrupted() && failure.get() == null) {
                assertEquals(1, change(statement, "UPDATE CHANGED SET V = V + 1 WHERE K = 1"));
                written.incrementAndGet();
            }
        } catch (SQLException | AssertionError e) {
            failure.set(e);
        }
    }

    private static void awaitWritten(AtomicInteger written, int enough, AtomicReference<Throwable> failure)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (written.get() < enough) {
            assertNull(failure.get());
            assertTrue(System.nanoTime() < deadline, written + " writes instead of " + enough);
            TimeUnit.MILLISECONDS.sleep(5); // between two looks
        }
    }

    private static void assertEqualReplicas() throws Exception {
        try (ClusterInspector inspector = ClusterInspector.open(cluster.zooKeeper())) {
            assertEquals(List.of(), inspector.compareReplicas(120).differences());
        }
    }

    /** The partitions of which each node holds a replica, and whether all replicas are in sync. */
    private record Placement(Map<String, TreeSet<Integer>> byNode, boolean inSync) {

        static Placement read(Statement statement) throws SQLException {
            Map<String, TreeSet<Integer>> byNode = new TreeMap<>();
            boolean inSync = true;
            try (ResultSet rows = statement.executeQuery("SHOW REPLICAS")) {
                while (rows.next()) {
                    byNode.computeIfAbsent(rows.getString("NODE"), node -> new TreeSet<>())
                            .add(rows.getInt("PARTITION_ID"));
                    String role = rows.getString("ROLE");
                    inSync &= rows.getBoolean("IN_SYNC") && (role.equals("LEADER") || role.equals("FOLLOWER"));
                }
            }
            return new Placement(byNode, inSync);
        }

        int replicas() {
            return byNode.values().stream().mapToInt(TreeSet::size).sum();
        }
    }

    private static Placement awaitInSync(Statement statement) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        Placement placement = Placement.read(statement);
        while (!placement.inSync()) {
            assertTrue(System.nanoTime() < deadline, "never all in sync: " + placement);
            TimeUnit.MILLISECONDS.sleep(50); // between two looks
            placement = Placement.read(statement);
        }
        return placement;
    }

    @Test
    void theReplicasOfANodeThatIsRemovedAreGivenToAnother() throws Exception {
        Placement before;
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE KEPT(K INT PRIMARY KEY, V INT NOT NULL)" + " PARTITION BY HASH (K) PARTITIONS 3");
            for (int key = 0; key < 30; key++) {
                statement.execute("INSERT INTO KEPT VALUES(" + key + ", " + key + ")");
            }
            before = awaitInSync(statement);
        }
        String victim = before.byNode().keySet().iterator().next();
        int number = Integer.parseInt(victim.substring("node".length()));
        cluster.stopNode(number);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE KEPT SET V = V + 1");
            LockFixture.persist(statement, "ALTER NODE " + victim + " REMOVE");
            Placement after = awaitInSync(statement);
            assertFalse(after.byNode().containsKey(victim), victim + " still counts: " + after);
            assertEquals(before.replicas(), after.replicas(), "of " + before + " is left " + after);
            statement.execute("UPDATE KEPT SET V = V + 1 WHERE K < 10");
        } finally {
            cluster.startNode(number);
            cluster.awaitReady();
        }
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            Placement again = awaitInSync(statement);
            assertFalse(again.byNode().containsKey(victim), victim + " is an empty node like any other: " + again);
            try (ResultSet sum = statement.executeQuery("SELECT SUM(V) FROM KEPT")) {
                assertTrue(sum.next());
                assertEquals(30 * 29 / 2 + 30 + 10, sum.getInt(1));
            }
        }
        assertEqualReplicas();
    }
}
