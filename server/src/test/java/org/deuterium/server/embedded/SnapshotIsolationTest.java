package org.deuterium.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Read-only transactions at REPEATABLE READ and SNAPSHOT over several partitions (Berenson et al. 1995; Adya 1999): read skew is
 * shown at READ COMMITTED, which allows it, and it and long fork not at the levels that forbid them.
 */
@Timeout(180)
class SnapshotIsolationTest {

    private static final int ROWS = 12;
    private static final int VALUE = 100;
    private static final int SNAPSHOT = 6;

    private static EmbeddedCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = open(Connection.TRANSACTION_READ_COMMITTED);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL) PARTITION BY HASH (id) PARTITIONS 4");
            StringBuilder rows = new StringBuilder("INSERT INTO t VALUES (0, 0)");
            for (int id = 1; id < ROWS; id++) {
                rows.append(", (").append(id).append(", 0)");
            }
            statement.executeUpdate(rows.toString());
            connection.commit();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        run("UPDATE t SET v = " + VALUE);
    }

    private static Connection open(int level) throws SQLException {
        Connection connection = DriverManager.getConnection(cluster.jdbcUrl(), "sa", "");
        connection.setAutoCommit(false);
        connection.setReadOnly(level > Connection.TRANSACTION_READ_COMMITTED);
        connection.setTransactionIsolation(level);
        assertEquals(level, connection.getTransactionIsolation());
        return connection;
    }

    private static void run(String... changes) throws SQLException {
        try (Connection connection = open(Connection.TRANSACTION_READ_COMMITTED);
                Statement statement = connection.createStatement()) {
            for (String change : changes) {
                statement.executeUpdate(change);
            }
            connection.commit();
        }
    }

    private static int value(Connection connection, int id) throws SQLException {
        return number(connection, "SELECT v FROM t WHERE id = " + id);
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertTrue(row.next());
            return row.getInt(1);
        }
    }

    private static void change(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** What a transaction reads of all rows one by one, with transfers between two of its statements. */
    private static int sumWithATransferInBetween(int level) throws SQLException {
        try (Connection connection = open(level)) {
            int sum = value(connection, 0);
            for (int id = 1; id < ROWS; id++) {
                run("UPDATE t SET v = v - 1 WHERE id = 0", "UPDATE t SET v = v + 1 WHERE id = " + id);
                sum += value(connection, id);
            }
            assertEquals(ROWS * VALUE, number(connection, "SELECT SUM(v) FROM t"));
            connection.commit();
            return sum;
        }
    }

    @Test
    void readSkew() throws SQLException {
        assertEquals(ROWS * VALUE + ROWS - 1, sumWithATransferInBetween(Connection.TRANSACTION_READ_COMMITTED));
        fill();
        assertEquals(ROWS * VALUE, sumWithATransferInBetween(Connection.TRANSACTION_REPEATABLE_READ));
        assertEquals(ROWS * VALUE, sumWithATransferInBetween(SNAPSHOT));
    }

    /** Two writers of different partitions, and two readers who must not see them in different orders. */
    @Test
    void longFork() throws Exception {
        for (int level : new int[] {Connection.TRANSACTION_REPEATABLE_READ, SNAPSHOT}) {
            assertFalse(forkSeen(level), "level " + level);
        }
    }

    private static boolean forkSeen(int level) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService clients = Executors.newFixedThreadPool(4);
        List<int[]> seen = new ArrayList<>();
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int id = 1; id <= 2; id++) {
                String change = "UPDATE t SET v = v + 1 WHERE id = " + id;
                writers.add(clients.submit(() -> {
                    while (!over.get()) {
                        run(change);
                    }
                    return null;
                }));
            }
            List<Future<List<int[]>>> readers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                boolean upwards = i == 0;
                readers.add(clients.submit(() -> readPairs(level, upwards)));
            }
            for (Future<List<int[]>> reader : readers) {
                seen.addAll(reader.get(120, TimeUnit.SECONDS));
            }
            over.set(true);
            for (Future<?> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
        } finally {
            over.set(true);
            clients.shutdown();
        }
        // Both rows only grow, so any two states are ordered, unless somebody saw them grow in different orders.
        return seen.stream().anyMatch(one -> seen.stream().anyMatch(two -> one[0] < two[0] && one[1] > two[1]));
    }

    private static List<int[]> readPairs(int level, boolean upwards) throws SQLException {
        List<int[]> pairs = new ArrayList<>();
        try (Connection connection = open(level)) {
            for (int i = 0; i < 100; i++) {
                int first = value(connection, upwards ? 1 : 2);
                int second = value(connection, upwards ? 2 : 1);
                pairs.add(upwards ? new int[] {first, second} : new int[] {second, first});
                connection.commit();
            }
        }
        return pairs;
    }

    /** As in the bank, but the total is added up by twelve statements. */
    @Test
    void everyTotalOfManyStatementsIsRightWhileMoneyMoves() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService clients = Executors.newFixedThreadPool(3);
        List<Future<?>> running = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                Random random = new Random(i);
                running.add(clients.submit(() -> {
                    while (!over.get()) {
                        int from = random.nextInt(ROWS - 1);
                        run(
                                "UPDATE t SET v = v - 1 WHERE id = " + from,
                                "UPDATE t SET v = v + 1 WHERE id = " + (from + 1));
                    }
                    return null;
                }));
            }
            try (Connection connection = open(Connection.TRANSACTION_REPEATABLE_READ)) {
                connection.setReadOnly(true);
                for (int i = 0; i < 60; i++) {
                    int sum = 0;
                    for (int id = 0; id < ROWS; id++) {
                        sum += value(connection, id);
                    }
                    assertEquals(ROWS * VALUE, sum);
                    connection.commit();
                }
            }
        } finally {
            over.set(true);
            clients.shutdown();
        }
        for (Future<?> client : running) {
            client.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatIsNotSupportedSaysSo() throws SQLException {
        try (Connection connection = open(Connection.TRANSACTION_REPEATABLE_READ)) {
            SQLException locks = assertThrows(
                    SQLException.class, () -> number(connection, "SELECT v FROM t WHERE id = 1 FOR UPDATE"));
            assertEquals("0A000", locks.getSQLState());
            SQLException changes =
                    assertThrows(SQLException.class, () -> change(connection, "UPDATE t SET v = 1 WHERE id = 1"));
            assertEquals("0A000", changes.getSQLState());
            assertEquals(VALUE, value(connection, 1));
            connection.rollback();
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setReadOnly(false);
            assertThrows(
                    SQLException.class,
                    () -> connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ));
            change(connection, "UPDATE t SET v = v + 1 WHERE id = 1");
            connection.commit();
        }
        assertFalse(supports(Connection.TRANSACTION_REPEATABLE_READ));
        assertTrue(supports(Connection.TRANSACTION_READ_COMMITTED));
    }

    private static boolean supports(int level) throws SQLException {
        try (Connection connection = open(Connection.TRANSACTION_READ_COMMITTED)) {
            return connection.getMetaData().supportsTransactionIsolationLevel(level);
        }
    }
}
