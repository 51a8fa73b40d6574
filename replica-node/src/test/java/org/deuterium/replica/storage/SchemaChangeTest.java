package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schema changes: what the fence's look at the data finds, and what the place in the log does. */
class SchemaChangeTest {

    @TempDir
    Path directory;

    private TwoReplicas replicas;

    @BeforeEach
    void open() {
        replicas = new TwoReplicas(directory, "Europe/Berlin", "Asia/Tokyo");
        replicas.schema(
                "CREATE TABLE P(ID INT PRIMARY KEY)",
                "CREATE TABLE T(ID INT PRIMARY KEY, A INT, B VARCHAR(20), C INT NOT NULL)",
                "CREATE TABLE EMPTY(ID INT PRIMARY KEY, A INT)");
        replicas.execute("INSERT INTO P VALUES (1)", "INSERT INTO T VALUES (1, 1, 'x', 1), (2, NULL, '17', 1)");
    }

    @AfterEach
    void close() {
        replicas.assertEqual();
        replicas.close();
    }

    private void bad(String sqlState, String sql) {
        Failure failure = replicas.leader.validateSchemaChange(sql);
        assertNotNull(failure, sql);
        assertEquals(sqlState, failure.sqlState(), failure.message());
    }

    private void good(String sql) {
        assertNull(replicas.leader.validateSchemaChange(sql), sql);
        replicas.schema(sql);
    }

    @Test
    void valuesReservedBeforeAChangeAreNotGivenAfterIt() {
        replicas.schema("CREATE SEQUENCE S");
        long before = replicas.leader.schemaVersion();
        SequenceBlock old = assertInstanceOf(SequenceBlock.class, replicas.reserve("PUBLIC.S", 10));
        replicas.schema("ALTER SEQUENCE S RESTART WITH 1000");
        replicas.leader.grantSequence("PUBLIC.S", old, before);
        Branch branch = replicas.branch();
        RowsPage drawn = assertInstanceOf(RowsPage.class, replicas.run(branch, "SELECT NEXT VALUE FOR S"));
        branch.rollback();
        assertEquals("1000", TwoReplicas.text(drawn, 1));
    }

    @Test
    void uniqueness() {
        bad("23505", "ALTER TABLE T ADD CONSTRAINT U UNIQUE(C)");
        bad("23505", "CREATE UNIQUE INDEX U ON T(C)");
        good("ALTER TABLE T ADD CONSTRAINT U UNIQUE(C, B)");
        good("CREATE UNIQUE INDEX V ON T(A)");
        good("CREATE INDEX W ON T(C)");
        good("ALTER TABLE EMPTY ADD UNIQUE(A)");
    }

    @Test
    void primaryKey() {
        replicas.schema("CREATE TABLE N(A INT NOT NULL, B INT NOT NULL)");
        replicas.execute("INSERT INTO N VALUES (1, 1), (1, 2)");
        bad("23505", "ALTER TABLE N ADD PRIMARY KEY(A)");
        good("ALTER TABLE N ADD PRIMARY KEY(A, B)");
    }

    @Test
    void checkConstraint() {
        bad("23513", "ALTER TABLE T ADD CONSTRAINT K CHECK (A > 1)");
        good("ALTER TABLE T ADD CONSTRAINT K CHECK (A > 0)");
        good("ALTER TABLE T ADD CONSTRAINT L CHECK (A > 100) NOCHECK");
    }

    @Test
    void constraintOfADomain() {
        replicas.schema(
                "CREATE DOMAIN D AS INT", "CREATE DOMAIN E AS D", "CREATE TABLE O(ID INT PRIMARY KEY, A D, B E)");
        replicas.execute("INSERT INTO O VALUES (1, 3, 5)");
        bad("23513", "ALTER DOMAIN D ADD CHECK (VALUE < 3)");
        bad("23513", "ALTER DOMAIN D ADD CHECK (VALUE < 5)");
        good("ALTER DOMAIN D ADD CHECK (VALUE < 6)");
        good("ALTER DOMAIN E ADD CHECK (VALUE < 1) NOCHECK");
    }

    @Test
    void foreignKey() {
        good("ALTER TABLE T ADD CONSTRAINT F FOREIGN KEY(A) REFERENCES P");
        bad("23506", "ALTER TABLE T ADD CONSTRAINT G FOREIGN KEY(ID) REFERENCES P(ID)");
    }

    @Test
    void notNull() {
        bad("90081", "ALTER TABLE T ALTER COLUMN A SET NOT NULL");
        good("ALTER TABLE T ALTER COLUMN B SET NOT NULL");
    }

