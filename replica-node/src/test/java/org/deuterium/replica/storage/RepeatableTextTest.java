package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.nio.file.Path;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogKind;
import org.h2.value.ValueNumeric;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Texts that H2 would not run again, or not with the same rows: values are put in, or they are logged as rows. A text
 * that gets into the log and is not repeatable would stop every replica, the leader's too when it is replayed.
 */
class RepeatableTextTest {

    @TempDir
    Path directory;

    private LoggedReplicas replicas(LogKind kind) {
        return new LoggedReplicas(directory, kind);
    }

    @ParameterizedTest
    @EnumSource(names = {"STATEMENT", "MIXED"})
    void generatedColumnsThatAreSetToTheirDefault(LogKind kind) {
        try (LoggedReplicas replicas = replicas(kind)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, A INT, G INT GENERATED ALWAYS AS (A + 1),"
                    + " N BIGINT GENERATED ALWAYS AS IDENTITY, FILL VARCHAR(1000))");
            replicas.execute("INSERT INTO T(ID, A, FILL) VALUES (1, 1, REPEAT('f', 900))");
            replicas.executeAll(
                    "UPDATE T SET A = 5, G = DEFAULT WHERE ID = 1",
                    "UPDATE T SET A = 7, N = DEFAULT WHERE ID = 1",
                    "UPDATE T SET G = DEFAULT, N = DEFAULT WHERE ID = 1");
            assertEquals("7,8,1", replicas.query("SELECT A, G, N FROM T"));
            assertEquals(EntryKind.STATEMENT, replicas.kinds.get(2));
            replicas.assertEqual();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STATEMENT", "MIXED"})
    void aKeyThatIsGeneratedFromWhatIsSet(LogKind kind) {
        try (LoggedReplicas replicas = replicas(kind)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, A INT, B INT, G INT GENERATED ALWAYS AS (A + 1) UNIQUE,"
                    + " FILL VARCHAR(1000))");
            replicas.execute("INSERT INTO T(ID, A, B, FILL) VALUES (1, 4, 0, REPEAT('f', 900))");
            replicas.executeAll(
                    "UPDATE T SET A = A + 1 WHERE G = 5",
                    "UPDATE T SET A = A + 1 WHERE G = 6 AND ID = 1",
                    "UPDATE T SET B = B + 1 WHERE G = 7");
            assertEquals(kind == LogKind.STATEMENT ? 1 : 0, replicas.refused, "only the first names no other key");
            assertEquals(EntryKind.ROWS, replicas.kinds.get(1));
            assertEquals(EntryKind.STATEMENT, replicas.kinds.get(2));
            assertEquals(EntryKind.STATEMENT, replicas.kinds.get(3));
            replicas.assertEqual();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STATEMENT", "MIXED"})
    void nullThatBecomesTheDefault(LogKind kind) {
        try (LoggedReplicas replicas = replicas(kind)) {
            replicas.schema(
                    "CREATE SEQUENCE S",
                    "CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR(36) DEFAULT RANDOM_UUID() DEFAULT ON NULL,"
                            + " N BIGINT DEFAULT NEXT VALUE FOR S DEFAULT ON NULL,"
                            + " Z VARCHAR(9) DEFAULT CAST(NULL AS VARCHAR) DEFAULT ON NULL, FILL VARCHAR(1000))");
            replicas.execute("INSERT INTO T(ID, Z, FILL) VALUES (1, 'z', REPEAT('f', 900))");
            replicas.execute("UPDATE T SET V = NULL, N = NULL WHERE ID = 1");
            replicas.execute("UPDATE T SET V = ? WHERE ID = ?", null, 1);
            replicas.execute("UPDATE T SET V = ?, N = N + 1 WHERE ID = ?", "given", 1);
            replicas.execute("UPDATE T SET Z = ? WHERE ID = ?", null, 1);
            replicas.execute("INSERT INTO T(ID, Z) VALUES (2, NULL)");
            assertEquals("3,given,null", replicas.query("SELECT N, V, Z FROM T WHERE ID = 1"));
            replicas.assertEqual();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STATEMENT", "MIXED"})
    void typesThatH2SeesInTheParameters(LogKind kind) {
        try (LoggedReplicas replicas = replicas(kind)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT, N NUMERIC(9, 3), NAME VARCHAR(20), FILL"
                    + " VARCHAR(1000))");
            replicas.execute("INSERT INTO T VALUES (1, 10, 0, 'x', REPEAT('f', 900))");
            ValueNumeric factor = ValueNumeric.get(new BigDecimal("1.5"));
            replicas.execute("UPDATE T SET V = V * ? WHERE ID = ? AND NAME LIKE 'x%'", factor, 1);
            assertEquals("15", replicas.query("SELECT V FROM T"));
            replicas.execute("UPDATE T SET V = V * ? WHERE ID = ? AND NAME REGEXP 'x'", factor, 1);
            replicas.execute("UPDATE T SET N = ?1, V = V * ?1 WHERE ID = ?2", factor, 1);
            replicas.assertEqual();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STATEMENT", "MIXED"})
    void theTimeZoneOfTheSession(LogKind kind) {
        SessionContext tokyo = new SessionContext("PUBLIC", "Asia/Tokyo", 200);
        try (LoggedReplicas replicas = new LoggedReplicas(directory, kind, tokyo)) {
            replicas.schema(
                    "CREATE TABLE T(ID INT PRIMARY KEY, TXT VARCHAR(30), AT TIMESTAMP WITH TIME ZONE GENERATED ALWAYS"
                            + " AS (TXT), FILL VARCHAR(1000))",
                    "CREATE TABLE U(ID INT PRIMARY KEY, AT TIMESTAMP WITH TIME ZONE, D DATE, FILL VARCHAR(1000),"
                            + " CHECK (CAST(AT AS DATE) = D))",
                    "CREATE TABLE W(ID INT PRIMARY KEY, TXT VARCHAR(30), D DATE, FILL VARCHAR(1000),"
                            + " CHECK (CAST(TXT AS TIMESTAMP) >= D))",
                    "CREATE TABLE X(ID INT PRIMARY KEY, STATE VARCHAR(9), D DATE, FILL VARCHAR(1000),"
                            + " CHECK (STATE = 'open' OR D > DATE '2020-01-01'))");
            replicas.executeAll(
                    "INSERT INTO T(ID, TXT, FILL) VALUES (1, '2026-01-01 10:00:00', REPEAT('f', 900))",
                    "UPDATE T SET TXT = '2026-01-01 11:00:00' WHERE ID = 1",
                    "INSERT INTO U(ID, FILL) VALUES (1, REPEAT('f', 900))",
                    "UPDATE U SET AT = TIMESTAMP WITH TIME ZONE '2026-01-02 03:00:00+09', D = DATE '2026-01-02' WHERE"
                            + " ID = 1",
                    "INSERT INTO W(ID, FILL) VALUES (1, REPEAT('f', 900))",
                    "UPDATE W SET TXT = '2026-01-01 20:00:00+00', D = DATE '2026-01-02' WHERE ID = 1",
                    "INSERT INTO X(ID, STATE, FILL) VALUES (1, 'open', REPEAT('f', 900))",
                    "UPDATE X SET STATE = 'shut', D = DATE '2026-01-02' WHERE ID = 1");
            assertEquals(EntryKind.STATEMENT, replicas.kinds.get(7), "nothing of X depends on the time zone");
            replicas.assertEqual();
        }
    }
}
