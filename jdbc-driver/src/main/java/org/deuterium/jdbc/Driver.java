package org.deuterium.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The driver of {@code jdbc:deuterium:} URLs; the service loader finds it, so nobody has to name it. */
public final class Driver implements java.sql.Driver {

    static final int MAJOR_VERSION = 0;
    static final int MINOR_VERSION = 1;
    static final String VERSION = MAJOR_VERSION + "." + MINOR_VERSION;

    static {
        try {
            DriverManager.registerDriver(new Driver());
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @Override
    public @Nullable Connection connect(@Nullable String url, @Nullable Properties properties) throws SQLException {
        if (url == null) {
            throw SqlExceptions.invalidValue("url", null);
        }
        if (!ClusterUrl.isOurs(url)) {
            return null;
        }
        Deadline by = Deadline.inMillis(TimeUnit.SECONDS.toMillis(DriverManager.getLoginTimeout()));
        return new ClusterConnection(ClusterUrl.parse(url, properties), by);
    }

    @Override
    public boolean acceptsURL(@Nullable String url) throws SQLException {
        if (url == null) {
            throw SqlExceptions.invalidValue("url", null);
        }
        return ClusterUrl.isOurs(url);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(@Nullable String url, @Nullable Properties properties)
            throws SQLException {
        Properties given = ClusterUrl.isOurs(url) && url != null
                ? ClusterUrl.parse(url, properties).properties()
                : properties == null ? new Properties() : properties;
        ConnectionProperty[] all = ConnectionProperty.values();
        DriverPropertyInfo[] infos = new DriverPropertyInfo[all.length];
        for (int i = 0; i < all.length; i++) {
            infos[i] = new DriverPropertyInfo(all[i].key(), all[i].textFrom(given));
            infos[i].description = all[i].description();
            infos[i].choices = all[i].choices();
        }
        return infos;
    }

    @Override
    public int getMajorVersion() {
        return MAJOR_VERSION;
    }

    @Override
    public int getMinorVersion() {
        return MINOR_VERSION;
    }

    /** False: whatever is not in H2, or not yet in Deuterium, is refused with 0A000. */
    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw (SQLFeatureNotSupportedException)
                SqlExceptions.notSupported("java.util.logging; this driver logs nothing, it throws");
    }
}
