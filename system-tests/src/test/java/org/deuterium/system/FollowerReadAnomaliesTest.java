package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.deuterium.server.embedded.EmbeddedCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The anomalies of replication lag (Kleppmann, "Designing Data-Intensive Applications", chapter 5): each happens at a
 * follower whose applier is held back when its guarantee is off, and never when it is on.
 */
@Timeout(300)
class FollowerReadAnomaliesTest {

    private static final String OFF = "&readYourWrites=false&monotonicReads=false&consistentPrefix=false";
    private static final int HOME = 0;

    private static EmbeddedCluster cluster;
    private static int effects;

    /** A node that leads neither the home partition nor that of EFFECT, and another one besides. */
    private int follower;

    private int other;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = leader();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE CAUSE (ID INT PRIMARY KEY, V INT)");
            statement.execute("CREATE TABLE EFFECT (ID INT PRIMARY KEY, V INT) PARTITION BY HASH (ID) PARTITIONS 1");
            statement.execute("INSERT INTO CAUSE VALUES (1, 0)");
            statement.execute("INSERT INTO EFFECT VALUES (1, 0)");
            try (ResultSet partition = statement.executeQuery("SHOW PARTITIONS FROM EFFECT")) {
                assertTrue(partition.next());
                effects = partition.getInt("PARTITION_ID");
            }
        }
    }

    @AfterAll
    static void stopCluster() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void chooseNodes() throws Exception {
        Set<Integer> leaders = new HashSet<>();
        int homeLeader = 0;
        try (Connection connection = leader();
                Statement statement = connection.createStatement();
                ResultSet partitions = statement.executeQuery("SHOW PARTITIONS")) {
            while (partitions.next()) {
                int node = Integer.parseInt(partitions.getString("LEADER").substring("node".length()));
                int partition = partitions.getInt("PARTITION_ID");
                if (partition == HOME) {
                    homeLeader = node;
                }
                if (partition == HOME || partition == effects) {
                    leaders.add(node);
                }
            }
        }
        follower = 0;
        for (int node = 3; node >= 1; node--) {
            if (!leaders.contains(node)) {
                follower = node;
            }
        }
        other = 6 - follower - homeLeader;
        awaitShown(follower);
        awaitShown(other);
    }

    @AfterEach
    void letGo() {
        for (int node = 1; node <= 3; node++) {
            hold(node, HOME, false);
        }
    }

    private static void hold(int node, int partition, boolean on) {
        cluster.holdApplier(node, partition, on);
    }

    private static Connection leader() throws SQLException {
        return DriverManager.getConnection(cluster.jdbcUrl());
    }

    /** A session at this node that reads from its replicas. */
    private static Connection at(int node, String settings) throws SQLException {
        return DriverManager.getConnection(
                cluster.jdbcUrl(node) + "?preferLeader=false&readPreference=follower" + settings);
    }

    private static void change(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate("UPDATE " + table + " SET V = V + 1 WHERE ID = 1"));
        }
    }

    private static int value(Connection connection, String table) throws SQLException {
        int value = shown(connection, table);
        assertTrue(value >= 0, "the row is not there");
        return value;
    }

    /** -1 where the row has not arrived yet. */
    private static int shown(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT V FROM " + table + " WHERE ID = 1")) {
            return row.next() ? row.getInt(1) : -1;
        }
    }

    /** A follower that is late to answer is not waited for: the leader answers then. */
    private static void awaitValue(Connection connection, String table, int expected) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (shown(connection, table) != expected) {
            assertTrue(System.nanoTime() < deadline, table + " never shows " + expected);
            TimeUnit.MILLISECONDS.sleep(5); // between two looks
        }
    }

    /** Waits until a node's replicas show what the leaders show. */
    private static void awaitShown(int node) throws Exception {
        try (Connection now = leader();
                Connection there = at(node, OFF)) {
            awaitValue(there, "CAUSE", value(now, "CAUSE"));
            awaitValue(there, "EFFECT", value(now, "EFFECT"));
        }
    }

    @Test
    void readingYourOwnWrites() throws Exception {
        hold(follower, HOME, true);
        try (Connection off = at(follower, OFF);
                Connection on = at(follower, OFF + "&readYourWrites=true")) {
            int before = value(off, "CAUSE");
            change(off, "CAUSE");
            awaitValue(off, "CAUSE", before); // off: the own write has disappeared
            change(on, "CAUSE");
            assertEquals(before + 2, value(on, "CAUSE"));
            on.setAutoCommit(false);
            change(on, "CAUSE");
            on.commit();
            assertEquals(before + 3, value(on, "CAUSE"), "a transaction's writes too");
            on.rollback();
            try (Statement statement = off.createStatement()) {
                statement.execute("SET READ_YOUR_WRITES TRUE");
            }
            assertEquals(before + 3, value(off, "CAUSE"), "it was remembered all the time");
        }
    }

    @Test
    void monotonicReadsOverTwoNodes() throws Exception {
        hold(follower, HOME, true);
        try (Connection writer = leader();
                Connection first = at(other, OFF);
                Connection off = at(follower, OFF);
                Connection on = at(follower, OFF + "&monotonicReads=true")) {
            int before = value(writer, "CAUSE");
            change(writer, "CAUSE");
            awaitValue(first, "CAUSE", before + 1);
            String token = first.getClientInfo("session.token");
            off.setClientInfo("session.token", token);
            awaitValue(off, "CAUSE", before); // off: time has gone back
            on.setClientInfo("session.token", token);
            assertEquals(before + 1, value(on, "CAUSE"));
        }
    }

    @Test
    void consistentPrefixOverTwoPartitions() throws Exception {
        hold(follower, HOME, true);
        try (Connection writer = leader();
                Connection off = at(follower, OFF);
                Connection on = at(follower, OFF + "&consistentPrefix=true")) {
            int cause = value(writer, "CAUSE");
            int effect = value(writer, "EFFECT");
            change(writer, "CAUSE");
            change(writer, "EFFECT");
            awaitValue(off, "EFFECT", effect + 1);
            awaitValue(off, "CAUSE", cause); // off: an effect without its cause
            awaitValue(on, "EFFECT", effect + 1);
            assertEquals(cause + 1, value(on, "CAUSE"));
        }
    }

    @Test
    void anEffectOfWhatAnotherSessionOnlyReadHasItsCauseToo() throws Exception {
        hold(follower, HOME, true);
        try (Connection first = leader();
                Connection second = leader();
                Connection reader = at(follower, OFF + "&consistentPrefix=true")) {
            change(first, "CAUSE");
            int cause = value(second, "CAUSE");
            int effect = value(second, "EFFECT");
            change(second, "EFFECT");
            awaitValue(reader, "EFFECT", effect + 1);
            assertEquals(cause, value(reader, "CAUSE"));
        }
    }

    @Test
    void allThreeAreOnUnlessSaidOtherwise_andExplainSaysSo() throws Exception {
        hold(follower, HOME, true);
        try (Connection connection = at(follower, "");
                Statement statement = connection.createStatement()) {
            int before = value(connection, "CAUSE");
            change(connection, "CAUSE");
            assertEquals(before + 1, value(connection, "CAUSE"));
            assertTrue(explained(statement)
                    .contains("at a follower, showing at least what this session wrote, what it has read, the causes"));
            statement.execute("SET readPreference = leader");
            assertTrue(explained(statement).contains("reads: at the leader"));
            awaitLag(statement);
        }
    }

    /** In entries and in time. A node that does not answer in time says nothing of its replicas. */
    private void awaitLag(Statement statement) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        long lag = 0;
        long millis = 0;
        while (lag == 0 || millis == 0) {
            assertTrue(System.nanoTime() < deadline, "the held replica lags by " + lag + " entries, " + millis + " ms");
            try (ResultSet replicas = statement.executeQuery("SHOW REPLICAS")) {
                while (replicas.next()) {
                    boolean held = replicas.getString("NODE").equals("node" + follower)
                            && replicas.getInt("PARTITION_ID") == HOME;
                    lag = held ? replicas.getLong("LAG") : lag;
                    millis = held ? replicas.getLong("LAG_MS") : millis;
                }
            }
        }
    }

    private static String explained(Statement statement) throws SQLException {
        StringBuilder text = new StringBuilder();
        try (ResultSet plan = statement.executeQuery("EXPLAIN SELECT V FROM CAUSE WHERE ID = 1")) {
            while (plan.next()) {
                text.append(plan.getString(1)).append('\n');
            }
        }
        return text.toString();
    }

    @Test
    void aBoundOnStalenessSendsReadsOfALaggingFollowerToTheLeader() throws Exception {
        hold(follower, HOME, true);
        try (Connection writer = leader();
                Connection unbounded = at(follower, OFF);
                Connection bounded = at(follower, OFF + "&maxStaleness=50ms")) {
            int before = value(writer, "CAUSE");
            change(writer, "CAUSE");
            awaitValue(unbounded, "CAUSE", before); // the follower is held, and nothing bounds what it may show
            awaitValue(bounded, "CAUSE", before + 1);
            assertEquals(before + 1, value(bounded, "CAUSE"), "once it is too old it stays so");
        }
    }

    @Test
    void badSettingsAndTokensAreRefusedWithTheCure() throws Exception {
        for (String bad : new String[] {
            "&readPreference=anybody",
            "&maxStaleness=soon",
            "&maxStaleness=-1",
            "&monotonicReads=perhaps",
            "&sessionToken=rubbish",
            "&maxStaleness=0",
            "&sessionToken=d2.AAAA"
        }) {
            SQLException refused =
                    assertThrows(SQLException.class, () -> at(1, bad).close(), bad);
            assertEquals("90008", refused.getSQLState(), bad + ": " + refused.getMessage());
        }
        try (Connection connection = at(1, "");
                Statement statement = connection.createStatement()) {
            String token = connection.getClientInfo("session.token");
            assertTrue(token.startsWith("d2."), token);
            int middle = token.length() / 2; // of the last character not all bits need be in use
            String changed = token.substring(0, middle)
                    + (token.charAt(middle) == 'A' ? 'B' : 'A')
                    + token.substring(middle + 1);
            assertNotEquals(token, changed);
            assertThrows(SQLException.class, () -> connection.setClientInfo("session.token", changed));
            statement.execute("SET SESSION TOKEN '" + token + "'");
            SQLException refused =
                    assertThrows(SQLException.class, () -> statement.execute("SET MAX_STALENESS 'for ever'"));
            assertTrue(
                    refused.getMessage().contains("maxStaleness 'for ever'; use milliseconds"), refused.getMessage());
            statement.execute("SET MAX_STALENESS = 1500");
            statement.execute("SET maxStaleness TO 'PT2S'");
            statement.execute("SET MAX_STALENESS NONE");
        }
    }

    @Test
    void theNearestReplicaIsTheOneOfTheClientsNode() throws Exception {
        hold(follower, HOME, true);
        int leader = 6 - follower - other;
        try (Connection here = at(follower, OFF);
                Connection there = at(leader, OFF)) {
            for (Connection connection : new Connection[] {here, there}) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SET READ_PREFERENCE NEAREST");
                }
            }
            int before = value(here, "CAUSE");
            change(there, "CAUSE");
            assertEquals(before + 1, value(there, "CAUSE"), "it leads");
            awaitValue(here, "CAUSE", before); // the applier here is held back
        }
    }

    @Test
    void theTailShowsAtOnceWhatWasCommittedJustNow() throws Exception {
        try (Connection writer = leader();
                Statement statement = writer.createStatement();
                Connection reader = at(follower, OFF);
                Statement reading = reader.createStatement()) {
            statement.execute(
                    "CREATE TABLE CHAINED (ID INT PRIMARY KEY, V INT) PARTITION BY HASH (ID) PARTITIONS 3 ACK CHAIN");
            statement.execute("INSERT INTO CHAINED SELECT X, 0 FROM SYSTEM_RANGE(1, 6)");
            reading.execute("SET READ_PREFERENCE TAIL");
            for (int i = 1; i <= 20; i++) {
                int id = 1 + i % 6;
                assertEquals(1, statement.executeUpdate("UPDATE CHAINED SET V = " + i + " WHERE ID = " + id));
                assertEquals(i, number(reading, "SELECT V FROM CHAINED WHERE ID = " + id), "by key");
                assertEquals(i, number(reading, "SELECT MAX(V) FROM CHAINED"), "in a moment of all partitions");
            }
            statement.execute("DROP TABLE CHAINED");
        }
    }

    private static int number(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            assertTrue(row.next());
            return row.getInt(1);
        }
    }

    @Test
    void aTokenOutlivesTheLeaderAndTheConnection() throws Exception {
        hold(follower, HOME, true);
        String token;
        int written;
        int stopped = 6 - follower - other;
        try (Connection writer = leader()) {
            change(writer, "CAUSE");
            change(writer, "EFFECT");
            written = value(writer, "CAUSE");
            token = writer.getClientInfo("session.token");
        }
        cluster.stopNode(stopped);
        try {
            hold(follower, HOME, false);
            for (int node : new int[] {follower, other}) {
                try (Connection next = at(node, "&sessionToken=" + token)) {
                    assertEquals(written, value(next, "CAUSE"), "at node " + node);
                }
            }
        } finally {
            cluster.startNode(stopped);
            cluster.awaitReady();
        }
    }

    @Test
    void aSessionWhoseNodeWasLostStillSeesItsWrites() throws Exception {
        hold(follower, HOME, true);
        String url = cluster.jdbcUrl(other) + "?preferLeader=false&readPreference=follower";
        String both = url.replace("/db?", "," + cluster.jdbcUrl(follower).split("/")[2] + "/db?");
        try (Connection connection = DriverManager.getConnection(both)) {
            change(connection, "CAUSE");
            int written = value(connection, "CAUSE");
            cluster.stopNode(other);
            try {
                String token = connection.getClientInfo("session.token");
                try (Connection next = at(follower, OFF + "&readYourWrites=true&sessionToken=" + token)) {
                    assertEquals(written, value(next, "CAUSE"), "the token says what it does not know");
                }
                assertEquals(written, value(connection, "CAUSE"));
            } finally {
                cluster.startNode(other);
                cluster.awaitReady();
            }
        }
    }

    /** The leader has it on a majority of logs and is gone before it answers; the next one says that it is done. */
    @Test
    void aWriteWhoseAnswerWasLostIsRemembered() throws Exception {
        int leader = 6 - follower - other;
        try (Connection writer = at(follower, OFF + "&readYourWrites=true");
                Connection looker = DriverManager.getConnection(cluster.jdbcUrl(follower) + "?preferLeader=false");
                Statement looking = looker.createStatement()) {
            int before = value(writer, "CAUSE");
            hold(follower, HOME, true);
            hold(leader, HOME, true);
            CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
                try {
                    change(writer, "CAUSE");
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            awaitCommitted(looking, leader);
            cluster.stopNode(leader);
            try {
                if (leaderOfHome(looking, leader) == follower) {
                    hold(follower, HOME, false); // a leader shows all it has
                }
                written.get(60, TimeUnit.SECONDS);
                assertEquals(before + 1, value(writer, "CAUSE"));
            } finally {
                cluster.startNode(leader);
                cluster.awaitReady();
            }
        }
    }

    /** The leader has something on enough logs that it does not show. */
    private static void awaitCommitted(Statement statement, int leader) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        boolean committed = false;
        while (!committed) {
            assertTrue(System.nanoTime() < deadline, "the write is not committed");
            try (ResultSet replicas = statement.executeQuery("SHOW REPLICAS")) {
                while (replicas.next()) {
                    committed |= replicas.getInt("PARTITION_ID") == HOME
                            && replicas.getString("NODE").equals("node" + leader)
                            && replicas.getLong("COMMIT_INDEX") > replicas.getLong("APPLIED_INDEX");
                }
            }
        }
    }

    /** Waits for another one than before. */
    private static int leaderOfHome(Statement statement, int before) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < deadline) {
            try (ResultSet partitions = statement.executeQuery("SHOW PARTITIONS")) {
                while (partitions.next()) {
                    String leader = partitions.getString("LEADER");
                    if (partitions.getInt("PARTITION_ID") == HOME
                            && leader != null
                            && !leader.equals("node" + before)) {
                        return Integer.parseInt(leader.substring("node".length()));
                    }
                }
            }
            TimeUnit.MILLISECONDS.sleep(20); // between two looks
        }
        throw new AssertionError("the home partition has no leader");
    }
}
