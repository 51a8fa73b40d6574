package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.Test;

/** REPLICATED tables beside partitioned and plain ones give what one H2 with all rows gives, and all copies are equal. */
class ReplicatedTablesTest extends BesideH2 {

    private static final List<String> QUERIES = List.of(
            "SELECT * FROM ITEM",
            "SELECT COUNT(*), SUM(PRICE) FROM ITEM",
            "SELECT O.W, O.ID, I.NAME FROM ORDERS O JOIN ITEM I ON I.ID = O.ITEM",
            "SELECT O.W, O.ID, I.NAME FROM ITEM I JOIN ORDERS O ON I.ID = O.ITEM WHERE O.W = 3",
            "SELECT COUNT(*), SUM(I.PRICE), AVG(O.QTY) FROM ORDERS O, ITEM I WHERE I.ID = O.ITEM",
            "SELECT I.KIND, COUNT(*), SUM(O.QTY * I.PRICE) FROM ORDERS O JOIN ITEM I ON I.ID = O.ITEM GROUP BY I.KIND",
            "SELECT DISTINCT I.KIND FROM ITEM I JOIN ORDERS O ON I.ID = O.ITEM",
            "SELECT O.W, O.ID, I.NAME FROM ORDERS O LEFT JOIN ITEM I ON I.ID = O.ITEM AND I.KIND = 'a'",
            "SELECT O.W, O.ID, I.NAME FROM ITEM I RIGHT JOIN ORDERS O ON I.ID = O.ITEM AND I.KIND = 'a'",
            "SELECT COUNT(*) FROM ORDERS O LEFT JOIN ITEM I ON I.ID = O.ITEM AND I.KIND = 'b' WHERE I.ID IS NULL",
            "SELECT W, ID FROM ORDERS WHERE ITEM IN (SELECT ID FROM ITEM WHERE PRICE > 5)",
            "SELECT W, ID FROM ORDERS WHERE ITEM NOT IN (SELECT ID FROM ITEM WHERE KIND = 'a' UNION SELECT 3)",
            "SELECT W, ID FROM ORDERS WHERE ITEM IN (VALUES (1), (2))",
            "SELECT W, ID FROM ORDERS O WHERE EXISTS (SELECT 1 FROM ITEM I WHERE I.ID = O.ITEM AND I.KIND = 'b')",
            "SELECT W, ID, (SELECT NAME FROM ITEM I WHERE I.ID = O.ITEM), (SELECT MAX(PRICE) FROM ITEM) FROM ORDERS O",
            "SELECT X.KIND, SUM(O.QTY) FROM ORDERS O JOIN (SELECT KIND, MIN(ID) AS FIRST FROM ITEM GROUP BY KIND) X"
                    + " ON X.FIRST = O.ITEM GROUP BY X.KIND",
            "SELECT W, COUNT(*) FROM ORDERS O JOIN CHEAP C ON C.ID = O.ITEM GROUP BY W",
            "SELECT COUNT(*) FROM CHEAP",
            "SELECT SUM(N) FROM PRICED",
            "SELECT O.W, L.N, I.NAME FROM ORDERS O JOIN LINES L ON L.W = O.W AND L.ID = O.ID JOIN ITEM I ON I.ID = O.ITEM",
            "SELECT O.ID FROM ORDERS O WHERE EXISTS (SELECT 1 FROM ITEM I WHERE I.ID = O.ITEM AND EXISTS"
                    + " (SELECT 1 FROM LINES L WHERE L.W = O.W AND L.ID = O.ID))",
            "SELECT P.ID, I.NAME FROM PLAIN P LEFT JOIN ITEM I ON I.ID = P.ITEM",
            "SELECT I.ID, COUNT(P.ID) FROM ITEM I LEFT JOIN PLAIN P ON I.ID = P.ITEM GROUP BY I.ID",
            "SELECT I.ID, O.W FROM ITEM I LEFT JOIN ORDERS O ON O.ITEM = I.ID AND O.W = 3",
            "SELECT COUNT(*) FROM ITEM I WHERE EXISTS (SELECT 1 FROM ORDERS O WHERE O.ITEM = I.ID AND O.W = 3)",
            "SELECT NAME, PRICE FROM ITEM ORDER BY PRICE DESC, ID FETCH FIRST 3 ROWS ONLY",
            "SELECT O.W, O.ID, I.NAME FROM ORDERS O JOIN ITEM I ON I.ID = O.ITEM ORDER BY I.NAME, O.W, O.ID LIMIT 9");

