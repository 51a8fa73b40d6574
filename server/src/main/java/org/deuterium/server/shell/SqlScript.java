package org.deuterium.server.shell;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Runs the statements of a script one after the other and prints what each answers; the first failure ends it. */
public final class SqlScript {

    private final Connection connection;
    private final PrintStream out;

    public SqlScript(Connection connection, PrintStream out) {
        this.connection = connection;
        this.out = out;
    }

    public void run(String script) throws SQLException {
        for (String sql : StatementSplitter.split(script)) {
            runOne(sql);
        }
    }

    private void runOne(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    ResultTable.print(rows, out);
                }
            } else {
                int count = statement.getUpdateCount();
                out.println(count == 1 ? "1 row changed" : count + " rows changed");
            }
        }
    }
}
