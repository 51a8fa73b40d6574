package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** UPDATE of partition columns does what one H2 with all rows does, wherever the rows go. */
class MovingRowsTest extends BesideH2 {

    @BeforeEach
    void fill() throws SQLException {
        define(
                "CREATE TABLE T(K INT, ID INT, V DECIMAL(10, 2) DEFAULT 7, NOTE VARCHAR(9), TWICE INT GENERATED ALWAYS AS"
                        + " (K * 2), TOUCHED INT DEFAULT 0 ON UPDATE 1, PRIMARY KEY(K, ID))",
                " PARTITION BY HASH(K) PARTITIONS 4");
        define("CREATE TABLE BAG(K VARCHAR(20), V INT)", " PARTITION BY HASH(K) PARTITIONS 4");
        define("CREATE TABLE P(K INT PRIMARY KEY, V INT)", " PARTITION BY HASH(K) PARTITIONS 4");
        define(
                "CREATE TABLE C(K INT, N INT, PRIMARY KEY(K, N), FOREIGN KEY(K) REFERENCES P(K))",
                " PARTITION BY HASH(K) PARTITIONS 4");
        for (int i = 0; i < 30; i++) {
            both("INSERT INTO T(K, ID, NOTE) VALUES(" + i % 10 + ", " + i + ", 'n" + i % 4 + "')");
            both("INSERT INTO BAG VALUES('k" + i % 7 + "', " + i % 3 + ")");
            both("INSERT INTO P VALUES(" + i + ", " + i + ")");
            if (i < 10) {
                both("INSERT INTO C VALUES(" + i + ", 1)");
            }
        }
    }

    @Override
    void both(String sql, Object... values) throws SQLException {
        super.both(sql, values);
        same();
    }

    /** The same error, and nothing is changed. */
    private void bothRefuse(String sql) throws SQLException {
        try (Statement statement = oracle.createStatement()) {
            SQLException expected = assertThrows(SQLException.class, () -> statement.executeUpdate(sql), sql);
            assertEquals(expected.getSQLState(), client.refused(sql).sqlState(), sql);
        }
        same();
    }

    private void same() throws SQLException {
        for (String table : List.of("T", "BAG", "P", "C")) {
            try (Statement statement = oracle.createStatement()) {
                ResultSet columns = statement.executeQuery("SELECT * FROM " + table);
                StringBuilder order = new StringBuilder("1");
                for (int i = 2; i <= columns.getMetaData().getColumnCount(); i++) {
                    order.append(", ").append(i);
                }
                String sql = "SELECT * FROM " + table + " ORDER BY " + order;
                List<String> expected = expected(sql);
                assertEquals(expected, client.query(sql), table);
                // A row in a wrong partition is seen by all, but not found by its key.
                for (String key : expected.stream()
                        .map(row -> row.substring(0, row.indexOf('|')))
                        .distinct()
                        .toList()) {
                    String literal = table.equals("BAG") ? "'" + key + "'" : key;
                    String count = "SELECT COUNT(*) FROM " + table + " WHERE K = " + literal;
                    try (ResultSet counted = statement.executeQuery(count)) {
                        counted.next();
                        assertEquals(List.of(counted.getString(1)), client.query(count), table + " " + key);
                    }
                }
            }
        }
    }

    @Test
    void rowsGoWhereTheirNewKeyBelongs() throws SQLException {
        both("UPDATE T SET K = 100 WHERE K = 3");
        both("UPDATE T SET K = ?, NOTE = ? WHERE K = ? AND ID = ?", 101, "moved", 4, 4);
        both("UPDATE T SET K = K + 1");
        both("UPDATE T X SET X.K = 200 - X.K, V = V + ID, NOTE = UPPER(X.NOTE) WHERE X.ID > ? AND NOTE <> 'n1'", 10);
        both("UPDATE T SET K = ID, V = DEFAULT, TOUCHED = 5 WHERE K < 200");
        both("UPDATE T SET K = (SELECT MAX(X.ID) FROM T X WHERE X.K = T.K) WHERE ID > 5");
        both("UPDATE BAG SET K = K || V");
        both("UPDATE BAG SET K = 'one', V = V * 2 WHERE V = 1");
        both("UPDATE BAG SET K = NULL WHERE V = 0");
        both("UPDATE BAG SET K = 'none' WHERE K = 'nobody'");
        both("UPDATE P SET K = K + 1000 WHERE K >= 10");
        assertEquals(0, router.partitions.openBranches());
        assertEquals(0, router.partitions.openCursors());
    }

    /** What a mapper sends that names all columns. */
    @Test
    void keysThatDoNotChange() throws SQLException {
        both("UPDATE T SET K = K");
        both("UPDATE T SET K = K, NOTE = 'same' WHERE ID < 20");
        both("UPDATE T SET K = ?, NOTE = ? WHERE K = ? AND ID = ?", 5, "again", 5, 5);
        both("UPDATE T SET K = ?, ID = ?, NOTE = 'x' WHERE NOTE = ? AND ID = ?", "6", 6, "same", 6);
        both("UPDATE P SET K = K, V = V + 1");
        both("UPDATE P SET K = ?, V = 0 WHERE K = ?", 5, 5);
        both("UPDATE C SET K = K, N = 3 WHERE N = 1");
    }

