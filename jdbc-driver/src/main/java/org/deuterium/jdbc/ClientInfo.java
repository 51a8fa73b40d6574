package org.deuterium.jdbc;

import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Properties;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;

/**
 * What an application tells of itself: its name; and how far its session has come, which it may carry to another
 * connection.
 */
final class ClientInfo {

    private static final String APPLICATION_NAME = "ApplicationName";

    /** Asked for by name only, for it is asked of the cluster. */
    static final String SESSION_TOKEN = "session.token";

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
        String wanted = value == null ? "" : value;
        if (SESSION_TOKEN.equals(name)) {
            change("sessionToken", wanted);
        } else if (APPLICATION_NAME.equals(name)) {
            if (!wanted.equals(applicationName)) {
                change("applicationName", wanted);
                applicationName = wanted;
            }
        } else if (value != null) {
            throw SqlExceptions.clientInfo(
                    String.valueOf(name),
                    "client info \"" + name + "\" is not supported; " + APPLICATION_NAME + " and " + SESSION_TOKEN
                            + " are");
        }
    }

    private void change(String property, String value) throws SQLClientInfoException {
        try {
            session.change(property, value);
        } catch (SQLException e) {
            throw SqlExceptions.clientInfo(e);
        }
    }

    /** As DatabaseMetaData.getClientInfoProperties tells it; VALUE is H2's own addition. */
    RowBatchResultSet described() {
        List<ColumnDescription> columns = List.of(
                ValueArray.column("NAME", ValueType.VARCHAR, "CHARACTER VARYING", Types.VARCHAR, "java.lang.String"),
                ValueArray.column("MAX_LEN", ValueType.INTEGER, "INTEGER", Types.INTEGER, "java.lang.Integer"),
                ValueArray.column(
                        "DEFAULT_VALUE", ValueType.VARCHAR, "CHARACTER VARYING", Types.VARCHAR, "java.lang.String"),
                ValueArray.column(
                        "DESCRIPTION", ValueType.VARCHAR, "CHARACTER VARYING", Types.VARCHAR, "java.lang.String"),
                ValueArray.column("VALUE", ValueType.VARCHAR, "CHARACTER VARYING", Types.VARCHAR, "java.lang.String"));
        WireWriter rows = new WireWriter();
        write(APPLICATION_NAME, ConnectionProperty.APPLICATION_NAME, applicationName, rows);
        write(SESSION_TOKEN, ConnectionProperty.SESSION_TOKEN, "", rows);
        return RowBatchResultSet.ofLocalRows(new RowsPage(columns, 2, rows.toByteArray(), RowsPage.NO_MORE));
    }

    private static void write(String name, ConnectionProperty property, String value, WireWriter rows) {
        WireValues.write(SqlValue.text(name), rows);
        WireValues.write(SqlValue.integer(Integer.MAX_VALUE), rows);
        WireValues.write(SqlValue.text(""), rows);
        WireValues.write(SqlValue.text(property.description()), rows);
        WireValues.write(SqlValue.text(value), rows);
    }

    Properties all() {
        Properties info = new Properties();
        if (!applicationName.isEmpty()) {
            info.setProperty(APPLICATION_NAME, applicationName);
        }
        return info;
    }
}