    /** Over several partitions these would give rows of ITEM once for each, so they say that they cannot. */
    private static final List<String> REFUSED = List.of(
            "SELECT I.ID, O.W FROM ITEM I LEFT JOIN ORDERS O ON O.ITEM = I.ID",
            "SELECT COUNT(*) FROM ORDERS O RIGHT JOIN ITEM I ON O.ITEM = I.ID",
            "SELECT COUNT(*) FROM ITEM I WHERE EXISTS (SELECT 1 FROM ORDERS O WHERE O.ITEM = I.ID)",
            "SELECT I.ID, (SELECT COUNT(*) FROM ORDERS O WHERE O.ITEM = I.ID) FROM ITEM I",
            "SELECT (SELECT COUNT(*) FROM ORDERS)",
            "SELECT COUNT(*) FROM (SELECT I.ID FROM ITEM I WHERE I.ID NOT IN (SELECT ITEM FROM ORDERS)) X, ORDERS O",
            "SELECT ID FROM ITEM UNION ALL SELECT ID FROM ORDERS",
            "SELECT * FROM ORDERS O JOIN ITEM I ON I.ID = O.ITEM WHERE O.W = 3 FOR UPDATE",
            "UPDATE ITEM SET PRICE = 0 WHERE ID IN (SELECT ITEM FROM ORDERS)",
            "UPDATE ITEM SET ID = ID + 1",
            "ALTER TABLE ITEM SET ACK ASYNC");

    private void fill() throws SQLException {
        define(
                "CREATE TABLE ITEM(ID INT PRIMARY KEY, NAME VARCHAR(20), KIND CHAR(1), PRICE DECIMAL(8, 2) DEFAULT 7,"
                        + " TWICE DECIMAL(9, 2) GENERATED ALWAYS AS (PRICE * 2))",
                " REPLICATED");
        for (int i = 0; i < 5; i++) {
            both("INSERT INTO ITEM(ID, NAME, KIND, PRICE) VALUES(" + i + ", 'early" + i + "', 'a', " + i + ")");
        }
        define("CREATE TABLE PLAIN(ID INT PRIMARY KEY, ITEM INT REFERENCES ITEM(ID))", "");
        define(
                "CREATE TABLE ORDERS(W INT, ID INT, ITEM INT REFERENCES ITEM(ID), QTY INT, PRIMARY KEY(W, ID))",
                " PARTITION BY HASH(W) PARTITIONS 4");
        define("CREATE TABLE LINES(W INT, ID INT, N INT)", " PARTITION BY HASH(W) PARTITIONS 4");
        define("CREATE VIEW CHEAP AS SELECT ID, NAME FROM ITEM WHERE PRICE < 10", "");
        define("CREATE VIEW PRICED AS SELECT O.W, O.QTY * I.PRICE AS N FROM ORDERS O JOIN ITEM I ON I.ID = O.ITEM", "");
        Random random = new Random(3);
        for (int i = 5; i < 20; i++) {
            both("INSERT INTO ITEM(ID, NAME, KIND, PRICE) VALUES(" + i + ", 'n" + i + "', '"
                    + (char) ('a' + random.nextInt(3)) + "', " + random.nextInt(2000) / 100.0 + ")");
        }
        for (int i = 0; i < 80; i++) {
            int w = random.nextInt(12);
            both("INSERT INTO ORDERS VALUES(" + w + ", " + i + ", " + random.nextInt(20) + ", " + random.nextInt(9)
                    + ")");
            if (i % 3 == 0) {
                both("INSERT INTO LINES VALUES(" + w + ", " + i + ", " + random.nextInt(5) + ")");
            }
            if (i % 7 == 0) {
                both("INSERT INTO PLAIN VALUES(" + i + ", " + random.nextInt(20) + ")");
            }
        }
    }

