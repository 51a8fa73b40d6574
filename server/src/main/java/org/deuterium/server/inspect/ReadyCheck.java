package org.deuterium.server.inspect;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Asks a cluster, as any client could, whether it is ready to work. */
public final class ReadyCheck {

    private ReadyCheck() {}

    /** What is missing until every partition has a leader and SQL is answered; empty: nothing. */
    public static String missing(String jdbcUrl) {
        try (Connection connection = DriverManager.getConnection(jdbcUrl, "sa", "");
                Statement statement = connection.createStatement()) {
            int count = 0;
            try (ResultSet partitions = statement.executeQuery("SHOW PARTITIONS")) {
                while (partitions.next()) {
                    count++;
                    if (partitions.getString("LEADER") == null) {
                        return "partition " + partitions.getString("PARTITION_ID") + " has no leader";
                    }
                }
            }
            if (count == 0) {
                return "no partition has been formed";
            }
            // The home partition is led; now it has to answer as well.
            statement
                    .executeQuery("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES")
                    .close();
            return "";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
