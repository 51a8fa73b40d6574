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
        WireWriter row = new WireWriter();
        WireValues.write(SqlValue.text(APPLICATION_NAME), row);
        WireValues.write(SqlValue.integer(Integer.MAX_VALUE), row);
        WireValues.write(SqlValue.text(""), row);
        WireValues.write(SqlValue.text(ConnectionProperty.APPLICATION_NAME.description()), row);
        WireValues.write(SqlValue.text(applicationName), row);
        return RowBatchResultSet.ofLocalRows(new RowsPage(columns, 1, row.toByteArray(), RowsPage.NO_MORE));
    }

    Properties all() {
        Properties info = new Properties();
        if (!applicationName.isEmpty()) {
            info.setProperty(APPLICATION_NAME, applicationName);
        }
        return info;
    }
}
