package org.deuterium.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** The suite on H2 itself: shows that it asks for nothing that H2 does not do. */
class H2ConformanceTest extends JdbcConformance {

    @Override
    protected Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:h2:mem:conformance;DB_CLOSE_DELAY=-1", "SA", "");
    }
}
