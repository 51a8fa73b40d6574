package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.Set;
import org.deuterium.server.embedded.EmbeddedCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Each anomaly as an interleaving made by hand: it happens at the levels that allow it, and at no level that forbids it,
 * with both rows in one partition and with each in another.
 *
 * <p>Two rows X and Y begin as 0. Who is told to wait or to try again is rolled back, and the others go on.
 */
@Timeout(300)
class IsolationAnomaliesTest {

    private static final Set<TransactionLevel> NOWHERE = EnumSet.noneOf(TransactionLevel.class);
    private static final Set<TransactionLevel> READ_COMMITTED = EnumSet.of(TransactionLevel.READ_COMMITTED);
    private static final Set<TransactionLevel> NOT_SERIALIZABLE =
            EnumSet.of(TransactionLevel.READ_COMMITTED, TransactionLevel.REPEATABLE_READ, TransactionLevel.SNAPSHOT);

    /** Where the rows are: X in the first table, Y in the second. */
    private enum Span {
        ONE_PARTITION("HERE", "ALSO_HERE"),
        SEVERAL_PARTITIONS("HERE", "ELSEWHERE");

        private final String x;
        private final String y;

        Span(String x, String y) {
            this.x = x;
            this.y = y;
        }
    }

    /** Plays an interleaving; true if the anomaly was there. */
    private interface Interleaving {
        boolean happens(Span span, TransactionLevel level) throws SQLException;
    }

    /** A transaction that may be rolled back at any step. */
    private static final class Actor implements AutoCloseable {
        private final Connection connection;
        private boolean alive = true;

        Actor(TransactionLevel level) throws SQLException {
            connection = DriverManager.getConnection(cluster.jdbcUrl());
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET LOCK_TIMEOUT 150");
            }
            level.set(connection);
            connection.setAutoCommit(false);
        }

        /** What a row shows; -1 if this transaction has been rolled back. */
        int read(String table) throws SQLException {
            int[] value = {-1};
            step(statement -> {
                try (ResultSet row = statement.executeQuery("SELECT V FROM " + table + " WHERE ID = 1")) {
                    row.next();
                    value[0] = row.getInt(1);
                }
            });
            return value[0];
        }

        void write(String table, int value) throws SQLException {
            step(statement -> assertEquals(
                    1, statement.executeUpdate("UPDATE " + table + " SET V = " + value + " WHERE ID = 1")));
        }

        boolean commit() throws SQLException {
            step(statement -> connection.commit());
            return alive;
        }

        void rollback() throws SQLException {
            alive = false;
            connection.rollback();
        }

