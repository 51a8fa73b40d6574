package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.deuterium.jdbc.ClusterSession.AtStake;
import org.deuterium.jdbc.ClusterUrl.Host;
import org.deuterium.wire.Message;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.Ping;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes that take what is sent and say nothing, as a stopped process does: whatever the application calls comes back.
 * Two nodes share one database here.
 */
@Timeout(120)
class SilentNodeTest {

    private static final Predicate<Message> TO_ALL = message -> true;
    private static final Predicate<Message> TO_NONE = message -> false;
    private static final Predicate<Message> TO_STATEMENTS = message -> message instanceof ExecuteStatement;

    private static int databases;

    private H2Server one;
    private H2Server two;

    @BeforeEach
    void start() throws IOException {
        String database = "silent_" + databases++;
        one = H2Server.start(database);
        two = H2Server.start(database);
    }

    @AfterEach
    void stop() throws IOException {
        one.close();
        two.close();
    }

    private Connection connect(String more) throws SQLException {
        return DriverManager.getConnection("jdbc:deuterium://" + one.address() + "," + two.address() + "/test" + more);
    }

    /** Runs in another thread, and is at the server when this returns. */
    private CompletableFuture<SQLException> failing(Statement statement, String sql) {
        int before = one.received(ExecuteStatement.class);
        CompletableFuture<SQLException> failure =
                CompletableFuture.supplyAsync(() -> assertThrows(SQLException.class, () -> statement.execute(sql)));
        while (one.received(ExecuteStatement.class) == before) {
            Thread.onSpinWait();
        }
        return failure;
    }

    @Test
    void closeDoesNotWaitForWhatAnotherThreadRuns() throws Exception {
        for (String sql : new String[] {"VALUES 1", "CREATE TABLE T (ID INT)"}) {
            Connection connection = connect("");
            one.silentTo(TO_STATEMENTS);
            CompletableFuture<SQLException> failure = failing(connection.createStatement(), sql);
            connection.close();
            assertTrue(connection.isClosed());
            assertEquals(
                    sql.startsWith("VALUES") ? "90007" : "08007", failure.get().getSQLState(), "may have been done");
            one.silentTo(TO_NONE);
        }
        assertEquals(0, two.received(Hello.class), "it was asked nowhere else");
    }

    @Test
    void closeEndsATransactionAlsoWhereNobodyAnswers() throws Exception {
        Connection connection = connect("?heartbeat=50");
        connection.setAutoCommit(false);
        connection.createStatement().execute("VALUES 1");
        one.silentTo(TO_ALL);
        connection.close();
        assertTrue(connection.isClosed());
        assertThrows(SQLException.class, connection::createStatement);
    }

    @Test
    void whatRunsAtANodeThatIsGoneWithoutAWordGoesOnAtAnother() throws Exception {
        try (Connection connection = connect("?heartbeat=50");
                Statement statement = connection.createStatement()) {
            one.silentTo(TO_ALL);
            one.stopListening();
            ResultSet row = statement.executeQuery("VALUES 42");
            assertTrue(row.next());
            assertEquals(42, row.getInt(1));
            assertEquals(1, two.received(ExecuteStatement.class));
        }
    }

    /** Its port still takes connections, and its silence alone tells. */
    @Test
    void whatRunsAtAStoppedProcessGoesOnAtAnother() throws Exception {
        int soon = 100;
        SQLException slow = null;
        do {
            soon *= 2; // a slow machine needs longer to answer at all
            one.silentTo(TO_NONE);
            try (Connection connection = connect("?heartbeat=50&connectTimeout=" + soon);
                    Statement statement = connection.createStatement()) {
                one.silentTo(TO_ALL);
                assertTrue(statement.executeQuery("VALUES 42").next());
                slow = null;
            } catch (SQLException e) {
                slow = e;
            }
        } while (slow != null && soon < 30_000);
        assertNull(slow);
        assertTrue(two.received(ExecuteStatement.class) > 0);
    }

