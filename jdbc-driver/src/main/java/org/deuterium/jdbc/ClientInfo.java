package org.deuterium.jdbc;

import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** What an application tells of itself: its name, and nothing else. */
final class ClientInfo {

    private static final String APPLICATION_NAME = "ApplicationName";

    private final ClusterSession session;
    private String applicationName;

    ClientInfo(ClusterSession session, String applicationName) {
        this.session = session;
        this.applicationName = applicationName;
    }

    void set(@Nullable String name, @Nullable String value) throws SQLClientInfoException {
        if (session.isClosed()) {
            throw SqlExceptions.clientInfo(SqlExceptions.closed("connection"));
        }
        if (!APPLICATION_NAME.equals(name)) {
            if (value != null) {
                throw SqlExceptions.clientInfo(
                        String.valueOf(name),
                        "client info \"" + name + "\" is not supported; only " + APPLICATION_NAME + " is");
            }
            return;
        }
        String wanted = value == null ? "" : value;
        if (!wanted.equals(applicationName)) {
            try {
                session.change("applicationName", wanted);
            } catch (SQLException e) {
                throw SqlExceptions.clientInfo(e);
            }
            applicationName = wanted;
        }
    }

    Properties all() {
        Properties info = new Properties();
        if (!applicationName.isEmpty()) {
            info.setProperty(APPLICATION_NAME, applicationName);
        }
        return info;
    }
}