        private void step(Step step) throws SQLException {
            if (!alive) {
                return;
            }
            try (Statement statement = connection.createStatement()) {
                step.run(statement);
            } catch (SQLException e) {
                if (!"40001".equals(e.getSQLState()) && !"HYT00".equals(e.getSQLState())) {
                    throw e;
                }
                rollback();
            }
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.close();
        }
    }

    private interface Step {
        void run(Statement statement) throws SQLException;
    }

    private static EmbeddedCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE HERE (ID INT PRIMARY KEY, V INT)");
            statement.execute("CREATE TABLE ALSO_HERE (ID INT PRIMARY KEY, V INT)");
            statement.execute("CREATE TABLE ELSEWHERE (ID INT PRIMARY KEY, V INT) PARTITION BY HASH (ID) PARTITIONS 1");
            for (String table : new String[] {"HERE", "ALSO_HERE", "ELSEWHERE"}) {
                statement.execute("INSERT INTO " + table + " VALUES (1, 0)");
            }
        }
    }

    @AfterAll
    static void stopCluster() throws Exception {
        cluster.close();
    }

    @AfterEach
    void beginAgain() throws SQLException {
        set(0, "HERE", "ALSO_HERE", "ELSEWHERE");
    }

    private static void set(int value, String... tables) throws SQLException {
        try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl());
                Statement statement = connection.createStatement()) {
            for (String table : tables) {
                assertEquals(1, statement.executeUpdate("UPDATE " + table + " SET V = " + value));
            }
        }
    }

    private static int now(String table) throws SQLException {
        try (Actor reader = new Actor(TransactionLevel.READ_COMMITTED)) {
            return reader.read(table);
        }
    }

    /**
     * At every level that the cluster takes. Where the anomaly is allowed it has to happen once: who is told to try again
     * because the machine stood still does not show it.
     */
    private static void play(Set<TransactionLevel> where, Interleaving interleaving) throws SQLException {
        for (TransactionLevel level : TransactionLevel.values()) {
            if (level.isSupported(cluster.jdbcUrl())) {
                for (Span span : Span.values()) {
                    boolean allowed = where.contains(level);
                    boolean happens = false;
                    for (int tries = 0; tries < (allowed ? 5 : 1) && !happens; tries++) {
                        set(0, span.x, span.y);
                        happens = interleaving.happens(span, level);
                    }
                    assertEquals(allowed, happens, level + ", " + span);
                }
            }
        }
    }

    /** G0: of two transactions that write X and Y, one has the last word on X, and the other one on Y. */
    @Test
    void dirtyWrite() throws SQLException {
        play(NOWHERE, (span, level) -> {
            try (Actor first = new Actor(level);
                    Actor second = new Actor(level)) {
                first.write(span.x, 1);
                second.write(span.x, 2);
                second.write(span.y, 2);
                second.commit();
                first.write(span.y, 1);
                first.commit();
                return now(span.x) != now(span.y);
            }
        });
    }

    /** G1a: what is rolled back later is seen. */
    @Test
    void dirtyRead() throws SQLException {
        play(NOWHERE, (span, level) -> {
            try (Actor writer = new Actor(level);
                    Actor reader = new Actor(level)) {
                writer.write(span.x, 1);
                writer.write(span.y, 1);
                boolean seen = reader.read(span.x) == 1 || reader.read(span.y) == 1;
                writer.rollback();
                return seen;
            }
        });
    }

    /** G1b: what its own transaction overwrites later is seen. */
    @Test
    void intermediateRead() throws SQLException {
        play(NOWHERE, (span, level) -> {
            try (Actor writer = new Actor(level);
                    Actor reader = new Actor(level)) {
                writer.write(span.y, 1);
                boolean seen = reader.read(span.y) == 1;
                writer.write(span.y, 2);
                writer.commit();
                return seen;
            }
        });
    }

    /** G-single: one row is seen before, and the other after a transaction that changed both. */
    @Test
    void readSkew() throws SQLException {
        play(READ_COMMITTED, (span, level) -> {
            try (Actor reader = new Actor(level);
                    Actor writer = new Actor(level)) {
                int x = reader.read(span.x);
                writer.write(span.x, 1);
                writer.write(span.y, 1);
                writer.commit();
                int y = reader.read(span.y);
                return x == 0 && y == 1;
            }
        });
    }

    /** G-single of one row, P2 of Berenson et al.: it is read twice, and differs. */
    @Test
    void unrepeatableRead() throws SQLException {
        play(READ_COMMITTED, (span, level) -> {
            try (Actor reader = new Actor(level);
                    Actor writer = new Actor(level)) {
                int before = reader.read(span.y);
                writer.write(span.y, 1);
                writer.commit();
                return reader.read(span.y) != before;
            }
        });
    }

    /** P4: both read 0 and write one more. */
    @Test
    void lostUpdate() throws SQLException {
        play(READ_COMMITTED, (span, level) -> {
            try (Actor first = new Actor(level);
                    Actor second = new Actor(level)) {
                int seen = first.read(span.y);
                int alsoSeen = second.read(span.y);
                first.read(span.x);
                second.read(span.x);
                first.write(span.y, seen + 1);
                boolean done = first.commit();
                second.write(span.y, alsoSeen + 1);
                return second.commit() && done && now(span.y) == 1;
            }
        });
    }

    /** G-nonadjacent: two readers see two writes in different order. */
    @Test
    void longFork() throws SQLException {
        play(READ_COMMITTED, (span, level) -> {
            try (Actor first = new Actor(level);
                    Actor second = new Actor(level);
                    Actor writerOfX = new Actor(level);
                    Actor writerOfY = new Actor(level)) {
                int firstY = first.read(span.y);
                int secondX = second.read(span.x);
                writerOfX.write(span.x, 1);
                writerOfX.commit();
                writerOfY.write(span.y, 1);
                writerOfY.commit();
                return firstY == 0 && first.read(span.x) == 1 && secondX == 0 && second.read(span.y) == 1;
            }
        });
    }

    /** G-single with real time: the later of two writes is seen, and the one that was complete before it is not. */
    @Test
    void causalReverse() throws SQLException {
        play(READ_COMMITTED, (span, level) -> {
            try (Actor reader = new Actor(level);
                    Actor cause = new Actor(level);
                    Actor effect = new Actor(level)) {
                int x = reader.read(span.x);
                cause.write(span.x, 1);
                boolean complete = cause.commit();
                effect.write(span.y, 1);
                effect.commit();
                return complete && x == 0 && reader.read(span.y) == 1;
            }
        });
    }

    /** G2-item: each reads what the other writes, and neither sees it. */
    @Test
    void writeSkew() throws SQLException {
        play(NOT_SERIALIZABLE, (span, level) -> {
            try (Actor first = new Actor(level);
                    Actor second = new Actor(level)) {
                int x = first.read(span.x);
                int y = second.read(span.y);
                first.write(span.y, 1);
                second.write(span.x, 1);
                boolean done = first.commit();
                return second.commit() && done && x == 0 && y == 0;
            }
        });
    }

    /** Without conflict all of them commit at every level: no level is kept by refusing everything. */
    @Test
    void transactionsThatDoNotMeetAreNotRefused() throws SQLException {
        for (TransactionLevel level : TransactionLevel.values()) {
            if (level.isSupported(cluster.jdbcUrl())) {
                try (Actor first = new Actor(level)) {
                    first.write("HERE", first.read("HERE") + 1);
                    first.write("ELSEWHERE", first.read("ELSEWHERE") + 1);
                    assertTrue(first.commit(), level::toString);
                }
                try (Actor second = new Actor(level)) {
                    second.write("ELSEWHERE", second.read("ELSEWHERE") + 1);
                    second.write("HERE", second.read("HERE") + 1);
                    assertTrue(second.commit(), level::toString);
                }
                assertEquals(2, now("HERE"));
                assertEquals(2, now("ELSEWHERE"));
                set(0, "HERE", "ELSEWHERE");
            }
        }
    }
}
