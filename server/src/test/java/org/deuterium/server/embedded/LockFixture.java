package org.deuterium.server.embedded;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What tests of locks and transactions over several partitions share: clients, and keys of which they know the partition. */
final class LockFixture {

    /** A thread for each: what waits for a lock keeps nobody from beginning, however few processors there are. */
    static final Executor CLIENTS = task -> new Thread(task, "client").start();

    private LockFixture() {}

    /** True for what a client answers by doing its transaction again, or by looking what became of it (08007). */
    static boolean isTransient(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals("40001") || state.equals("HYT00") || state.startsWith("57P") || state.startsWith("08");
    }

    /** Does what may be done twice until no node is missing for it, as whoever runs a cluster would. */
    static void persist(Statement statement, String sql) throws Exception {
        await(sql, () -> {
            try {
                statement.execute(sql);
                return true;
            } catch (SQLException e) {
                if (!isTransient(e)) {
                    throw e;
                }
                return false;
            }
        });
    }

    /** Waits for locks as long as a machine may stand still; where a test is about giving up it says after how long. */
    static Connection open(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url + ";preferLeader=false;lockTimeout=30000", "sa", "");
        connection.setAutoCommit(false);
        return connection;
    }

    static int run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return statement.getUpdateCount();
            }
            int rows = 0;
            try (ResultSet result = statement.getResultSet()) {
                while (result.next()) {
                    rows++;
                }
            }
            return rows;
        }
    }

    /** Rows with the ids from 0 on, and a second column of 0. */
    static void fill(Connection connection, String table, int count) throws SQLException {
        StringBuilder rows = new StringBuilder("INSERT INTO " + table + " VALUES (0, 0)");
        for (int id = 1; id < count; id++) {
            rows.append(", (").append(id).append(", 0)");
        }
        run(connection, rows.toString());
    }

    static List<Map<String, String>> rows(Connection connection, String sql) throws SQLException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            ResultSetMetaData columns = result.getMetaData();
            while (result.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    row.put(columns.getColumnLabel(i), String.valueOf(result.getString(i)));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** The line of the transaction that this connection is in. */
    static Map<String, String> own(Connection connection) throws Exception {
        String sql = "SHOW  TRANSACTIONS"; // two blanks: no other client writes it like that
        Predicate<Map<String, String>> isOwn = row -> row.get("STATEMENT").equals(sql);
        return awaitRows("the own transaction", connection, sql, rows -> rows.stream()
                        .anyMatch(isOwn))
                .stream()
                .filter(isOwn)
                .findFirst()
                .orElseThrow();
    }

    /** One row's id for each partition of the table, by partition. */
    static Map<Integer, Integer> idsByPartition(Connection connection, String table, int ids) throws Exception {
        Map<Integer, Integer> found = new TreeMap<>();
        for (int id = 0; id < ids; id++) {
            run(connection, "SELECT * FROM " + table + " WHERE id = " + id + " FOR UPDATE");
            List<String> partitions = new ArrayList<>();
            await(
                    "the leader's answer",
                    () -> { // a node that is late says nothing of its branches
                        String told = own(connection).get("PARTITIONS");
                        return !told.isEmpty() && partitions.add(told.substring(0, told.indexOf(':')));
                    });
            connection.rollback();
            found.putIfAbsent(Integer.valueOf(partitions.get(0)), id);
        }
        return found;
    }

    /** What is asked again and again until it is true. */
    interface Condition {
        boolean holds() throws Exception;
    }

    /** The rows of the first answer that meets it; who asks again may get another one. */
    static List<Map<String, String>> awaitRows(
            String what, Connection connection, String sql, Predicate<List<Map<String, String>>> condition)
            throws Exception {
        List<List<Map<String, String>>> answers = new ArrayList<>();
        await(what, () -> {
            answers.clear();
            answers.add(rows(connection, sql));
            return condition.test(answers.get(0));
        });
        return answers.get(0);
    }

    static void await(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "not within 60 s: " + what);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
