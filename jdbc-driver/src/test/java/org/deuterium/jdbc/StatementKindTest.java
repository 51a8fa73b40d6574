package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the first words of a statement tell the driver. */
class StatementKindTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT 1 | READ",
                "/* a */ -- b | OTHER",
                "/* INSERT */ (select * from t) | READ",
                "WITH a AS (SELECT 1) SELECT * FROM a | READ",
                "VALUES 1 | READ",
                "SELECT * FROM t FOR UPDATE | QUERY",
                "SELECT ID FROM FINAL TABLE (INSERT INTO t VALUES (1)) | QUERY",
                "EXPLAIN ANALYZE DELETE FROM t | QUERY",
                "CALL f() | QUERY",
                "? = CALL f() | QUERY",
                "insert into t values (1) | DATA_CHANGE",
                "MERGE INTO t KEY(id) VALUES (1) | DATA_CHANGE",
                "COMMIT | COMMIT",
                "commit work; | COMMIT",
                "COMMIT TRANSACTION x | OTHER",
                "ROLLBACK | ROLLBACK",
                "ROLLBACK TO SAVEPOINT a | SAVEPOINT",
                "SAVEPOINT a | SAVEPOINT",
                "BEGIN | BEGIN",
                "SET AUTOCOMMIT OFF | AUTOCOMMIT_OFF",
                "SET AUTOCOMMIT = true | AUTOCOMMIT_ON",
                "SET SCHEMA X | SETTING",
                "CREATE TABLE t (id INT) | DEFINITION",
                "/* a */ alter table t add c int | DEFINITION",
                "SHUTDOWN | OTHER",
                "SET TRANSACTION AS OF TIMESTAMP | SAVEPOINT",
                "'' | OTHER",
            })
    void theFirstWordsTell(String sql, StatementKind kind) {
        assertEquals(kind, StatementKind.of(sql));
    }

    @Test
    void aCommentAtTheBeginningDoesNotHideTheWord() {
        assertEquals(StatementKind.DATA_CHANGE, StatementKind.of("-- why\n  /* because */ DELETE FROM t"));
    }

    @Test
    void settingsHaveNames() {
        assertEquals("SCHEMA", StatementKind.settingName("set  schema X"));
        assertEquals("LOCK_TIMEOUT", StatementKind.settingName("SET LOCK_TIMEOUT=5"));
        assertEquals("X", StatementKind.settingValue("set  schema x;"));
        assertEquals("a \"b", StatementKind.settingValue("SET SCHEMA \"a \"\"b\""));
        assertEquals("@A", StatementKind.settingName("SET @a = 1"));
    }

    @Test
    void whatASetChanges() {
        assertEquals("LOCK_TIMEOUT", StatementKind.settingName("set lock_timeout=5"));
        assertEquals("SESSION TOKEN", StatementKind.settingName("SET SESSION TOKEN 'x'"));
        assertEquals(
                "SESSION CHARACTERISTICS",
                StatementKind.settingName("SET  SESSION characteristics AS TRANSACTION ISOLATION LEVEL SNAPSHOT"));
        assertEquals("TRANSACTION", StatementKind.settingName("SET TRANSACTION AS OF '-10s'"));
        assertEquals(
                6, StatementKind.isolationLevel("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT"));
        String access = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ";
        assertEquals(0, StatementKind.isolationLevel(access + "ONLY"));
        assertEquals(true, StatementKind.readOnly(access + "only "));
        assertEquals(false, StatementKind.readOnly(access + "WRITE"));
        assertNull(StatementKind.readOnly("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT"));
    }
}
