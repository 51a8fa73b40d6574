package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a transaction does on the leader, a follower that applies its write set has the same rows. */
class WriteSetTest {

    @TempDir
    Path directory;

    private TwoReplicas replicas;

    @BeforeEach
    void open() {
        replicas = new TwoReplicas(directory);
    }

    @AfterEach
    void close() {
        replicas.assertEqual();
        replicas.close();
    }

    /** For people who look into a log. */
    @Test
    void anEntryIsToldInWords() {
        replicas.schema("CREATE TABLE TOLD(ID INT PRIMARY KEY, V VARCHAR)");
        Branch branch = replicas.branch();
        replicas.run(branch, "INSERT INTO TOLD VALUES (1, 'a')");
        assertEquals(List.of("INSERT PUBLIC.TOLD row 1 (1, 'a')"), told(replicas.commit(branch)));
        branch = replicas.branch();
        replicas.run(branch, "UPDATE TOLD SET V = 'b'");
        assertEquals(List.of("UPDATE PUBLIC.TOLD row 1 (1, 'b') was (=, 'a')"), told(replicas.commit(branch)));
    }

    private static List<String> told(byte[] payload) {
        return EntryText.lines(new org.deuterium.wire.replication.LogEntry(
                TwoReplicas.TERM,
                new org.deuterium.wire.LogIndex(1),
                org.deuterium.wire.Timestamp.ZERO,
                org.deuterium.wire.TransactionId.NONE,
                org.deuterium.wire.replication.EntryKind.ROWS,
                payload));
    }

