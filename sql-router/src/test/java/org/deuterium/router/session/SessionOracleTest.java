package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Queries over several partitions, from a socket and back, give what one H2 with all rows gives. */
class SessionOracleTest {

    /** Without an order of its own, so compared as a bag. */
    private static final List<String> UNORDERED = List.of(
            "SELECT * FROM ORDERS",
            "SELECT W, SUM(AMOUNT) FROM ORDERS GROUP BY W",
            "SELECT KIND, COUNT(*), COUNT(NOTE), AVG(AMOUNT), MIN(NOTE), MAX(AMOUNT) FROM ORDERS GROUP BY KIND",
            "SELECT KIND, COUNT(*) FROM ORDERS GROUP BY KIND HAVING COUNT(*) > 20",
            "SELECT DISTINCT KIND FROM ORDERS",
            "SELECT COUNT(*), SUM(AMOUNT), AVG(AMOUNT), MIN(W), MAX(NOTE) FROM ORDERS",
            "SELECT COUNT(DISTINCT KIND) FROM ORDERS",
            "SELECT COUNT(*) FROM ORDERS WHERE W = 3",
            "SELECT COUNT(*), SUM(AMOUNT) FROM ORDERS WHERE W IN (1, 2, 9)",
            "SELECT COUNT(*), SUM(AMOUNT), MAX(NOTE) FROM ORDERS WHERE AMOUNT > 1000000",
            "SELECT O.W, O.ID, L.QTY FROM ORDERS O JOIN LINES L ON L.W = O.W AND L.ID = O.ID",
            "SELECT SUM(L.QTY * O.AMOUNT) FROM ORDERS O JOIN LINES L ON L.W = O.W AND L.ID = O.ID WHERE O.KIND = 'a'",
            "SELECT W, ID FROM ORDERS O WHERE EXISTS (SELECT 1 FROM LINES L WHERE L.W = O.W AND L.ID = O.ID)");

    private static final List<String> ORDERED = List.of(
            "SELECT W, ID, NOTE FROM ORDERS ORDER BY W, ID",
            "SELECT W, ID FROM ORDERS ORDER BY NOTE DESC, W, ID LIMIT 17",
            "SELECT NOTE FROM ORDERS ORDER BY NOTE NULLS LAST, AMOUNT, W, ID OFFSET 20 ROWS FETCH NEXT 30 ROWS ONLY",
            "SELECT KIND, SUM(AMOUNT) S FROM ORDERS GROUP BY KIND ORDER BY S DESC LIMIT 3",
            "SELECT KIND, AVG(AMOUNT) + 1 FROM ORDERS GROUP BY KIND ORDER BY KIND DESC",
            "SELECT AMOUNT * 2 FROM ORDERS ORDER BY AMOUNT, W, ID");

    private RouterHarness router;
    private TestClient client;
    private Connection oracle;

    @BeforeEach
    void fill() throws SQLException, IOException {
        router = new RouterHarness();
        client = router.client();
        oracle = DriverManager.getConnection("jdbc:h2:mem:");
        define(
                "CREATE TABLE ORDERS(W INT, ID INT, KIND CHAR(1), AMOUNT DECIMAL(10, 2), NOTE VARCHAR(20),"
                        + " PRIMARY KEY(W, ID))",
                " PARTITION BY HASH(W) PARTITIONS 4");
        define("CREATE TABLE LINES(W INT, ID INT, QTY INT)", " PARTITION BY HASH(W) PARTITIONS 4");
        Random random = new Random(7);
        for (int i = 0; i < 150; i++) {
            int w = random.nextInt(12);
            String note = random.nextInt(5) == 0 ? "NULL" : "'n" + random.nextInt(50) + "'";
            both("INSERT INTO ORDERS VALUES(" + w + ", " + i + ", '" + (char) ('a' + random.nextInt(5)) + "', "
                    + random.nextInt(100_000) / 100.0 + ", " + note + ")");
            if (i % 3 == 0) {
                both("INSERT INTO LINES VALUES(" + w + ", " + i + ", " + random.nextInt(9) + ")");
            }
        }
    }

    @AfterEach
    void close() throws SQLException {
        oracle.close();
        client.close();
        router.close();
    }

    private void define(String sql, String clause) throws SQLException {
        client.update(sql + clause);
        try (Statement statement = oracle.createStatement()) {
            statement.execute(sql);
        }
    }

    private void both(String sql) throws SQLException {
        try (Statement statement = oracle.createStatement()) {
            assertEquals(statement.executeUpdate(sql), client.update(sql), sql);
        }
    }

    private List<String> expected(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = oracle.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int width = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= width; i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join("|", row));
            }
        }
        return rows;
    }

    @Test
    void givesTheSameRows() throws SQLException {
        for (String sql : UNORDERED) {
            List<String> rows = client.query(sql);
            Collections.sort(rows);
            List<String> same = expected(sql);
            Collections.sort(same);
            assertEquals(same, rows, sql);
        }
    }

    @Test
    void givesTheSameRowsInTheSameOrder() throws SQLException {
        for (String sql : ORDERED) {
            assertEquals(expected(sql), client.query(sql), sql);
        }
        assertEquals(0, router.partitions.openCursors());
    }

    @Test
    void changesTheSameRows() throws SQLException {
        both("UPDATE ORDERS SET AMOUNT = AMOUNT + 1 WHERE W = 4");
        both("DELETE FROM ORDERS WHERE W = 5 AND KIND = 'a'");
        both("MERGE INTO LINES KEY(W, ID) VALUES(3, 1, 1)");
        both("INSERT INTO LINES SELECT W, ID, 1 FROM ORDERS WHERE W = 6");
        givesTheSameRows();
    }
}