    @Test
    void keysAreUniqueAndReferencesHold() throws SQLException {
        bothRefuse("UPDATE P SET K = 3 WHERE K = 12");
        bothRefuse("UPDATE P SET K = 50 WHERE K > 9");
        bothRefuse("UPDATE P SET K = K + 1000 WHERE K > 8");
        bothRefuse("UPDATE P SET K = NULL WHERE K = 20");
        bothRefuse("UPDATE C SET K = 500 WHERE K = 1");
        bothRefuse("UPDATE T SET K = 5, V = 1000000000000 WHERE K = 3");
        both("UPDATE C SET K = 25, N = 7 WHERE K = 1");
        both("UPDATE C SET K = 29 - K");
        both("UPDATE P SET K = 77 WHERE K = 2");
        client.autoCommit = false;
        assertEquals(1, client.update("UPDATE P SET K = 78 WHERE K = 77"));
        assertEquals("23505", client.refused("UPDATE P SET K = 78 WHERE K = 28").sqlState());
        assertEquals(List.of("1"), client.query("SELECT COUNT(*) FROM P WHERE K = 78"));
        client.update("ROLLBACK");
        client.autoCommit = true;
        same();
        assertEquals(0, router.partitions.openBranches());
    }

    @Test
    void batchesAndGeneratedKeys() throws SQLException {
        UpdateCounts counts = (UpdateCounts) client.ask(client.statement(
                "UPDATE T SET K = ? WHERE K = ?", TestClient.parameters(3, 31, 1, 2, 2, 33, 1), KeysWanted.NONE));
        assertEquals(3, counts.counts()[0]);
        assertEquals(3, counts.counts()[1]);
        assertEquals(0, counts.counts()[2]);
        try (Statement statement = oracle.createStatement()) {
            statement.execute("UPDATE T SET K = 31 WHERE K = 1");
            statement.execute("UPDATE T SET K = 2 WHERE K = 2");
        }
        same();
        UpdateCounts keyed = (UpdateCounts) client.ask(client.statement(
                "UPDATE P SET K = K + 500 WHERE K < 30 AND K > 25",
                TestClient.parameters(1),
                new KeysWanted(KeysWanted.Kind.NAMES, List.of("K"))));
        assertEquals(4, keyed.counts()[0]);
        List<String> keys = new ArrayList<>();
        TestClient.read(keyed.generatedKeys(), keys);
        assertEquals(List.of("526", "527", "528", "529"), keys.stream().sorted().toList());
    }

    @Test
    void whatCannotBeDoneSaysSo() throws SQLException {
        client.update(
                "CREATE TABLE D(K INT PRIMARY KEY REFERENCES P(K) ON DELETE CASCADE) PARTITION BY HASH(K) PARTITIONS 4");
        client.update("INSERT INTO D VALUES(20)");
        assertEquals(
                "0A000", client.refused("UPDATE P SET K = K + 100 WHERE K > 9").sqlState());
        assertEquals(30, client.update("UPDATE P SET K = K, V = 1"));
        Failure limited = client.refused("UPDATE T SET K = K + 1 LIMIT 3");
        assertEquals("0A000", limited.sqlState());
        assertTrue(limited.message().contains("LIMIT"), limited.message());
        assertEquals(
                "0A000", client.refused("UPDATE T SET K = DEFAULT WHERE K = 1").sqlState());
        assertEquals(List.of("1"), client.query("SELECT COUNT(*) FROM D"));
        assertEquals(0, router.partitions.openBranches());
    }

    @Test
    void randomUpdates() throws SQLException {
        for (int seed = 0; seed < 15; seed++) {
            Random random = new Random(seed);
            String set =
                    switch (random.nextInt(5)) {
                        case 0 -> "K = K + " + random.nextInt(9);
                        case 1 -> "K = ID + " + 40 * seed + ", NOTE = 's" + seed + "'";
                        case 2 -> "NOTE = NOTE || 1, K = MOD(ID, 5)";
                        case 3 -> "K = " + random.nextInt(10) + ", TOUCHED = 9";
                        default -> "ID = ID + 100, K = K, V = V + 1";
                    };
            String where =
                    switch (random.nextInt(4)) {
                        case 0 -> "K = " + random.nextInt(10);
                        case 1 -> "MOD(ID, 3) = " + random.nextInt(3);
                        case 2 -> "K IN (" + random.nextInt(10) + ", " + random.nextInt(10) + ")";
                        default -> "NOTE LIKE '%1%'";
                    };
            both("UPDATE T SET NOTE = 'n' || MOD(ID, 4) WHERE LENGTH(NOTE) > 6");
            both("UPDATE T SET " + set + " WHERE " + where);
        }
    }
}