    @Test
    void aTransactionAtANodeThatIsGoneWithoutAWordIsRolledBack() throws Exception {
        try (Connection connection = connect("?heartbeat=50");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("VALUES 1");
            one.silentTo(TO_ALL);
            one.stopListening();
            assertThrows(SQLTransactionRollbackException.class, () -> statement.execute("VALUES 2"));
            statement.execute("VALUES 3");
        }
    }

    @Test
    void aNodeThatLivesMayTakeItsTime() throws Exception {
        try (Connection connection = connect("?heartbeat=20");
                Statement statement = connection.createStatement()) {
            one.silentTo(TO_STATEMENTS);
            CompletableFuture<Boolean> done = CompletableFuture.supplyAsync(() -> {
                try {
                    return statement.execute("VALUES 1");
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            while (one.received(Ping.class) < 3) {
                assertFalse(done.isDone());
                Thread.onSpinWait();
            }
            assertTrue(connection.isValid(60), "it is at work");
            one.silentTo(TO_NONE);
            assertTrue(done.get());
            assertEquals(0, two.received(Hello.class));
        }
    }

    @Test
    void aQueryTimeoutHoldsAlsoIfTheServerForgetsIt() throws Exception {
        try (Connection connection = connect("?heartbeat=20");
                Statement statement = connection.createStatement()) {
            one.silentTo(TO_STATEMENTS);
            statement.setQueryTimeout(1);
            SQLException late = assertThrows(SQLException.class, () -> statement.execute("VALUES 1"));
            assertInstanceOf(SQLTimeoutException.class, late);
            assertEquals("57014", late.getSQLState());
            assertEquals(0, two.received(ExecuteStatement.class), "its time is over, so it is not asked elsewhere");
            statement.setQueryTimeout(60);
            statement.execute("VALUES 1");
        }
    }

    @Test
    void aNetworkTimeoutCanBeSetForWhatRunsAlready() throws Exception {
        try (Connection connection = connect("?heartbeat=20")) {
            one.silentTo(TO_STATEMENTS);
            CompletableFuture<SQLException> failure = failing(connection.createStatement(), "DROP TABLE T");
            connection.setNetworkTimeout(Runnable::run, 1);
            assertEquals("08007", failure.get().getSQLState());
        }
    }

    @Test
    void validityIsToldInTime() throws Exception {
        try (Connection connection = connect("?connectTimeout=100000&heartbeat=0")) {
            one.silentTo(TO_ALL);
            two.silentTo(TO_ALL);
            ClusterSession session = connection.unwrap(ClusterConnection.class).session();
            session.suspectLink();
            assertFalse(session.isValid(50));
            CompletableFuture<SQLException> failure = CompletableFuture.supplyAsync(() -> assertThrows(
                    SQLException.class, () -> connection.createStatement().execute("VALUES 1")));
            int before = two.received(Hello.class);
            while (two.received(Hello.class) + one.received(Hello.class) <= before + 1 && !failure.isDone()) {
                Thread.onSpinWait();
            }
            assertFalse(session.isValid(50), "while another thread waits to be connected");
            connection.abort(Runnable::run);
            assertEquals("08006", failure.get().getSQLState());
        }
    }

    @Test
    void whatIsClosedWhileItConnectsStaysClosed() throws Exception {
        Connection connection = connect("?connectTimeout=100000");
        one.close();
        two.silentTo(TO_ALL);
        CompletableFuture<SQLException> failure = CompletableFuture.supplyAsync(() -> assertThrows(
                SQLException.class, () -> connection.createStatement().execute("VALUES 1")));
        while (two.received(Hello.class) == 0) {
            Thread.onSpinWait();
        }
        connection.close();
        assertTrue(
                failure.get().getSQLState().matches("08006|90007"),
                failure.get().toString());
        two.silentTo(TO_NONE);
        assertThrows(SQLException.class, connection::createStatement);
        assertEquals(0, two.received(ExecuteStatement.class));
    }

    @Test
    void theLogInTimeoutIsForAllHosts() throws Exception {
        one.silentTo(TO_ALL);
        two.silentTo(TO_ALL);
        int usual = DriverManager.getLoginTimeout();
        DriverManager.setLoginTimeout(1);
        try {
            SQLException failure = assertThrows(
                    SQLException.class, () -> connect("?connectTimeout=100000").close());
            assertEquals("08006", failure.getSQLState());
            assertTrue(failure.getMessage().contains("no time was left"), failure.getMessage());
        } finally {
            DriverManager.setLoginTimeout(usual);
        }
    }

    @Test
    void whatIsClosedLaterDoesNotWaitForAStatement() throws Exception {
        try (Connection connection = connect("?fetchSize=1");
                Statement other = connection.createStatement()) {
            ResultSet rows = other.executeQuery("SELECT X FROM SYSTEM_RANGE(1, 10)");
            assertTrue(rows.next());
            one.silentTo(TO_STATEMENTS);
            CompletableFuture<SQLException> failure = failing(connection.createStatement(), "VALUES 1");
            rows.close();
            other.close();
            assertFalse(failure.isDone());
            connection.close();
            assertEquals("90007", failure.get().getSQLState());
        }
    }

    /** What the server never promised to end in time, and what could be lost: only cancel() and the server end it. */
    @Test
    void aQueryTimeoutCutsOffNothingButPlainReads() throws Exception {
        ParameterRows twoSets = new ParameterRows(2, 0, new byte[0]);
        for (AtStake stake : AtStake.values()) {
            try (Connection connection = connect("?heartbeat=20")) {
                ClusterSession session =
                        connection.unwrap(ClusterConnection.class).session();
                one.silentTo(TO_STATEMENTS);
                int pings = one.received(Ping.class);
                ParameterRows parameters = stake == AtStake.NOTHING ? twoSets : ParameterRows.NONE;
                ExecuteStatement late =
                        new ExecuteStatement(0, "SET @A 1", parameters, true, 0, 0, 1, KeysWanted.NONE, true);
                CompletableFuture<Message> answer = CompletableFuture.supplyAsync(() -> {
                    try {
                        return session.call(late, stake);
                    } catch (SQLException | ClusterSession.LinkLost e) {
                        throw new AssertionError(e);
                    }
                });
                while (one.received(Ping.class) < pings + 3) {
                    assertFalse(answer.isCompletedExceptionally());
                    Thread.onSpinWait();
                }
                one.silentTo(TO_NONE);
                assertTrue(answer.get() instanceof Message);
            }
        }
    }

    /** The probe of a silent node may take as long as connectTimeout, but whoever has less time does not wait for it. */
    @Test
    void noSignOfLifeIsWaitedForLongerThanTheAnswer() throws Exception {
        try (Connection connection = connect("?connectTimeout=100000&heartbeat=20")) {
            one.silentTo(TO_ALL);
            ClusterSession session = connection.unwrap(ClusterConnection.class).session();
            long start = System.nanoTime();
            assertFalse(session.isValid(200));
            assertTrue(System.nanoTime() - start < 60_000_000_000L);
        }
    }

    @Test
    void aNetworkTimeoutSetMeanwhileCountsAlsoWithoutHeartbeat() throws Exception {
        try (Connection connection = connect("?heartbeat=0")) {
            one.silentTo(TO_STATEMENTS);
            CompletableFuture<SQLException> failure = failing(connection.createStatement(), "DROP TABLE T");
            connection.setNetworkTimeout(Runnable::run, 1);
            assertEquals("08007", failure.get(60, TimeUnit.SECONDS).getSQLState());
        }
    }

    /** A node that sends a byte now and then is as good as silent. */
    @Test
    void anAnswerThatTricklesIsNotWaitedForEither() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> trickling = CompletableFuture.runAsync(() -> {
                try (Socket socket = listening.accept()) {
                    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                    out.writeInt(32 << 20);
                    out.writeByte(1);
                    out.writeInt(1);
                    for (int sent = 0; sent < 32 << 20; sent++) {
                        out.writeByte(0);
                    }
                } catch (IOException e) {
                    // the driver has had enough of it
                }
            });
            Host host = Host.parse("localhost:" + listening.getLocalPort());
            try (NodeLink link = NodeLink.open(host, Deadline.NONE, new OpenSockets())) {
                assertThrows(NodeLink.Overdue.class, () -> link.exchange(new Ping(), Deadline.inMillis(50)));
            }
            trickling.get();
        }
    }
}
