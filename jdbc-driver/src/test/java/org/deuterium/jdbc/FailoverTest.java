package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.deuterium.wire.client.AskTransaction;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.FetchRows;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.Ping;
import org.deuterium.wire.client.PrepareStatement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the driver does when a node or a link is lost; two nodes share one database here. */
class FailoverTest {

    private static int databases;

    private H2Server one;
    private H2Server two;

    @BeforeEach
    void start() throws IOException {
        String database = "failover_" + databases++;
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

    private static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static void makeTable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T (ID INT PRIMARY KEY, NAME VARCHAR(20))");
            statement.execute("INSERT INTO T SELECT X, 'n' FROM SYSTEM_RANGE(1, 50)");
        }
    }

    @Test
    void theNextHostIsTriedWhenTheFirstIsDownOrStarting() throws Exception {
        one.refuse(true);
        try (Connection connection = connect("")) {
            assertTrue(connection.isValid(60));
        }
        one.close();
        try (Connection connection = connect("")) {
            assertTrue(connection.isValid(60));
        }
        assertEquals(2, two.received(Hello.class));
    }

    @Test
    void nobodyThereIsOneClearError() throws Exception {
        one.close();
        two.close();
        SQLException failure = assertThrows(SQLNonTransientConnectionException.class, () -> connect(""));
        assertEquals("08006", failure.getSQLState());
        assertEquals(90067, failure.getErrorCode());
        assertTrue(failure.getMessage().contains(one.address()), failure.getMessage());
        assertTrue(failure.getMessage().contains(two.address()), failure.getMessage());
    }

    @Test
    void somethingElseOnThePortIsOneClearError() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread web = new Thread(() -> {
                try (var socket = other.accept()) {
                    socket.getInputStream().read();
                    socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes("US-ASCII"));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            web.start();
            SQLException failure = assertThrows(
                    SQLException.class,
                    () -> DriverManager.getConnection("jdbc:deuterium://localhost:" + other.getLocalPort() + "/test"));
            assertTrue(failure.getMessage().contains("is it a Deuterium node?"), failure.getMessage());
            web.join();
        }
    }

    @Test
    void theConnectionMovesOnceToTheLeaderOfTheHomePartition() throws Exception {
        one.sayHomeLeader(two.address());
        try (Connection connection = connect("")) {
            connection.createStatement().execute("VALUES 1");
            assertEquals(1, two.received(ExecuteStatement.class));
            assertEquals(0, one.received(ExecuteStatement.class));
        }
        try (Connection connection = connect("?preferLeader=false")) {
            connection.createStatement().execute("VALUES 1");
            assertEquals(1, one.received(ExecuteStatement.class));
        }
        two.close();
        try (Connection connection = connect("")) {
            connection.createStatement().execute("VALUES 1");
            assertEquals(2, one.received(ExecuteStatement.class), "the leader is gone, the first node serves");
        }
    }

    @Test
    void aReadIsAskedAgainElsewhere() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            PreparedStatement query = connection.prepareStatement("SELECT NAME FROM T WHERE ID = ?");
            query.setInt(1, 7);
            assertTrue(query.executeQuery().next());
            one.loseBefore(message -> message instanceof ExecuteStatement);
            assertTrue(query.executeQuery().next(), "prepared again at the other node");
            assertEquals(1, two.received(PrepareStatement.class));
            two.loseAfter(message -> message instanceof ExecuteStatement);
            assertEquals(50, count(connection));
        }
    }

    @Test
    void aWriteIsNeverSentTwice() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            PreparedStatement insert = connection.prepareStatement("INSERT INTO T VALUES (?, 'x')");
            insert.setInt(1, 100);
            one.loseAfter(message -> message instanceof ExecuteStatement);
            assertUnknown(insert::executeUpdate);
            assertEquals(51, count(connection), "it had been done");
            insert.setInt(1, 101);
            two.loseBefore(message -> message instanceof ExecuteStatement);
            assertUnknown(insert::executeUpdate);
            assertEquals(51, count(connection), "it had not been done");
            insert.executeUpdate();
            assertEquals(52, count(connection), "the connection is usable again");
        }
    }

    private static void assertUnknown(org.junit.jupiter.api.function.Executable write) {
        SQLException failure = assertThrows(SQLNonTransientConnectionException.class, write);
        assertEquals("08007", failure.getSQLState());
    }

    @Test
    void aTransactionIsRolledBackAndSaysSo() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            connection.setAutoCommit(false);
            Statement statement = connection.createStatement();
            statement.execute("INSERT INTO T VALUES (100, 'x')");
            one.loseAfter(message -> message instanceof ExecuteStatement);
            SQLException failure = assertThrows(
                    SQLTransactionRollbackException.class, () -> statement.execute("INSERT INTO T VALUES (101, 'x')"));
            assertEquals("40001", failure.getSQLState());
            statement.execute("INSERT INTO T VALUES (102, 'x')");
            connection.commit();
            assertEquals(51, count(connection));
        }
    }

    @Test
    void aCommitOnItsWayIsUnknownAndARollbackIsDone() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            connection.setAutoCommit(false);
            Statement statement = connection.createStatement();
            statement.execute("INSERT INTO T VALUES (100, 'x')");
            one.loseAfter(message -> message instanceof EndTransaction);
            assertUnknown(connection::commit);
            assertEquals(51, count(connection));
            statement.execute("INSERT INTO T VALUES (101, 'x')");
            two.loseBefore(message -> message instanceof EndTransaction);
            connection.rollback();
            assertEquals(51, count(connection));
        }
    }

    /** Requests are counted anew on each link; asked for under a number of the first, a commit would be called undone. */
    @Test
    void aTransactionWhoseFirstReadWasAskedAgainElsewhereIsAskedForUnderItsNumberThere() throws Exception {
        List<AskTransaction> asked = new CopyOnWriteArrayList<>();
        try (Connection connection = connect("")) {
            makeTable(connection);
            connection.setAutoCommit(false);
            for (int requests = 0; requests < 50; requests++) {
                count(connection);
            }
            connection.commit();
            one.loseBefore(message -> message instanceof ExecuteStatement);
            count(connection);
            connection.createStatement().execute("INSERT INTO T VALUES (100, 'x')");
            two.loseAfter(message -> message instanceof EndTransaction);
            one.loseBefore(message -> message instanceof AskTransaction question && !asked.add(question));
            assertThrows(SQLException.class, connection::commit);
        }
        long request = (asked.get(0).from().sequence() >>> 8) & 0xffff_ffffL;
        assertTrue(request < 50, "request " + request);
    }

    /** The schema change committed what was before it: asked for under that number, a lost commit would be called done. */
    @Test
    void whatComesAfterASchemaChangeIsATransactionOfItsOwn() throws Exception {
        List<AskTransaction> asked = new CopyOnWriteArrayList<>();
        try (Connection connection = connect("")) {
            makeTable(connection);
            connection.setAutoCommit(false);
            Statement statement = connection.createStatement();
            statement.execute("INSERT INTO T VALUES (100, 'x')");
            statement.execute("CREATE TABLE U (ID INT)");
            statement.execute("INSERT INTO T VALUES (101, 'x')");
            ClusterSession session = connection.unwrap(ClusterConnection.class).session();
            int ofSecondInsert = session.ready().nextRequest() - 1;
            one.loseAfter(message -> message instanceof EndTransaction);
            two.loseBefore(message -> message instanceof AskTransaction question && !asked.add(question));
            assertThrows(SQLException.class, connection::commit);
            assertEquals(ofSecondInsert, (asked.get(0).from().sequence() >>> 8) & 0xffff_ffffL);
        }
    }

    @Test
    void aSchemaChangeInATransactionIsUnknown() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            connection.setAutoCommit(false);
            count(connection);
            one.loseAfter(message -> message instanceof ExecuteStatement);
            assertUnknown(() -> connection.createStatement().execute("CREATE TABLE U (ID INT)"));
        }
    }

    @Test
    void theRestOfAResultIsLostWithItsNode() throws Exception {
        try (Connection connection = connect("?fetchSize=10")) {
            makeTable(connection);
            ResultSet rows = connection.createStatement().executeQuery("SELECT * FROM T");
            for (int i = 0; i < 10; i++) {
                assertTrue(rows.next());
            }
            one.loseBefore(message -> message instanceof FetchRows);
            SQLException failure = assertThrows(SQLException.class, rows::next);
            assertEquals("08006", failure.getSQLState());
            assertEquals(50, count(connection));
            assertThrows(SQLException.class, rows::next);
        }
    }

    /** A leader's death takes the rest of a result along; that must not keep the transaction and its locks. */
    @Test
    void aResultThatIsLostStandsInTheWayOfNoRollback() throws Exception {
        try (Connection connection = connect("?fetchSize=10")) {
            makeTable(connection);
            connection.setAutoCommit(false);
            for (boolean commitFirst : new boolean[] {true, false}) {
                connection.createStatement().executeUpdate("INSERT INTO T VALUES (100, 'x')");
                ResultSet rows = connection.createStatement().executeQuery("SELECT * FROM T");
                assertTrue(rows.next());
                ClusterSession session =
                        connection.unwrap(ClusterConnection.class).session();
                for (long handle = 1; handle < 100; handle++) {
                    session.sayLater(new CloseHandle(true, handle), session.linkNumber());
                }
                if (commitFirst) {
                    assertThrows(SQLException.class, connection::commit);
                }
                connection.rollback();
                assertThrows(SQLException.class, () -> {
                    while (rows.next()) {}
                });
                assertEquals(50, count(connection));
            }
        }
    }

    @Test
    void whatTheSessionWasSetToIsSetAgain() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            connection.setSchema("INFORMATION_SCHEMA");
            connection.createStatement().execute("SET @SEEN = 42");
            one.loseBefore(message -> message instanceof ExecuteStatement);
            try (ResultSet rows = connection.createStatement().executeQuery("VALUES SCHEMA()")) {
                rows.next();
                assertEquals("INFORMATION_SCHEMA", rows.getString(1));
            }
            try (ResultSet rows = connection.createStatement().executeQuery("VALUES @SEEN")) {
                rows.next();
                assertEquals(42, rows.getInt(1));
            }
        }
    }

    /** However it was written, and in the order of what was said last. */
    @Test
    void aSettingWithTwoSpellingsIsTheOneSetLast() throws Exception {
        try (Connection connection = connect("")) {
            Statement statement = connection.createStatement();
            statement.execute("SET LOCK_TIMEOUT 11");
            statement.execute("SET @A 1");
            statement.execute("SET @LAST = COALESCE(@B, 0)");
            statement.execute("SET @B 2");
            statement.execute("SET @LAST = COALESCE(@B, 0)");
            statement.execute("SET @A_ 3");
            one.loseBefore(message -> message instanceof ExecuteStatement);
            try (ResultSet rows = statement.executeQuery("VALUES (@A, @LAST, @A_)")) {
                rows.next();
                assertEquals("1 2 3", rows.getInt(1) + " " + rows.getInt(2) + " " + rows.getInt(3));
            }
        }
        assertEquals("READPREFERENCE", SessionMemory.settingKey("READ_PREFERENCE"));
        assertEquals("READPREFERENCE", SessionMemory.settingKey("readPreference"));
        assertEquals("SESSIONTOKEN", SessionMemory.settingKey("SESSION TOKEN"));
    }

    /** In whatever way it was set last: a weaker level than that would show what it excludes. */
    @Test
    void theIsolationLevelSetLastIsSetAgain() throws Exception {
        try (Connection connection = connect("")) {
            Statement statement = connection.createStatement();
            statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED");
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            one.loseBefore(message -> message instanceof ExecuteStatement);
            assertEquals("SERIALIZABLE", level(connection));
        }
        try (Connection connection = connect("")) {
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection
                    .createStatement()
                    .execute("set session characteristics as transaction isolation level repeatable  read");
            assertEquals(Connection.TRANSACTION_REPEATABLE_READ, connection.getTransactionIsolation());
            assertEquals("REPEATABLE READ", level(connection));
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            assertEquals("SERIALIZABLE", level(connection));
        }
    }

    private static String level(Connection connection) throws SQLException {
        try (ResultSet rows = connection
                .createStatement()
                .executeQuery("SELECT ISOLATION_LEVEL FROM INFORMATION_SCHEMA.SESSIONS"
                        + " WHERE SESSION_ID = SESSION_ID()")) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void aNodeThatDiedWhileTheConnectionWasIdleCostsNothing() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            ClusterSession session = connection.unwrap(ClusterConnection.class).session();
            one.close();
            session.suspectLink();
            assertEquals(1, connection.createStatement().executeUpdate("INSERT INTO T VALUES (100, 'x')"));
            assertEquals(51, count(connection));
            assertEquals(0, two.received(Ping.class));
        }
    }

    @Test
    void aConnectionIsValidAgainAtAnotherNodeUnlessItWasInATransaction() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            one.close();
            assertTrue(connection.isValid(60));
            connection.setAutoCommit(false);
            count(connection);
            two.close();
            assertFalse(connection.isValid(60));
        }
    }

    /** A keep-alive thread asks as often as it likes; the message is for who works. */
    @Test
    void validityNeverTakesAwayThatTheTransactionIsLost() throws Exception {
        try (Connection connection = connect("")) {
            makeTable(connection);
            connection.setAutoCommit(false);
            Statement statement = connection.createStatement();
            statement.executeUpdate("UPDATE T SET NAME = 'a' WHERE ID = 1");
            one.close();
            connection.unwrap(ClusterConnection.class).session().suspectLink();
            assertFalse(connection.isValid(60));
            assertFalse(connection.isValid(60));
            String second = "UPDATE T SET NAME = 'b' WHERE ID = 2";
            assertThrows(SQLTransactionRollbackException.class, () -> statement.executeUpdate(second));
            assertTrue(connection.isValid(60), "it has been told");
            statement.executeUpdate(second);
            connection.commit();
        }
    }

    @Test
    void aResultThatIsClosedWhileItsRestIsKeptStandsInTheWayOfNoCommit() throws Exception {
        try (Connection connection = connect("?fetchSize=1")) {
            makeTable(connection);
            connection.setAutoCommit(false);
            connection.createStatement().executeUpdate("INSERT INTO T VALUES (100, 'x')");
            ResultSet rows = connection.createStatement().executeQuery("SELECT * FROM T");
            assertTrue(rows.next());
            one.silentTo(message -> message instanceof FetchRows);
            CompletableFuture<Boolean> committed = CompletableFuture.supplyAsync(() -> {
                try {
                    connection.commit();
                    return true;
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            while (one.received(FetchRows.class) == 0) {
                Thread.onSpinWait();
            }
            rows.close();
            one.silentTo(message -> false);
            assertTrue(committed.get());
            connection.rollback();
            assertEquals(51, count(connection));
        }
    }
}
