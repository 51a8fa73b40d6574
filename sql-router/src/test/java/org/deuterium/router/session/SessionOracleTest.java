package org.deuterium.router.session;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.deuterium.wire.Message;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Queries over several partitions, from a socket and back, give what one H2 with all rows gives. */
class SessionOracleTest extends BesideH2 {

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

    @BeforeEach
    void fill() throws SQLException {
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

    /** Rows that match nothing are inserted beside the source's rows they are made of. */
    @Test
    void mergesWhatIsPartitionedAlike() throws SQLException {
        both(
                "MERGE INTO LINES L USING ORDERS O ON L.W = O.W AND L.ID = O.ID WHEN MATCHED AND QTY > 4 THEN UPDATE SET QTY = 0"
                        + " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (O.W, O.ID, O.ID + 1)");
        both("MERGE INTO LINES USING (SELECT W + 0 AS X, W AS K, ID FROM ORDERS WHERE KIND = 'b') S ON LINES.W = S.K"
                + " AND LINES.ID = 1000 + S.ID WHEN NOT MATCHED THEN INSERT (ID, W) VALUES (1000 + S.ID, S.K)");
        both("MERGE INTO ORDERS O USING LINES L ON O.W = L.W AND O.ID = L.ID WHEN NOT MATCHED AND L.QTY IS NULL"
                + " THEN INSERT (W, ID, KIND) VALUES (L.W, L.ID, 'm')");
        givesTheSameRows();
        for (String refused : List.of(
                "MERGE INTO LINES L USING (SELECT W + 1 AS W, ID FROM ORDERS) S ON L.W = S.W AND L.ID = S.ID"
                        + " WHEN NOT MATCHED THEN INSERT VALUES (S.W, S.ID, 1)",
                "MERGE INTO LINES L USING ORDERS O ON L.W = O.W AND L.ID = O.ID WHEN NOT MATCHED THEN INSERT VALUES"
                        + " (O.ID, O.W, 1)",
                "MERGE INTO LINES L USING (VALUES (1, 2), (3, 4)) S(A, B) ON L.ID = S.B WHEN NOT MATCHED THEN INSERT"
                        + " VALUES (S.A, S.B, 1)",
                "MERGE INTO LINES L USING (VALUES (1, 2), (3, 4)) S(A, B) ON L.W = S.A WHEN NOT MATCHED THEN INSERT"
                        + " VALUES (S.B, S.A, 1)",
                "MERGE INTO LINES L USING (VALUES (1, 2), (ABS(-7), 4)) S(A, B) ON L.W = S.A WHEN NOT MATCHED THEN"
                        + " INSERT VALUES (S.A, S.B, 1)")) {
            assertEquals("0A000", client.refused(refused).sqlState(), refused);
        }
        givesTheSameRows();
    }

    /** Rows of a list go to the partitions of their keys. */
    @Test
    void mergesAList() throws SQLException {
        both("MERGE INTO LINES L USING (VALUES (1, 0, 5), (2, 901, 6), (3, 902, 7), (4, 903, 8)) S(A, B, C)"
                + " ON L.W = S.A AND L.ID = S.B WHEN MATCHED THEN UPDATE SET QTY = S.C"
                + " WHEN NOT MATCHED THEN INSERT VALUES (S.A, S.B, S.C)");
        both("MERGE INTO LINES USING (VALUES (1, 901), (2, 901), (5, 903)) S(A, B) ON A = W AND ID = B"
                + " WHEN MATCHED AND B = 901 THEN DELETE WHEN NOT MATCHED THEN INSERT (ID, W) VALUES (B, A)");
        both("MERGE INTO ORDERS USING (VALUES (1), (2), (3)) S(A) ON W = A WHEN MATCHED AND KIND = 'c' THEN UPDATE SET"
                + " AMOUNT = AMOUNT + A WHEN MATCHED THEN DELETE");
        givesTheSameRows();
        String sql = "MERGE INTO ORDERS O USING (VALUES (19, 950), (20, 951), (21, 952)) S(A, B) ON O.W = S.A"
                + " AND O.ID = S.B WHEN MATCHED THEN UPDATE SET NOTE = ? WHEN NOT MATCHED THEN INSERT (W, ID, NOTE)"
                + " VALUES (S.A, S.B, ?)";
        String literals = sql.replaceFirst("[?]", "'old'").replace("?", "'new'");
        for (int time = 0; time < 2; time++) {
            try (Statement statement = oracle.createStatement()) {
                assertEquals(3, statement.executeUpdate(literals));
            }
            assertEquals(3, client.update(sql, "old", "new"));
            givesTheSameRows();
        }
        assertEquals(0, router.partitions.openBranches());
    }

    /** A batch whose sets concern one partition, several, or none, in its order, and atomic with its transaction. */
    @Test
    void batchesGoOverPartitions() throws SQLException {
        Object[] sets = {50, "a", 1, "b", 20, "c", 7, "nobody", 3, "a"};
        for (boolean autoCommit : new boolean[] {true, false}) {
            client.autoCommit = autoCommit;
            UpdateCounts done = (UpdateCounts) client.ask(client.statement(
                    "UPDATE ORDERS SET AMOUNT = AMOUNT + ? WHERE KIND = ?",
                    TestClient.parameters(5, sets),
                    KeysWanted.NONE));
            for (int set = 0; set < 5; set++) {
                try (Statement statement = oracle.createStatement()) {
                    assertEquals(
                            statement.executeUpdate("UPDATE ORDERS SET AMOUNT = AMOUNT + " + sets[2 * set]
                                    + " WHERE KIND = '" + sets[2 * set + 1] + "'"),
                            done.counts()[set]);
                }
            }
            givesTheSameRows();
        }
        client.update("COMMIT");
        UpdateCounts failing = (UpdateCounts) client.ask(client.statement(
                "INSERT INTO ORDERS(W, ID) VALUES(?, 900), (?, 901)",
                TestClient.parameters(3, 20, 21, 20, 30, 22, 23),
                KeysWanted.NONE));
        assertEquals(
                List.of(2L, -3L, 2L),
                java.util.Arrays.stream(failing.counts()).boxed().toList());
        assertEquals("23505", failing.failures().get(0).sqlState());
        client.update("ROLLBACK");
        client.autoCommit = true;
        givesTheSameRows();
        assertEquals(0, router.partitions.openBranches());
    }

    /** Clients give the n-th key to the n-th of their rows, whatever partition it went to. */
    @Test
    void generatedKeysComeInTheOrderOfTheRows() throws SQLException {
        client.update("CREATE TABLE KEYED(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, NAME VARCHAR(9))"
                + " PARTITION BY HASH(ID) PARTITIONS 4");
        String rows = IntStream.range(0, 20).mapToObj(i -> "('n" + i + "')").collect(joining(", "));
        String questions = String.join(", ", Collections.nCopies(20, "(?)"));
        Object[] names = IntStream.range(0, 20).mapToObj(i -> "n" + i).toArray();
        for (Message answer : List.of(
                client.ask(
                        client.statement("INSERT INTO KEYED(NAME) VALUES " + rows, ParameterRows.NONE, KeysWanted.ALL)),
                client.ask(client.statement(
                        "INSERT INTO KEYED(NAME) VALUES " + questions,
                        TestClient.parameters(1, names),
                        KeysWanted.ALL)))) {
            List<String> keys = new ArrayList<>();
            TestClient.read(Objects.requireNonNull(((UpdateCounts) answer).generatedKeys()), keys);
            assertEquals(20, keys.size());
            for (int i = 0; i < 20; i++) {
                assertEquals(
                        List.of("n" + i), client.query("SELECT NAME FROM KEYED WHERE ID = " + keys.get(i)), "key " + i);
            }
        }
        // A row that changes no row has no key, and one may change several.
        UpdateCounts merged = (UpdateCounts) client.ask(client.statement(
                "MERGE INTO ORDERS USING (VALUES (1), (2), (3), (99)) S(A) ON W = A WHEN MATCHED THEN UPDATE SET"
                        + " AMOUNT = AMOUNT + A",
                ParameterRows.NONE,
                new KeysWanted(KeysWanted.Kind.NAMES, List.of("ID"))));
        assertEquals(
                merged.counts()[0],
                Objects.requireNonNull(merged.generatedKeys()).rowCount());
    }

    /** Which rows a limit without an order leaves out is free, how many is not. */
    @Test
    void limitsCountOverAllPartitions() throws SQLException {
        List<String> count = client.query("SELECT COUNT(*) FROM ORDERS");
        assertEquals(List.of("150"), count);
        assertEquals(17, client.update("UPDATE ORDERS SET NOTE = 'limited' WHERE ID >= 0 LIMIT 17"));
        assertEquals(List.of("17"), client.query("SELECT COUNT(*) FROM ORDERS WHERE NOTE = 'limited'"));
        assertEquals(90, client.update("DELETE FROM ORDERS WHERE ID >= ? FETCH FIRST ? ROWS ONLY", 0, 90));
        assertEquals(60, client.update("DELETE FROM ORDERS FETCH FIRST 100 ROWS ONLY"));
        assertEquals(0, client.update("DELETE FROM ORDERS LIMIT 5"));
        assertEquals(List.of("0"), client.query("SELECT COUNT(*) FROM ORDERS"));
    }

    /** Rows that do not stay in the partition they come from. */
    @Test
    void insertsWhatAnyQueryGives() throws SQLException {
        define("CREATE TABLE PLAIN(ID INT PRIMARY KEY, W INT, TEXT VARCHAR(30))", "");
        define("CREATE TABLE OTHER(K INT PRIMARY KEY, V DECIMAL(12, 2))", " PARTITION BY HASH(K) PARTITIONS 2");
        both("INSERT INTO LINES SELECT W + 1, ID, 5 FROM ORDERS");
        both("INSERT INTO LINES(QTY, W, ID) SELECT QTY, ID, W FROM LINES");
        both("INSERT INTO LINES SELECT W, ID, 7 FROM ORDERS WHERE W IN (1, 2, 3)");
        both("INSERT INTO LINES SELECT 4, ID, 9 FROM ORDERS");
        both("INSERT INTO PLAIN(ID, TEXT) (SELECT ID, KIND || NOTE FROM ORDERS)");
        both(
                "INSERT INTO OTHER SELECT KIND_NO, SUM(AMOUNT) FROM (SELECT W, ID, ASCII(KIND) AS KIND_NO, AMOUNT FROM ORDERS)"
                        + " GROUP BY KIND_NO");
        both("INSERT INTO OTHER SELECT 1000 + ID, W FROM PLAIN WHERE ID < 20");
        both("INSERT INTO OTHER SELECT X, 1 FROM SYSTEM_RANGE(5000, 8000)");
        both("INSERT INTO PLAIN(ID) SELECT K FROM OTHER ORDER BY K DESC FETCH FIRST 2500 ROWS ONLY");
        assertEquals(
                expected("SELECT COUNT(*), SUM(ID) FROM PLAIN"), client.query("SELECT COUNT(*), SUM(ID) FROM PLAIN"));
        assertEquals(
                expected("SELECT COUNT(*), SUM(K), SUM(V) FROM OTHER"),
                client.query("SELECT COUNT(*), SUM(K), SUM(V) FROM OTHER"));
        givesTheSameRows();
        client.autoCommit = false;
        assertEquals(
                "23505",
                client.refused("INSERT INTO OTHER SELECT K + 1, V FROM OTHER").sqlState());
        both("INSERT INTO LINES SELECT W + 1, ID, 6 FROM ORDERS WHERE ID < ?".replace("?", "50"));
        client.update("COMMIT");
        client.autoCommit = true;
        assertEquals(
                expected("SELECT COUNT(*), SUM(K), SUM(V) FROM OTHER"),
                client.query("SELECT COUNT(*), SUM(K), SUM(V) FROM OTHER"));
        givesTheSameRows();
        assertEquals(0, router.partitions.openBranches());
        assertEquals(0, router.partitions.openCursors());
    }
}
