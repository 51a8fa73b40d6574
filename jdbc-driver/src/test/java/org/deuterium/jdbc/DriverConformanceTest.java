package org.deuterium.jdbc;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The suite over this driver, to a node that is one H2. */
class DriverConformanceTest extends JdbcConformance {

    private static H2Server server;

    @BeforeAll
    static void start() throws IOException {
        server = H2Server.start("driver_conformance");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Override
    protected Connection connect() throws SQLException {
        return DriverManager.getConnection(server.url());
    }
}
