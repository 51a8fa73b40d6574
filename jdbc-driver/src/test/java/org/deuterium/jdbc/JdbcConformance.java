package org.deuterium.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The core of java.sql as H2 has it, written once: a subclass says where to connect, and everything must pass there or
 * be refused with 0A000 where {@link CheckedConnection#passOrRefuse} is used. The checks are in the interfaces, by subject.
 */
public abstract class JdbcConformance
        implements StatementChecks,
                PreparedStatementChecks,
                ResultSetChecks,
                TypeChecks,
                TransactionChecks,
                MetaDataChecks,
                FailureChecks {

    private Connection connection;

    /** A new connection, autocommit on, to a database where the suite may make tables named CONF_... */
    protected abstract Connection connect() throws SQLException;

    @Override
    public Connection another() throws SQLException {
        return connect();
    }

    @BeforeEach
    void open() throws SQLException {
        connection = connect();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Override
    public Connection connection() {
        return connection;
    }
}