    @Test
    void newColumns() {
        bad("23502", "ALTER TABLE T ADD COLUMN N INT NOT NULL");
        bad("0A000", "ALTER TABLE T ADD COLUMN N UUID DEFAULT RANDOM_UUID()");
        bad("0A000", "ALTER TABLE T ADD COLUMN N TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL");
        bad("0A000", "ALTER TABLE T ADD COLUMN N INT GENERATED ALWAYS AS IDENTITY");
        bad("0A000", "ALTER TABLE T ADD COLUMN N INT DEFAULT 1 UNIQUE");
        good("ALTER TABLE T ADD COLUMN N INT DEFAULT 1 NOT NULL");
        good("ALTER TABLE T ADD COLUMN O INT UNIQUE");
        good("ALTER TABLE T ADD COLUMN G INT GENERATED ALWAYS AS (C + 1)");
        good("ALTER TABLE EMPTY ADD COLUMN N UUID DEFAULT RANDOM_UUID() NOT NULL");
        good("ALTER TABLE EMPTY ADD COLUMN I INT GENERATED ALWAYS AS IDENTITY");
        assertEquals("2,2,1,null,2", replicas.query("SELECT COUNT(*), SUM(N), MIN(N), MIN(O), MIN(G) FROM T"));
    }

    @Test
    void changedTypes() {
        bad("22018", "ALTER TABLE T ALTER COLUMN B SET DATA TYPE INT");
        bad("22001", "ALTER TABLE T ALTER COLUMN B SET DATA TYPE VARCHAR(1)");
        good("ALTER TABLE T ALTER COLUMN B SET DATA TYPE VARCHAR(2)");
        good("ALTER TABLE T ALTER COLUMN A SET DATA TYPE BIGINT");
        good("ALTER TABLE T ALTER COLUMN B SET DATA TYPE INT USING LENGTH(B)");
    }

    /** Each of these would fail where the rows are and succeed where there are none. */
    @Test
    void changedTypesThatMakeKeysEqual() {
        replicas.schema(
                "CREATE TABLE K(ID INT PRIMARY KEY, K VARCHAR UNIQUE, N NUMERIC(5, 2), C VARCHAR(9), G INT AS (N * 10))",
                "CREATE UNIQUE INDEX KN ON K(N, C)",
                "CREATE UNIQUE INDEX KG ON K(G)");
        replicas.execute("INSERT INTO K(ID, K, N, C) VALUES (1, '1', 1.44, 'a'), (2, '01', 1.34, 'a'),"
                + " (3, NULL, 2, 'A'), (4, NULL, 7, 'b')");
        bad("23505", "ALTER TABLE K ALTER COLUMN K SET DATA TYPE INT");
        bad("23505", "ALTER TABLE K ALTER COLUMN N SET DATA TYPE NUMERIC(5)");
        bad("23505", "ALTER TABLE K ALTER COLUMN ID SET DATA TYPE INT USING ID / 10");
        bad("23505", "ALTER TABLE K ALTER COLUMN N SET DATA TYPE INT USING CASE WHEN ID > 3 THEN 3 ELSE ID END");
        good("ALTER TABLE K ALTER COLUMN ID SET DATA TYPE BIGINT");
        replicas.schema("DROP INDEX KG");
        replicas.execute("INSERT INTO K(ID, N, C) VALUES (5, 2, 'a')");
        bad("23505", "ALTER TABLE K ALTER COLUMN C SET DATA TYPE VARCHAR_IGNORECASE");
        replicas.execute("DELETE FROM K WHERE ID IN (2, 5)");
        good("ALTER TABLE K ALTER COLUMN C SET DATA TYPE VARCHAR_IGNORECASE");
        good("ALTER TABLE K ALTER COLUMN K SET DATA TYPE INT");
        assertEquals("1,1; 3,null; 4,null", replicas.query("SELECT ID, K FROM K ORDER BY ID"));
    }

    @Test
    void changedTypesThatBreakAnotherRule() {
        replicas.schema(
                "CREATE DOMAIN SMALL AS INT CHECK (VALUE < 2)",
                "CREATE DOMAIN GIVEN AS INT CHECK (VALUE IS NOT NULL)",
                "CREATE TABLE G(ID INT PRIMARY KEY, A INT, B INT GENERATED ALWAYS AS (10 / A))");
        replicas.execute("INSERT INTO G(ID, A) VALUES (1, 5)");
        bad("23513", "ALTER TABLE G ALTER COLUMN A SET DATA TYPE SMALL");
        bad("22012", "ALTER TABLE G ALTER COLUMN A SET DATA TYPE INT USING A - 5");
        bad("23502", "ALTER TABLE T ALTER COLUMN C SET DATA TYPE INT USING NULLIF(C, 1)");
        bad("22018", "ALTER TABLE T ADD COLUMN N INT DEFAULT 'abc'");
        bad("23502", "ALTER TABLE T ADD COLUMN N INT DEFAULT NULL NOT NULL");
        bad("23513", "ALTER TABLE T ADD COLUMN N SMALL DEFAULT 7");
        bad("23513", "ALTER TABLE T ADD COLUMN N GIVEN");
        bad("22012", "ALTER TABLE T ADD COLUMN N INT USING 1 / (C - 1)");
        good("ALTER TABLE T ADD COLUMN IF NOT EXISTS C INT NOT NULL");
        good("ALTER TABLE G ALTER COLUMN A SET DATA TYPE BIGINT");
        good("ALTER TABLE T ADD COLUMN N INT USING C + 1");
        assertEquals("2", replicas.query("SELECT MAX(N) FROM T"));
    }

