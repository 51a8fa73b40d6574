package org.deuterium.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The database under test: a JDBC URL and who logs in.
 *
 * @param user null: what the URL says, else the product's usual one ("sa" where it is H2 or Deuterium)
 */
public record TargetDatabase(
        String url, @Nullable String user, @Nullable String password) {

    /** The products whose dialects differ where the benchmarks notice. */
    public enum Product {
        DEUTERIUM,
        H2,
        OTHER
    }

    public Product product() {
        if (url.startsWith("jdbc:deuterium:")) {
            return Product.DEUTERIUM;
        }
        return url.startsWith("jdbc:h2:") ? Product.H2 : Product.OTHER;
    }

    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        String name = user;
        if (name == null
                && product() != Product.OTHER
                && !url.toLowerCase(java.util.Locale.ROOT).contains("user=")) {
            name = "sa";
        }
        if (name != null) {
            properties.setProperty("user", name);
            properties.setProperty("password", password == null ? "" : password);
        }
        return DriverManager.getConnection(url, properties);
    }

    /** The clause that spreads a table over partitions by a column; empty where the product has none. */
    public String partitionedBy(String column) {
        return product() == Product.DEUTERIUM ? " PARTITION BY HASH (" + column + ")" : "";
    }

    /** The clause that puts a copy of a table into every partition; empty where the product has none. */
    public String replicated() {
        return product() == Product.DEUTERIUM ? " REPLICATED" : "";
    }
}