    private void checkQueries() throws SQLException {
        for (String sql : QUERIES) {
            List<String> rows = client.query(sql);
            List<String> same = expected(sql);
            if (!sql.contains("ORDER BY")) {
                Collections.sort(rows);
                Collections.sort(same);
            }
            assertEquals(same, rows, sql);
        }
    }

    /** Every partition's own H2 has what the oracle has. */
    private void checkCopies(String table) throws SQLException {
        List<String> same = expected("SELECT * FROM " + table + " ORDER BY 1");
        for (var state : router.board.partitions()) {
            assertEquals(
                    same,
                    router.partitions.readDirectly(state.partition(), "SELECT * FROM " + table + " ORDER BY 1"),
                    state.partition().toString());
        }
    }

    @Test
    void readsAreLocalAndCountedOnce() throws SQLException {
        fill();
        checkQueries();
        checkCopies("ITEM");
        for (String sql : REFUSED) {
            assertTrue(
                    client.execute(sql) instanceof Failure failure
                            && failure.sqlState().equals("0A000"),
                    sql);
        }
        checkCopies("ITEM");
    }

    @Test
    void changesReachEveryCopy() throws SQLException {
        fill();
        both("UPDATE ITEM SET PRICE = PRICE + 1, NAME = NAME || '!' WHERE KIND = 'a'");
        both("INSERT INTO ITEM(ID, NAME) VALUES(100, 'x'), (101, 'y')");
        both("INSERT INTO ITEM(ID, NAME) SELECT 1000 + ID, 'x' FROM ORDERS WHERE W = 3");
        both("DELETE FROM ITEM WHERE ID >= 1000");
        both("INSERT INTO ITEM(ID, NAME) SELECT 200 + ID, 'from plain' FROM PLAIN");
        both("MERGE INTO ITEM(ID, NAME, KIND) KEY(ID) VALUES(100, 'merged', 'c'), (102, 'new', 'c')");
        both(
                "MERGE INTO ITEM T USING (SELECT ID FROM PLAIN) S ON T.ID = S.ID"
                        + " WHEN MATCHED THEN UPDATE SET NAME = 'hit' WHEN NOT MATCHED THEN INSERT (ID, NAME) VALUES (S.ID, 'miss')");
        both("DELETE FROM ITEM WHERE ID >= 200 AND ID < 230 -- a comment behind");
        both("DELETE FROM ITEM WHERE ID = -1");
        both("UPDATE ITEM SET PRICE = 1 WHERE ID IN (SELECT ID FROM PLAIN) OR ID > 260");
        both(
                "UPDATE ORDERS O SET QTY = QTY + 100 WHERE EXISTS (SELECT 1 FROM ITEM I WHERE I.ID = O.ITEM AND KIND = 'b')");
        both("UPDATE ORDERS O SET QTY = (SELECT CAST(PRICE AS INT) FROM ITEM I WHERE I.ID = O.ITEM) WHERE W = 2");
        both("MERGE INTO ORDERS O USING ITEM I ON O.ITEM = I.ID WHEN MATCHED AND I.KIND = 'c' THEN UPDATE SET QTY = 0");
        both("DELETE FROM LINES WHERE N IN (SELECT ID FROM ITEM WHERE KIND = 'a')");
        checkCopies("ITEM");
        checkQueries();
    }

