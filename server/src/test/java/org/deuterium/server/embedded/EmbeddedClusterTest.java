package org.deuterium.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.deuterium.server.inspect.ClusterInspector;
import org.deuterium.wire.PartitionId;
import org.junit.jupiter.api.Test;

/** A cluster in one JVM, from the JDBC URL to a lost leader. */
class EmbeddedClusterTest {

    private static final int ROWS = 100;

    @Test
    void statementsReachEveryPartitionAndSurviveTheLossOfALeader() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(3);
                ClusterInspector inspector = ClusterInspector.open(cluster.zooKeeper())) {
            try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl(), "sa", "");
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE plain (id INT PRIMARY KEY, name VARCHAR(20))");
                statement.execute(
                        "CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL)" + " PARTITION BY HASH (id)");
                assertEquals(1, statement.executeUpdate("INSERT INTO plain VALUES (1, 'one')"));
                insert(connection);
                assertEquals(ROWS * 10, sum(statement));
                assertEquals(1, statement.executeUpdate("UPDATE account SET balance = balance + 5 WHERE id = 7"));
                connection.setAutoCommit(false);
                assertEquals(1, statement.executeUpdate("UPDATE account SET balance = balance + 100 WHERE id = 8"));
                connection.rollback();
                connection.setAutoCommit(true);
                assertEquals(ROWS * 10 + 5, sum(statement));
            }
            loseAndBringBack(cluster, inspector);
            ClusterInspector.Comparison comparison = inspector.compareReplicas(120);
            assertEquals(List.of(), comparison.differences());
            assertEquals(9, comparison.partitions());
            assertEquals(27, comparison.replicas());
            assertEquals(2 * ROWS + 1, comparison.rows());
        }
    }

    private static void loseAndBringBack(EmbeddedCluster cluster, ClusterInspector inspector) throws Exception {
        String leader = inspector.leaderOf(PartitionId.HOME).name();
        int number = Integer.parseInt(leader.substring("node".length()));
        cluster.stopNode(number);
        try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl(), "sa", "");
                Statement statement = connection.createStatement()) {
            assertEquals(ROWS * 10 + 5, sum(statement));
            statement.executeUpdate("UPDATE plain SET name = 'two' WHERE id = 1");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO account VALUES (?, 0)")) {
                for (int id = ROWS; id < 2 * ROWS; id++) {
                    insert.setInt(1, id);
                    assertEquals(1, insert.executeUpdate());
                }
            }
        }
        cluster.startNode(number);
        cluster.awaitReady();
    }

    private static void insert(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO account VALUES (?, 10)")) {
            for (int id = 0; id < ROWS; id++) {
                insert.setInt(1, id);
                assertEquals(1, insert.executeUpdate());
            }
        }
    }

    private static int sum(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT SUM(balance) FROM account")) {
            assertTrue(row.next());
            return row.getInt(1);
        }
    }
}
