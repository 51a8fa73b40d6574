package org.deuterium.router.execute;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.deuterium.router.catalog.H2Failures;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.values.StatementTime;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An empty H2 in the router's memory that computes answers from rows given as arrays, so that what is computed here is
 * computed as a partition would. It runs as a user without rights: nothing it is asked can touch files or classes.
 */
public final class ScratchDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScratchDatabase.class);
    private static final String USER = "ROUTER";

    /** Nothing of a result is kept after its statement; only the first connection may say so. */
    private static final String KEEP_NOTHING = ";QUERY_CACHE_SIZE=0;OPTIMIZE_REUSE_RESULTS=0";

    private final String url = "jdbc:h2:mem:scratch-" + UUID.randomUUID();
    private final Connection owner;
    private final ConcurrentLinkedDeque<JdbcConnection> idle = new ConcurrentLinkedDeque<>();

    public ScratchDatabase() throws SQLException {
        owner = DriverManager.getConnection(url + KEEP_NOTHING, "SA", "");
        try (Statement statement = owner.createStatement()) {
            statement.execute("CREATE USER " + USER + " PASSWORD ''");
        }
    }

    /**
     * Runs a query; its result is complete when this returns.
     *
     * @throws StatementRefusedException with H2's own failure
     */
    RowSource query(String sql, Value[] parameters, StatementTime time, long maxRows) {
        JdbcConnection connection = take();
        try {
            SessionLocal session = (SessionLocal) connection.getSession();
            time.setOn(session);
            CommandInterface command = session.prepareCommand(sql);
            try {
                ArrayList<? extends ParameterInterface> wanted = command.getParameters();
                for (int i = 0; i < wanted.size(); i++) {
                    wanted.get(i).setValue(parameters[i], true);
                }
                ResultInterface result = command.executeQuery(maxRows, 0, false);
                return new ResultRows(result);
            } finally {
                command.close();
            }
        } catch (DbException e) {
            throw H2Failures.refused(e);
        } finally {
            idle.push(connection);
        }
    }

    private JdbcConnection take() {
        JdbcConnection connection = idle.poll();
        if (connection != null) {
            return connection;
        }
        try {
            return DriverManager.getConnection(url, USER, "").unwrap(JdbcConnection.class);
        } catch (SQLException e) {
            throw H2Failures.refused(e);
        }
    }

    @Override
    public void close() {
        for (JdbcConnection connection = idle.poll(); connection != null; connection = idle.poll()) {
            close(connection);
        }
        close(owner);
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.warn("the router's scratch database did not close well", e);
        }
    }
}