    /** Whatever is drawn or computed is so once, for all copies. */
    @Test
    void valuesAreDrawnOnce() throws SQLException {
        client.update("CREATE TABLE P(W INT PRIMARY KEY) PARTITION BY HASH(W) PARTITIONS 4");
        client.update("CREATE SEQUENCE S START WITH 50");
        client.update("CREATE TABLE R(ID INT GENERATED ALWAYS AS IDENTITY(START WITH 10) PRIMARY KEY, U UUID DEFAULT"
                + " RANDOM_UUID(), N INT DEFAULT NEXT VALUE FOR S, C TIMESTAMP(9) DEFAULT CURRENT_TIMESTAMP, V VARCHAR(9))"
                + " REPLICATED");
        assertEquals(2, client.update("INSERT INTO R(V) VALUES('a'), ('b')"));
        assertEquals(1, client.update("INSERT INTO R(V) VALUES(?)", "c"));
        client.update("UPDATE R SET U = RANDOM_UUID(), C = CURRENT_TIMESTAMP WHERE RAND() < 0.7");
        UpdateCounts keyed = (UpdateCounts) client.ask(
                client.statement("INSERT INTO R(V) VALUES(?)", TestClient.parameters(1, "d"), KeysWanted.ALL));
        RowsPage keys = keyed.generatedKeys();
        assertEquals(1, keys.rowCount());
        assertEquals(
                List.of("ID", "U", "N", "C"),
                keys.columns().stream().map(column -> column.label()).toList());
        UpdateCounts batch = (UpdateCounts) client.ask(client.statement(
                "INSERT INTO R(V) VALUES(?)", TestClient.parameters(3, "e", "f", "too long for V"), KeysWanted.NONE));
        assertEquals(
                List.of(1L, 1L, -3L),
                java.util.Arrays.stream(batch.counts()).boxed().toList());
        List<String> home = router.partitions.readDirectly(PartitionId.HOME, "SELECT * FROM R ORDER BY ID");
        assertEquals(6, home.size());
        for (var state : router.board.partitions()) {
            assertEquals(home, router.partitions.readDirectly(state.partition(), "SELECT * FROM R ORDER BY ID"));
        }
    }

    /** Partitions that are made later get the rows there are, those of referenced tables first. */
    @Test
    void newPartitionsGetTheRows() throws SQLException {
        define("CREATE TABLE KINDS(K CHAR(1) PRIMARY KEY)", " REPLICATED");
        define("CREATE TABLE ITEM(ID INT PRIMARY KEY, K CHAR(1) REFERENCES KINDS(K))", " REPLICATED");
        both("INSERT INTO KINDS VALUES('a'), ('b')");
        both("INSERT INTO ITEM SELECT X, CASE WHEN X < 3000 THEN 'a' ELSE 'b' END FROM SYSTEM_RANGE(1, 9000)");
        define("CREATE TABLE A(W INT PRIMARY KEY, I INT REFERENCES ITEM(ID))", " PARTITION BY HASH(W) PARTITIONS 2");
        checkCopies("ITEM");
        both("DELETE FROM ITEM WHERE ID > 8000");
        define("CREATE TABLE B(W INT PRIMARY KEY, I INT REFERENCES ITEM(ID))", " PARTITION BY HASH(W) PARTITIONS 3");
        checkCopies("ITEM");
        checkCopies("KINDS");
        both("INSERT INTO ITEM VALUES(10000, 'a')");
        both("INSERT INTO A VALUES(1, 10000)");
        both("INSERT INTO B VALUES(1, 10000)");
        checkCopies("ITEM");
        Failure held = (Failure) client.execute("DELETE FROM ITEM WHERE ID = 10000");
        assertEquals("23503", held.sqlState());
        checkCopies("ITEM");
        define("ALTER TABLE ITEM ADD COLUMN MORE INT DEFAULT 4", "");
        both("UPDATE ITEM SET MORE = ID WHERE ID < 5");
        checkCopies("ITEM");
        define("ALTER TABLE KINDS RENAME TO SORTS", "");
        both("INSERT INTO SORTS VALUES('c')");
        checkCopies("SORTS");
        assertEquals(6, client.query("SHOW PARTITIONS FROM SORTS").size());
    }