    @Test
    void insertUpdateDeleteByKey() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR(20))");
        replicas.execute(
                "INSERT INTO T VALUES (1,'a'),(2,'b'),(3,'c')",
                "UPDATE T SET V='x' WHERE ID=2",
                "DELETE FROM T WHERE ID=3");
        assertEquals("1,a; 2,x", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    /**
     * H2's undo log names the row, although nothing is locked; meanwhile somebody else puts a new one there. In about one
     * try of five H2 does lock the row's key, by the way its threads go: then the other one waits, and there is nothing to
     * see.
     */
    @Test
    void aRowThatWasGoneWhenItWasToBeLockedIsNotTakenOverFromSomebodyElse() throws InterruptedException {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR(20))");
        for (int tries = 0; tries < 50; tries++) {
            replicas.execute("DELETE FROM T", "INSERT INTO T VALUES (1,'a'),(2,'b')");
            Branch updating = updatedARowAndFoundAnotherGone();
            Branch inserting = replicas.branch();
            boolean inserted = inserting
                    .execute(
                            TwoReplicas.statement(
                                    "INSERT INTO T VALUES (1,'new')", TwoReplicas.parameters(1), 0, KeysWanted.NONE),
                            0)
                    .isAnswered();
            assertEquals(List.of("UPDATE PUBLIC.T row 2 (2, 'x') was (=, 'b')"), told(replicas.commit(updating)));
            if (inserted) {
                replicas.commit(inserting);
                return;
            }
            inserting.rollback();
        }
        fail("H2 always locked the key of a row that was gone: the write set cannot meet another's row any more");
    }

    private Branch updatedARowAndFoundAnotherGone() throws InterruptedException {
        Branch deleting = replicas.branch();
        replicas.run(deleting, "DELETE FROM T WHERE ID=1");
        Branch updating = replicas.branch();
        replicas.run(updating, "UPDATE T SET V='x' WHERE ID=2");
        AtomicReference<StatementResult> result = new AtomicReference<>();
        Thread waiting = new Thread(() -> result.set(updating.execute(
                TwoReplicas.statement("UPDATE T SET V='x' WHERE ID=1", TwoReplicas.parameters(1), 0, KeysWanted.NONE),
                60_000)));
        waiting.start();
        while (!waitsForARow(waiting)) {
            Thread.onSpinWait();
        }
        replicas.commit(deleting);
        waiting.join();
        assertEquals(0, TwoReplicas.count(replicas.finish(updating, result.get())));
        return updating;
    }

    private static boolean waitsForARow(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("waitForThisToEnd"));
    }

    @Test
    void enumsWithinArraysAndRows() {
        replicas.schema(
                "CREATE TABLE T(ID INT PRIMARY KEY, EA ENUM('x','y') ARRAY,"
                        + " RA ROW(A INT, B ENUM('p','q')) ARRAY, R ROW(A ENUM('p','q') ARRAY), ROW2 ROW(A ENUM('p','q'), B INT))");
        replicas.execute(
                "INSERT INTO T VALUES (1, ARRAY['y', NULL, 'x'], ARRAY[ROW(1, 'q')], ROW(ARRAY['q', 'p']),"
                        + " ROW(CAST('q' AS ENUM('p','q')), 5)), (2, ARRAY['x'], ARRAY[NULL, ROW(NULL, NULL)], NULL, NULL),"
                        + " (3, ARRAY['y'], NULL, NULL, NULL)",
                "UPDATE T SET EA = ARRAY['x'], RA = ARRAY[ROW(2, 'p')], R = ROW(ARRAY['p']) WHERE ID = 1",
                "DELETE FROM T WHERE ID = 3");
        String rows = "1,[x],[ROW (2, p)],ROW ([p]),ROW (q, 5); 2,[x],[null, ROW (null, null)],null,null";
        assertEquals(rows, replicas.query("SELECT * FROM T ORDER BY ID"));
        replicas.drain();
        assertEquals(rows, TwoReplicas.query(replicas.follower, "SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void tableWithoutKeyKeepsItsHiddenRowKeys() {
        replicas.schema("CREATE TABLE T(V VARCHAR(20))");
        replicas.execute(
                "INSERT INTO T VALUES ('a'),('b'),('b')",
                "DELETE FROM T WHERE V='a'",
                "INSERT INTO T VALUES ('c')",
                "UPDATE T SET V='z' WHERE V='b'");
        replicas.drain();
        String rows = "2,z; 3,z; 4,c";
        assertEquals(rows, replicas.query("SELECT _ROWID_, V FROM T ORDER BY 1"));
        assertEquals(rows, TwoReplicas.query(replicas.follower, "SELECT _ROWID_, V FROM T ORDER BY 1"));
    }

    @Test
    void primaryKeyThatIsNoInteger() {
        replicas.schema("CREATE TABLE T(K VARCHAR(10) PRIMARY KEY, V INT)", "CREATE INDEX I ON T(V)");
        replicas.execute(
                "INSERT INTO T VALUES ('a',1),('b',2)",
                "UPDATE T SET K='c' WHERE K='a'",
                "UPDATE T SET V=7 WHERE K='b'");
        replicas.drain();
        assertEquals("b,7", TwoReplicas.query(replicas.follower, "SELECT K,V FROM T WHERE V=7"));
        assertEquals("c,1", TwoReplicas.query(replicas.follower, "SELECT K,V FROM T WHERE K='c'"));
    }

    @Test
    void changedPrimaryKey() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.execute("INSERT INTO T VALUES (1,1),(2,2),(3,3)", "UPDATE T SET ID=ID+10 WHERE ID>=2");
        assertEquals("1,1; 12,2; 13,3", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void primaryKeysShifted() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.execute("INSERT INTO T VALUES (1,1),(2,2),(3,3)", "UPDATE T SET ID=ID+1");
        assertEquals("2,1; 3,2; 4,3", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void uniqueValuesSwapped() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, U INT UNIQUE)");
        replicas.execute(
                "INSERT INTO T VALUES (1,1),(2,2),(3,3)",
                "UPDATE T SET U=4-U",
                "UPDATE T SET U=CASE U WHEN 1 THEN 2 WHEN 2 THEN 3 ELSE 1 END");
        replicas.drain();
        assertEquals("2", TwoReplicas.query(replicas.follower, "SELECT ID FROM T WHERE U=3"));
    }

    @Test
    void valueMovesFromDeletedRowToNewOne() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, U INT UNIQUE)");
        replicas.execute("INSERT INTO T VALUES (1,1)");
        Branch branch = replicas.branch();
        replicas.run(branch, "DELETE FROM T WHERE ID=1");
        replicas.run(branch, "INSERT INTO T VALUES (2,1)");
        replicas.commit(branch);
        assertEquals("2,1", replicas.query("SELECT * FROM T"));
    }

    @Test
    void cascadesOfForeignKeys() {
        replicas.schema(
                "CREATE TABLE P(ID INT PRIMARY KEY)",
                "CREATE TABLE C(ID INT PRIMARY KEY, P INT, FOREIGN KEY(P) REFERENCES P(ID) ON DELETE CASCADE)",
                "CREATE TABLE N(ID INT PRIMARY KEY, P INT, FOREIGN KEY(P) REFERENCES P(ID) ON DELETE SET NULL"
                        + " ON UPDATE CASCADE)");
        replicas.execute(
                "INSERT INTO P VALUES (1),(2)",
                "INSERT INTO C VALUES (10,1),(11,1)",
                "INSERT INTO N VALUES (20,1),(21,2)",
                "DELETE FROM P WHERE ID=1",
                "UPDATE P SET ID=5 WHERE ID=2");
        assertEquals("20,null; 21,5", replicas.query("SELECT * FROM N ORDER BY ID"));
        assertEquals("0", replicas.query("SELECT COUNT(*) FROM C"));
    }

    @Test
    void mergeBothForms() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "CREATE TABLE S(ID INT PRIMARY KEY, V INT)");
        replicas.execute(
                "INSERT INTO S VALUES (1,100),(2,200),(3,300)",
                "MERGE INTO T KEY(ID) VALUES (1,1),(2,2)",
                "MERGE INTO T KEY(ID) VALUES (2,22)",
                "MERGE INTO T USING S ON T.ID=S.ID WHEN MATCHED AND S.ID=1 THEN DELETE WHEN MATCHED THEN UPDATE SET"
                        + " V=S.V WHEN NOT MATCHED THEN INSERT VALUES (S.ID, S.V)");
        assertEquals("2,200; 3,300", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void savepoints() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        Branch branch = replicas.branch();
        replicas.run(branch, "INSERT INTO T VALUES (1,1)");
        replicas.run(branch, "SAVEPOINT A");
        replicas.run(branch, "INSERT INTO T VALUES (2,2)");
        replicas.run(branch, "UPDATE T SET V=9 WHERE ID=1");
        replicas.run(branch, "ROLLBACK TO SAVEPOINT A");
        replicas.run(branch, "INSERT INTO T VALUES (3,3)");
        replicas.commit(branch);
        assertEquals("1,1; 3,3", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void failedStatementLeavesTheRestOfItsTransaction() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT NOT NULL)");
        Branch branch = replicas.branch();
        replicas.run(branch, "INSERT INTO T VALUES (1,1)");
        Failure failure = (Failure) replicas.run(branch, "INSERT INTO T VALUES (2,2),(3,3),(1,1)");
        assertEquals("23505", failure.sqlState());
        assertEquals(23505, failure.vendorCode());
        replicas.run(branch, "INSERT INTO T VALUES (4,4)");
        replicas.commit(branch);
        assertEquals("1,1; 4,4", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void nothingIsWrittenForWhatChangedNothing() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR_IGNORECASE(9), D DECFLOAT)");
        replicas.execute("INSERT INTO T VALUES (1,'a',1)");
        Branch locking = replicas.branch();
        replicas.run(locking, "SELECT * FROM T WHERE ID=1 FOR UPDATE");
        assertTrue(locking.hasChanges());
        assertEquals(0, replicas.commit(locking).length, "a lock is no change");
        Branch same = replicas.branch();
        replicas.run(same, "UPDATE T SET V='a', D=1");
        assertEquals(0, replicas.commit(same).length, "the same values are no change");
        Branch gone = replicas.branch();
        replicas.run(gone, "INSERT INTO T VALUES (2,'b',2)");
        replicas.run(gone, "DELETE FROM T WHERE ID=2");
        assertEquals(0, replicas.commit(gone).length, "inserted and deleted is no change");
        replicas.execute("UPDATE T SET V='A', D=1.0");
        assertEquals("1,A,1", replicas.query("SELECT * FROM T"));
    }

    @Test
    void deletedAndInsertedAgain() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.execute("INSERT INTO T VALUES (1,1)");
        Branch branch = replicas.branch();
        replicas.run(branch, "DELETE FROM T WHERE ID=1");
        replicas.run(branch, "INSERT INTO T VALUES (1,2)");
        replicas.commit(branch);
        assertEquals("1,2", replicas.query("SELECT * FROM T"));
    }

    @Test
    void rowsChangedManyTimes() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "CREATE INDEX I ON T(V)");
        replicas.execute("INSERT INTO T SELECT X, X FROM SYSTEM_RANGE(1, 500)");
        Branch branch = replicas.branch();
        for (int i = 0; i < 5; i++) {
            replicas.run(branch, "UPDATE T SET V=V+1 WHERE MOD(ID, ?)=0", i + 1);
        }
        replicas.run(branch, "DELETE FROM T WHERE ID>400");
        replicas.commit(branch);
        replicas.drain();
        assertEquals("400", TwoReplicas.query(replicas.follower, "SELECT COUNT(*) FROM T WHERE V>0"));
    }

    @Test
    void generatedColumnsDefaultsAndOnUpdate() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, A INT, B INT GENERATED ALWAYS AS (A*2),"
                + " C TIMESTAMP(9) WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,"
                + " U UUID DEFAULT RANDOM_UUID(), R DOUBLE DEFAULT RAND())");
        replicas.execute("INSERT INTO T(ID, A) VALUES (1,1),(2,2)", "UPDATE T SET A=10 WHERE ID=1");
        assertEquals("1,20; 2,4", replicas.query("SELECT ID, B FROM T ORDER BY ID"));
    }

    @Test
    void identityColumnsTakeGrantedValues() {
        replicas.schema(
                "CREATE TABLE T(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V INT)",
                "CREATE SEQUENCE S START WITH 5 INCREMENT BY 5");
        replicas.execute(
                "INSERT INTO T(V) VALUES (1),(2)",
                "INSERT INTO T(V) VALUES (NEXT VALUE FOR S)",
                "INSERT INTO T(V) SELECT X FROM SYSTEM_RANGE(1, 3000)");
        assertEquals("1,1; 2,2; 3,5", replicas.query("SELECT ID, V FROM T WHERE ID<4 ORDER BY ID"));
        assertEquals("3003,3003", replicas.query("SELECT COUNT(*), COUNT(DISTINCT ID) FROM T"));
    }

    @Test
    void largeValues() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, C CLOB, B BLOB, V VARCHAR)");
        String big = IntStream.range(0, 200_000).mapToObj(Integer::toString).collect(Collectors.joining());
        assertTrue(big.length() > 1_000_000);
        Branch branch = replicas.branch();
        assertEquals(
                1,
                TwoReplicas.count(replicas.run(
                        branch,
                        "INSERT INTO T VALUES (1, ?, ?, ?)",
                        big,
                        org.h2.value.ValueVarbinary.get(big.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                        big)));
        replicas.commit(branch);
        replicas.execute("UPDATE T SET C = C || 'ü' WHERE ID=1");
        replicas.drain();
        String lengths = "SELECT LENGTH(C), OCTET_LENGTH(B), LENGTH(V) FROM T";
        assertEquals(
                (big.length() + 1) + "," + big.length() + "," + big.length(),
                TwoReplicas.query(replicas.follower, lengths));
    }

    @Test
    void everyType() {
        replicas.schema(
                "CREATE TABLE T(ID INT PRIMARY KEY, A BOOLEAN, B TINYINT, C SMALLINT, D BIGINT, E NUMERIC(20,4),"
                        + " F DECFLOAT, G REAL, H DOUBLE PRECISION, I CHAR(5), J VARCHAR_IGNORECASE(9), K BINARY(3),"
                        + " L VARBINARY(9), M DATE, N TIME(9), O TIME(9) WITH TIME ZONE, P TIMESTAMP(9),"
                        + " Q TIMESTAMP(9) WITH TIME ZONE, R INTERVAL DAY TO SECOND, S UUID, T JSON, U GEOMETRY,"
                        + " V ENUM('x','y'), W INT ARRAY, X ROW(A INT, B VARCHAR), Y JAVA_OBJECT, Z VARCHAR ARRAY)");
        replicas.execute(
                "INSERT INTO T VALUES (1, TRUE, -5, 300, -9000000000, 12.5, 1E100, 1.5, -2.25, 'ab', 'Cd', X'010203',"
                        + " X'ff', DATE '-0044-03-15', TIME '23:59:59.123456789', TIME '01:02:03+05:30', TIMESTAMP"
                        + " '2026-11-23 18:00:00.5', TIMESTAMP WITH TIME ZONE '2026-11-23 18:00:00-03:30', INTERVAL '-3"
                        + " 04:05:06.7' DAY TO SECOND, UUID '12345678-1234-1234-1234-1234567890ab', JSON '{\"a\":[1,2]}',"
                        + " 'POINT (1 2)', 'y', ARRAY[1,NULL,3], ROW(7,'q'), X'aced', ARRAY['a','b'])",
                "INSERT INTO T(ID, F, G) VALUES (2, 'Infinity', 'NaN')",
                "UPDATE T SET W = W || ARRAY[4], V = 'x', F = '-Infinity' WHERE ID = 1");
        replicas.drain();
        String all = replicas.query("SELECT * FROM T ORDER BY ID");
        assertEquals(all, TwoReplicas.query(replicas.follower, "SELECT * FROM T ORDER BY ID"));
        assertTrue(all.startsWith("1,TRUE,-5,300,-9000000000,12.5000,-Infinity,1.5,-2.25,ab"), all);
    }

    @Test
    void insertFromQueryAndDeltaTables() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "CREATE TABLE S(ID INT PRIMARY KEY, V INT)");
        replicas.execute(
                "INSERT INTO T SELECT X, X*X FROM SYSTEM_RANGE(1, 50)",
                "INSERT INTO S SELECT * FROM T",
                "SELECT * FROM OLD TABLE (DELETE FROM S WHERE ID<10)",
                "UPDATE T SET V=(SELECT COUNT(*) FROM S)");
        assertEquals("41", replicas.query("SELECT MAX(V) FROM T"));
    }

    @Test
    void schemaChangesBetweenWrites() {
        replicas.schema("CREATE SCHEMA A", "CREATE TABLE A.T(ID INT PRIMARY KEY)");
        replicas.execute("INSERT INTO A.T VALUES (1),(2)");
        replicas.schema("ALTER TABLE A.T ADD COLUMN V INT DEFAULT 7", "CREATE VIEW A.W AS SELECT * FROM A.T");
        replicas.execute("INSERT INTO A.T VALUES (3, 3)", "UPDATE A.T SET V=8 WHERE ID=2");
        replicas.schema("CREATE UNIQUE INDEX A.I ON A.T(V)", "ALTER TABLE A.T RENAME TO A.\"weird.Name\"");
        replicas.execute("DELETE FROM A.\"weird.Name\" WHERE ID=1");
        replicas.schema("DROP VIEW A.W", "DROP INDEX A.I", "ALTER TABLE A.\"weird.Name\" DROP COLUMN V");
        replicas.execute("UPDATE A.\"weird.Name\" SET ID=ID+100");
        assertEquals("102; 103", replicas.query("SELECT * FROM A.\"weird.Name\" ORDER BY 1"));
    }

    @Test
    void checksAndForeignKeysDoNotHinderTheFollower() {
        replicas.schema(
                "CREATE TABLE P(ID INT PRIMARY KEY, V INT CHECK (V < 100))",
                "CREATE TABLE C(ID INT PRIMARY KEY, P INT REFERENCES P(ID))");
        Branch branch = replicas.branch();
        replicas.run(branch, "INSERT INTO P VALUES (1, 1)");
        replicas.run(branch, "INSERT INTO C VALUES (1, 1)");
        replicas.run(branch, "UPDATE C SET P = NULL");
        replicas.run(branch, "DELETE FROM P");
        replicas.run(branch, "INSERT INTO P VALUES (2, 99)");
        replicas.run(branch, "UPDATE C SET P = 2");
        replicas.commit(branch);
        assertEquals("23513", replicas.failing("UPDATE P SET V = 100").sqlState());
        assertEquals("23506", replicas.failing("INSERT INTO C VALUES (2, 77)").sqlState());
    }

    @Test
    void rollbackLeavesNothing() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.execute("INSERT INTO T VALUES (1,1)");
        Branch branch = replicas.branch();
        replicas.run(branch, "UPDATE T SET V=2");
        assertNotEquals(0, branch.capture().length);
        branch.rollback();
        assertEquals("1,1", replicas.query("SELECT * FROM T"));
        replicas.execute("UPDATE T SET V=3");
    }

    @Test
    void interleavedTransactionsCommitInTheOrderOfTheLog() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.execute("INSERT INTO T VALUES (1,1),(2,2)");
        Branch one = replicas.branch();
        Branch other = replicas.branch();
        replicas.run(one, "UPDATE T SET V=10 WHERE ID=1");
        replicas.run(other, "UPDATE T SET V=20 WHERE ID=2");
        replicas.run(other, "INSERT INTO T VALUES (3,30)");
        replicas.run(one, "INSERT INTO T VALUES (4,40)");
        replicas.commit(other);
        replicas.commit(one);
        assertEquals("1,10; 2,20; 3,30; 4,40", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void aReplicaThatPartedStopsInsteadOfGoingOn() {
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        replicas.execute("INSERT INTO T VALUES (1,1)");
        replicas.drain();
        H2Storage parted = replicas.follower;
        RowsEntry wrong;
        try (TwoReplicas others = new TwoReplicas(directory.resolve("others"))) {
            others.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            others.execute("INSERT INTO T VALUES (1,2)");
            others.execute("UPDATE T SET V=3");
            wrong = others.notApplied.get(1);
            others.drain();
        }
        StorageFailedException stopped =
                assertThrows(StorageFailedException.class, () -> parted.applyRows(List.of(wrong)));
        assertTrue(stopped.getMessage().contains("in column V"), stopped.getMessage());
        StorageFailedException twice = assertThrows(
                StorageFailedException.class,
                () -> parted.applyRows(List.of(new RowsEntry(replicas.last, TwoReplicas.TERM, wrong.writeSet()))));
        assertTrue(twice.getMessage().contains("i3 is the next"), twice.getMessage());
        assertEquals(
                new TransactionId(5, 5),
                parted.openBranch(new TransactionId(5, 5), TwoReplicas.SESSION).transaction());
    }
}
