package org.deuterium.system;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.deuterium.jdbc.JdbcConformance;
import org.deuterium.server.embedded.EmbeddedCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The driver's suite of java.sql, which H2 passes, on a cluster of three nodes. */
class ClusterConformanceTest extends JdbcConformance {

    private static EmbeddedCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
    }

    @AfterAll
    static void stop() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Override
    protected Connection connect() throws SQLException {
        return DriverManager.getConnection(cluster.jdbcUrl());
    }
}