    @Test
    void aTransactionIsAllOrNothing() throws SQLException {
        fill();
        client.autoCommit = false;
        client.update("UPDATE ITEM SET PRICE = 99");
        assertEquals(List.of("20|1980.00"), client.query("SELECT COUNT(*), SUM(PRICE) FROM ITEM"));
        client.update("INSERT INTO ORDERS VALUES(1, 1000, 1, 1)");
        client.update("ROLLBACK");
        client.autoCommit = true;
        checkQueries();
        checkCopies("ITEM");
        client.autoCommit = false;
        both("UPDATE ITEM SET PRICE = 99 WHERE ID = 3");
        Failure twice = (Failure) client.execute("INSERT INTO ITEM(ID) VALUES(500), (3)");
        assertEquals("23505", twice.sqlState());
        both("INSERT INTO ORDERS VALUES(1, 1000, 1, 1)");
        client.update("COMMIT");
        client.autoCommit = true;
        checkQueries();
        checkCopies("ITEM");
        assertEquals(0, router.partitions.openBranches());
    }

    /** What is still being done when the others are undone would stay, with its locks. */
    @Test
    void nothingIsUndoneWhileACopyIsStillAtWork() throws SQLException {
        fill();
        PartitionId behind = new PartitionId(1);
        PartitionId slow = new PartitionId(2);
        router.partitions.runDirectly(behind, "INSERT INTO ITEM(ID) VALUES(777)");
        AtomicInteger atWork = new AtomicInteger();
        AtomicBoolean undone = new AtomicBoolean();
        router.partitions.works(request -> {
            boolean copy = request instanceof ExecuteInBranch change
                    && change.asRows()
                    && change.partition().equals(slow);
            if (copy && atWork.incrementAndGet() == 1) {
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
                while (!undone.get() && System.nanoTime() < until) {
                    undone.set(router.partitions.seen.stream().anyMatch(EndBranch.class::isInstance));
                }
                try {
                    router.partitions.runDirectly(behind, "DELETE FROM ITEM WHERE ID = 777"); // it has caught up
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        router.partitions.seen.clear();
        both("INSERT INTO ITEM(ID) VALUES(777)");
        assertTrue(atWork.get() > 1, "the statement was tried again");
        assertFalse(undone.get(), "undone while a copy was at work");
        assertEquals(0, router.partitions.openBranches());
        checkCopies("ITEM");
    }

    @Test
    void rulesAreToldWithTheCure() {
        client.update("CREATE TABLE PLAIN(ID INT PRIMARY KEY)");
        client.update("CREATE TABLE R(ID INT PRIMARY KEY) REPLICATED");
        for (String[] refused : new String[][] {
            {"CREATE TABLE X(ID INT) REPLICATED", "must have a primary key"},
            {"CREATE TABLE X(ID INT PRIMARY KEY REFERENCES PLAIN(ID)) REPLICATED", "make PUBLIC.PLAIN REPLICATED"},
            {"CREATE TABLE X(ID INT PRIMARY KEY, P INT REFERENCES X(ID)) REPLICATED", "lead back to itself"},
            {"CREATE TABLE X(ID INT PRIMARY KEY) REPLICATED PARTITIONS 3", "leave PARTITIONS out"},
            {
                "CREATE TABLE X(ID INT PRIMARY KEY, V DOUBLE PRECISION GENERATED ALWAYS AS (RAND())) REPLICATED",
                "computed differently"
            },
            {"ALTER TABLE R DROP PRIMARY KEY", "must have a primary key"}
        }) {
            Failure failure = (Failure) client.execute(refused[0]);
            assertTrue(failure.message().contains(refused[1]), failure.message());
            assertEquals("0A000", failure.sqlState(), failure.message());
        }
    }
}
