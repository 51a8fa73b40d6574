package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.deuterium.server.embedded.EmbeddedCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a client sends, it gets a clear answer, and after it the connection and the server are as good as before. */
@Timeout(300)
class BadInputTest {

    private static EmbeddedCluster cluster;
    private Connection connection;

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection owner = DriverManager.getConnection(cluster.jdbcUrl());
                Statement statement = owner.createStatement()) {
            statement.execute("CREATE TABLE T(K INT PRIMARY KEY, N INT NOT NULL, C VARCHAR(10),"
                    + " CONSTRAINT POSITIVE CHECK (N > 0)) PARTITION BY HASH (K) PARTITIONS 3");
            statement.execute("CREATE TABLE LONG_TEXT(K INT PRIMARY KEY, V VARCHAR(2000000))"
                    + " PARTITION BY HASH (K) PARTITIONS 3");
            statement.execute("INSERT INTO T VALUES(1, 1, 'one')");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(cluster.jdbcUrl(1));
    }

    @AfterEach
    void everythingIsUsable() throws SQLException {
        assertWorks(connection);
        connection.close();
        for (int node = 1; node <= 3; node++) {
            try (Connection fresh = DriverManager.getConnection(cluster.jdbcUrl(node))) {
                assertWorks(fresh);
            }
        }
    }

    private static void assertWorks(Connection usable) throws SQLException {
        try (Statement statement = usable.createStatement()) {
            assertEquals(1, statement.executeUpdate("UPDATE T SET C = 'uno' WHERE K = 1"));
            try (ResultSet rows = statement.executeQuery("SELECT C FROM T WHERE K = 1")) {
                assertTrue(rows.next());
                assertEquals("uno", rows.getString(1));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "42001 | SELEC K FROM T",
                "42001 | SELECT K FROM T WHERE",
                "42S02 | SELECT * FROM NOWHERE",
                "42S22 | SELECT NOTHING FROM T WHERE K = 1",
                "23505 | INSERT INTO T VALUES(1, 1, 'again')",
                "23502 | INSERT INTO T VALUES(2, NULL, 'x')",
                "23513 | INSERT INTO T VALUES(3, -1, 'x')",
                "22001 | INSERT INTO T VALUES(4, 1, 'far too long for this')",
                "22012 | SELECT 1 / 0",
                "22012 | UPDATE T SET N = N / 0 WHERE K = 1",
                "22018 | SELECT * FROM T WHERE K = 'one'",
                "21S02 | INSERT INTO T VALUES(5, 1)",
                "42S01 | CREATE TABLE T(X INT)",
            })
    void aStatementThatIsWrongIsAnsweredAsH2Would(String sqlState, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            SQLException refused = assertThrows(SQLException.class, () -> statement.execute(sql));
            assertEquals(sqlState, refused.getSQLState(), refused.getMessage());
        }
    }

    @Test
    void aSyntaxErrorShowsWhereItIs() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            SQLException refused =
                    assertThrows(SQLException.class, () -> statement.execute("SELECT K FROM T WHERE K = = 1"));
            assertTrue(refused.getMessage().contains("[*]"), refused.getMessage());
        }
    }

    @Test
    void aFailingStatementLeavesItsTransactionAsItWas() throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("UPDATE T SET N = 7 WHERE K = 1");
            assertThrows(SQLException.class, () -> statement.execute("UPDATE T SET N = -7 WHERE K = 1"));
            try (ResultSet row = statement.executeQuery("SELECT N FROM T WHERE K = 1")) {
                row.next();
                assertEquals(7, row.getInt(1));
            }
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    @Test
    void parametersThatDoNotFitTheStatement() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE T SET N = ? WHERE K = ?")) {
            statement.setInt(1, 5);
            SQLException missing = assertThrows(SQLException.class, statement::executeUpdate);
            assertEquals(90012, missing.getErrorCode(), missing.getMessage());
            SQLException tooMany = assertThrows(SQLException.class, () -> statement.setInt(3, 5));
            assertEquals(90008, tooMany.getErrorCode(), tooMany.getMessage());
            statement.setInt(2, 1);
            assertEquals(1, statement.executeUpdate());
        }
    }

    @Test
    void aTextOfAMegabyteComesBackAsItWas() throws SQLException {
        StringBuilder text = new StringBuilder();
        Random random = new Random(1);
        while (text.length() < 1 << 20) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        try (PreparedStatement insert = connection.prepareStatement("MERGE INTO LONG_TEXT KEY(K) VALUES(1, ?)");
                Statement query = connection.createStatement()) {
            insert.setString(1, text.toString());
            assertEquals(1, insert.executeUpdate());
            try (ResultSet row = query.executeQuery("SELECT V FROM LONG_TEXT WHERE K = 1")) {
                row.next();
                assertEquals(text.toString(), row.getString(1));
            }
            SQLException inText =
                    assertThrows(SQLException.class, () -> query.execute("INSERT INTO T VALUES(9, 1, '" + text + "')"));
            assertEquals("22001", inText.getSQLState());
        }
    }

    /** Sends bytes to a node's port; returns when the node has closed the connection. */
    private static void send(byte[] bytes) throws IOException {
        String[] address = cluster.jdbcUrl(1).split("//|/|:", -1);
        try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(address[address.length - 2]))) {
            socket.setSoTimeout(60_000);
            try {
                OutputStream out = socket.getOutputStream();
                out.write(bytes);
                out.flush();
                while (socket.getInputStream().read() >= 0) {
                    // it may say why before it closes
                }
            } catch (java.net.SocketException e) {
                assertTrue(String.valueOf(e.getMessage()).matches("(?i).*(reset|broken pipe|abort).*"), e.toString());
            }
        }
    }

    @Test
    void bytesThatAreNoMessage() throws IOException {
        send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] garbage = new byte[100_000];
        new Random(7).nextBytes(garbage);
        send(garbage);
        send(new byte[64]);
    }

    @Test
    void aFrameThatSaysItIsTooLarge() throws IOException {
        send(ByteBuffer.allocate(16).putInt(Integer.MAX_VALUE).array());
        send(ByteBuffer.allocate(16).putInt(65 << 20).array());
        send(ByteBuffer.allocate(16).putInt(-1).array());
    }

    @Test
    void aClientThatVanishesInTheMiddleOfATransactionLeavesNoLock() throws Exception {
        String[] address = cluster.jdbcUrl(1).split("//|/|:", -1);
        try (CutWire wire = new CutWire(Integer.parseInt(address[address.length - 2]));
                Connection vanishing = DriverManager.getConnection(
                        "jdbc:deuterium://127.0.0.1:" + wire.port() + "/db?preferLeader=false")) {
            vanishing.setAutoCommit(false);
            try (Statement statement = vanishing.createStatement()) {
                statement.execute("UPDATE T SET N = 99 WHERE K = 1");
                wire.cut();
                try (Statement other = connection.createStatement()) {
                    other.execute("SET LOCK_TIMEOUT 60000");
                    assertEquals(1, other.executeUpdate("UPDATE T SET N = N + 1 WHERE K = 1 AND N < 99"));
                }
                assertThrows(SQLException.class, () -> statement.execute("UPDATE T SET N = 98 WHERE K = 1"));
            }
        }
    }
}