    /** A replica comes to the change when it can, perhaps a day later than others, and elsewhere. */
    @Test
    void valuesThatEachReplicaWouldComputeInItsOwnWay() {
        replicas.schema("CREATE TABLE Z(ID INT PRIMARY KEY, A TIMESTAMP, B TIME, C VARCHAR, D DATE,"
                + " E TIMESTAMP WITH TIME ZONE)");
        String filled =
                "INSERT INTO Z VALUES (1, TIMESTAMP '2020-01-01 10:00:00', TIME '10:00:00', '2020-01-01 10:00:00',"
                        + " DATE '2020-01-01', TIMESTAMP WITH TIME ZONE '2020-01-01 10:00:00+09:00')";
        replicas.execute(filled);
        bad("0A000", "ALTER TABLE Z ALTER COLUMN A SET DATA TYPE TIMESTAMP WITH TIME ZONE");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN B SET DATA TYPE TIMESTAMP");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN B SET DATA TYPE TIME WITH TIME ZONE");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN C SET DATA TYPE TIMESTAMP WITH TIME ZONE");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN D SET DATA TYPE TIMESTAMP WITH TIME ZONE");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN E SET DATA TYPE TIMESTAMP");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN C SET DATA TYPE VARCHAR USING RANDOM_UUID()");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN C SET DATA TYPE TIMESTAMP USING LOCALTIMESTAMP");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN A SET DATA TYPE TIMESTAMP USING CAST(B AS TIMESTAMP)");
        bad("0A000", "ALTER TABLE Z ALTER COLUMN C SET DATA TYPE INT USING EXTRACT(DAY FROM CAST(E AS TIMESTAMP))");
        bad("0A000", "ALTER TABLE Z ADD COLUMN F TIMESTAMP WITH TIME ZONE DEFAULT TIMESTAMP '2020-01-01 00:00:00'");
        replicas.schema("CREATE DOMAIN LUCK AS INT DEFAULT 10 * RAND()");
        bad("0A000", "ALTER TABLE Z ADD COLUMN F LUCK");
        good("ALTER TABLE Z ALTER COLUMN D SET DATA TYPE TIMESTAMP");
        good("ALTER TABLE Z ALTER COLUMN A SET DATA TYPE TIME");
        good("ALTER TABLE Z ALTER COLUMN E SET DATA TYPE VARCHAR");
        replicas.execute("DELETE FROM Z");
        good("ALTER TABLE Z ALTER COLUMN B SET DATA TYPE TIMESTAMP");
    }

    /** What the text of a change leaves to the time zone is not left to the machine's. */
    @Test
    void aChangeIsReadInTheSameTimeZoneEverywhere() {
        good("ALTER TABLE T ADD COLUMN M TIMESTAMP WITH TIME ZONE DEFAULT"
                + " TIMESTAMP WITH TIME ZONE '2020-01-01 00:00:00'");
        assertEquals("2020-01-01 00:00:00+00", replicas.query("SELECT MAX(M) FROM T"));
    }

    @Test
    void wrongText() {
        bad("42001", "CREATE TABEL X(I INT)");
    }

    @Test
    void failedChangeCountsAsAppliedEverywhere() {
        replicas.drain();
        replicas.last = replicas.last.next();
        for (H2Storage storage : new H2Storage[] {replicas.leader, replicas.follower}) {
            Failure failure = storage.applySchemaChange(
                    replicas.last, TwoReplicas.TERM, 4, "ALTER TABLE T ADD CONSTRAINT U UNIQUE(C)");
            assertNotNull(failure);
            assertEquals("23505", failure.sqlState());
            assertEquals(4, storage.schemaVersion());
            assertEquals(replicas.last, storage.appliedIndex());
        }
    }

    @Test
    void identitySurvivesChangesOfItsTable() {
        replicas.schema("CREATE TABLE I(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, V INT)");
        replicas.execute("INSERT INTO I(V) VALUES (1)");
        replicas.schema(
                "ALTER TABLE I ADD COLUMN W INT",
                "ALTER TABLE I RENAME TO J",
                "ALTER TABLE J ALTER COLUMN ID RENAME TO KEY_ID");
        replicas.execute("INSERT INTO J(V) VALUES (2)");
        assertEquals("1,1; 33,2", replicas.query("SELECT KEY_ID, V FROM J ORDER BY 1"));
        replicas.schema("ALTER TABLE J ALTER COLUMN KEY_ID RESTART WITH 1000");
        replicas.execute("INSERT INTO J(V) VALUES (3)");
        assertEquals("1000", replicas.query("SELECT MAX(KEY_ID) FROM J"));
    }
}
