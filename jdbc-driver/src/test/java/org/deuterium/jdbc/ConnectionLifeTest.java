package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.client.CancelStatement;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.PrepareStatement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What this driver does beyond or unlike H2's: messages it saves, what it refuses, how it stops. */
class ConnectionLifeTest {

    private static final String ENDLESS =
            "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000) A, SYSTEM_RANGE(1, 1000000) B WHERE MOD(A.X * B.X, 7) = 8";

    private static H2Server server;

    @BeforeAll
    static void start() throws IOException {
        server = H2Server.start("connection_life");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(server.url());
    }

    @Test
    void preparingTheSameTextAgainSendsNothing() throws SQLException {
        try (Connection connection = connect()) {
            int before = server.received(PrepareStatement.class);
            for (int i = 0; i < 5; i++) {
                try (PreparedStatement query = connection.prepareStatement("SELECT 1 + ?")) {
                    query.setInt(1, i);
                    assertTrue(query.executeQuery().next());
                }
            }
            assertEquals(before + 1, server.received(PrepareStatement.class));
        }
    }

    @Test
    void aBatchIsOneMessageUnlessItIsHuge() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS B; CREATE TABLE B (ID INT, NAME VARCHAR(20000))");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO B VALUES (?, ?)")) {
                int before = server.received(ExecuteStatement.class);
                batch(insert, 500, "x");
                assertEquals(before + 1, server.received(ExecuteStatement.class));
                batch(insert, 1000, "y".repeat(10_000));
                assertEquals(before + 1 + 3, server.received(ExecuteStatement.class), "10 MB in messages of 4 MB");
            }
        }
    }

    private static void batch(PreparedStatement insert, int sets, String name) throws SQLException {
        for (int i = 0; i < sets; i++) {
            insert.setInt(1, i);
            insert.setString(2, name);
            insert.addBatch();
        }
        assertEquals(sets, insert.executeLargeBatch().length);
    }

    @Test
    void aMessageThatIsTooLargeIsRefusedAndTheConnectionLives() throws SQLException {
        try (Connection connection = connect();
                PreparedStatement query = connection.prepareStatement("SELECT LENGTH(?)")) {
            query.setBytes(1, new byte[65 << 20]);
            SQLException failure = assertThrows(SQLException.class, query::executeQuery);
            assertEquals("54000", failure.getSQLState());
            query.setString(1, "abc");
            ResultSet rows = query.executeQuery();
            assertTrue(rows.next());
            assertEquals(3, rows.getInt(1));
        }
    }

    @Test
    void commitSendsNothingWhenNothingHappened() throws SQLException {
        try (Connection connection = connect()) {
            int before = server.received(EndTransaction.class);
            connection.setAutoCommit(false);
            connection.commit();
            connection.rollback();
            assertEquals(before, server.received(EndTransaction.class));
            connection.createStatement().execute("VALUES 1");
            connection.commit();
            assertEquals(before + 1, server.received(EndTransaction.class));
        }
    }

    @Test
    void closedCursorsAreToldWithTheNextRequest() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.setFetchSize(2);
            int before = server.received(CloseHandle.class);
            ResultSet rows = statement.executeQuery("SELECT X FROM SYSTEM_RANGE(1, 100)");
            rows.next();
            rows.close();
            assertEquals(before, server.received(CloseHandle.class));
            statement.execute("VALUES 1");
            assertEquals(before + 1, server.received(CloseHandle.class));
        }
    }

    @Test
    void cancelStopsWhatAnotherThreadRuns() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            int before = server.received(ExecuteStatement.class);
            CompletableFuture<SQLException> failure = CompletableFuture.supplyAsync(
                    () -> assertThrows(SQLException.class, () -> statement.executeQuery(ENDLESS)));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!failure.isDone() && System.nanoTime() < end) {
                if (server.received(ExecuteStatement.class) > before) {
                    statement.cancel();
                }
                Thread.onSpinWait();
            }
            SQLException stopped = failure.get(60, TimeUnit.SECONDS);
            assertInstanceOf(SQLTimeoutException.class, stopped);
            assertEquals(57014, stopped.getErrorCode());
            assertTrue(statement.executeQuery("VALUES 1").next());
        }
    }

    @Test
    void cancelOfAStatementThatWaitsForItsConnectionStopsNoOther() throws Exception {
        try (Connection connection = connect();
                Statement first = connection.createStatement();
                Statement second = connection.createStatement()) {
            int before = server.received(ExecuteStatement.class);
            int canceled = server.received(CancelStatement.class);
            CompletableFuture<SQLException> runs = CompletableFuture.supplyAsync(
                    () -> assertThrows(SQLException.class, () -> first.executeQuery(ENDLESS)));
            while (server.received(ExecuteStatement.class) == before) {
                Thread.onSpinWait();
            }
            CompletableFuture<SQLException> waits = new CompletableFuture<>();
            Thread other = new Thread(
                    () -> waits.complete(assertThrows(SQLException.class, () -> second.executeQuery("VALUES 1"))));
            other.start();
            while (other.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
            second.cancel();
            assertEquals(canceled, server.received(CancelStatement.class));
            assertFalse(runs.isDone());
            while (!runs.isDone()) {
                first.cancel();
            }
            assertEquals(57014, runs.get().getErrorCode());
            SQLException never = waits.get(60, TimeUnit.SECONDS);
            assertEquals(57014, never.getErrorCode());
            assertTrue(never.getMessage().contains("before its connection was free"), never.getMessage());
            assertEquals(before + 1, server.received(ExecuteStatement.class));
            assertTrue(second.executeQuery("VALUES 1").next(), "the next one is not canceled");
        }
    }

    @Test
    void abortEndsTheConnectionEvenWhileItWaits() throws Exception {
        Connection connection = connect();
        Statement statement = connection.createStatement();
        int before = server.received(ExecuteStatement.class);
        CompletableFuture<SQLException> failure = CompletableFuture.supplyAsync(
                () -> assertThrows(SQLException.class, () -> statement.executeQuery(ENDLESS + " LIMIT 1")));
        while (server.received(ExecuteStatement.class) == before) {
            Thread.onSpinWait();
        }
        connection.abort(Runnable::run);
        assertEquals(90007, failure.get(60, TimeUnit.SECONDS).getErrorCode());
        assertTrue(connection.isClosed());
        connection.close();
        assertThrows(SQLException.class, connection::createStatement);
    }

    @Test
    void aNetworkTimeoutGivesTheConnectionUp() throws SQLException {
        try (Connection connection = connect()) {
            connection.setNetworkTimeout(Runnable::run, 200);
            assertEquals(200, connection.getNetworkTimeout());
            SQLException failure = assertThrows(
                    SQLException.class, () -> connection.createStatement().execute("CALL " + sleep()));
            assertEquals("08007", failure.getSQLState(), failure.toString());
            connection.setNetworkTimeout(Runnable::run, 0);
            assertTrue(connection.isValid(60));
        }
    }

    private static String sleep() {
        return "(" + ENDLESS + ")";
    }

    @Test
    void logInIsChecked() {
        SQLException failure = assertThrows(
                SQLInvalidAuthorizationSpecException.class,
                () -> DriverManager.getConnection(server.url(), "SA", "wrong"));
        assertEquals(28000, failure.getErrorCode());
    }

    @Test
    void closingGivesTheSessionBack() throws Exception {
        Connection connection = connect();
        int open = server.openSessions();
        connection.close();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (server.openSessions() >= open && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertTrue(server.openSessions() < open);
    }

    @Test
    void whatIsNotSupportedSaysSo() throws SQLException {
        try (Connection connection = connect()) {
            assertRefused(() -> connection.prepareCall("CALL 1"));
            assertRefused(() -> connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE));
            assertRefused(connection::setSavepoint);
            assertThrows(SQLClientInfoException.class, () -> connection.setClientInfo("Nope", "x"));
            connection.setClientInfo("ApplicationName", "me");
            assertEquals("me", connection.getClientInfo("ApplicationName"));
            try (ResultSet info = connection.getMetaData().getClientInfoProperties()) {
                assertTrue(info.next());
                assertEquals("ApplicationName", info.getString("NAME"));
            }
            assertThrows(SQLException.class, () -> connection.isValid(-1));
        }
    }

    private static void assertRefused(org.junit.jupiter.api.function.Executable what) {
        SQLException failure = assertThrows(SQLFeatureNotSupportedException.class, what);
        assertEquals("0A000", failure.getSQLState());
        assertNotNull(failure.getMessage());
    }

    @Test
    void aBatchThatFailsAsAWholeCountsEverySetAsFailed() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS B; CREATE TABLE B (ID INT)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO B VALUES (?)")) {
                for (int i = 0; i < 3; i++) {
                    insert.setInt(1, i);
                    insert.addBatch();
                }
                server.loseBefore(message -> message instanceof ExecuteStatement);
                BatchUpdateException failure = assertThrows(BatchUpdateException.class, insert::executeBatch);
                assertEquals(3, failure.getUpdateCounts().length);
                assertEquals(Statement.EXECUTE_FAILED, failure.getUpdateCounts()[2]);
                assertEquals("08007", failure.getSQLState());
            }
            assertFalse(connection.isClosed());
        }
    }
}
