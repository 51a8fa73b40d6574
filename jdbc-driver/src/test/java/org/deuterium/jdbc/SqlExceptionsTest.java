package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientException;
import java.util.List;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.h2.message.DbException;
import org.junit.jupiter.api.Test;

/** Which class and SQLState of SQLException a failure becomes. */
class SqlExceptionsTest {

    /** For each of H2's error codes: the same class of java.sql, SQLState and vendor code. */
    @Test
    void everyFailureOfH2KeepsItsClass() throws IllegalAccessException {
        int checked = 0;
        for (Field field : org.h2.api.ErrorCode.class.getFields()) {
            int code = field.getInt(null);
            SQLException theirs = DbException.getJdbcSQLException(code);
            SQLException ours = SqlExceptions.of(
                    new Failure(ErrorCode.SQL_ERROR, theirs.getSQLState(), code, theirs.getMessage(), false));
            assertSame(theirs.getClass().getSuperclass(), ours.getClass(), field.getName());
            assertEquals(theirs.getSQLState(), ours.getSQLState());
            assertEquals(code, ours.getErrorCode());
            checked++;
        }
        assertTrue(checked > 200, checked + " codes checked");
    }

    @Test
    void whatThisDriverSaysByItselfHasH2sState() throws IllegalAccessException {
        for (Field field : SqlExceptions.class.getDeclaredFields()) {
            if (field.getType() == int.class) {
                int code = field.getInt(null);
                assertEquals(
                        DbException.getJdbcSQLException(code).getSQLState(),
                        SqlExceptions.h2(code, "x", null).getSQLState(),
                        field.getName());
            }
        }
    }

    @Test
    void deuteriumsOwnFailures() {
        assertSame(SQLFeatureNotSupportedException.class, made(ErrorCode.NOT_SUPPORTED));
        assertSame(SQLTransientException.class, made(ErrorCode.NOT_LEADER));
        assertSame(SQLTransientException.class, made(ErrorCode.NO_LEADER));
        assertSame(SQLNonTransientConnectionException.class, made(ErrorCode.OUTCOME_UNKNOWN));
        assertSame(SQLNonTransientConnectionException.class, made(ErrorCode.CONNECTION_BROKEN));
        assertSame(SQLTransactionRollbackException.class, made(ErrorCode.TRANSACTION_ROLLED_BACK));
        assertSame(SQLTimeoutException.class, made(ErrorCode.LOCK_TIMEOUT));
        assertSame(SQLTimeoutException.class, made(ErrorCode.STATEMENT_CANCELED));
    }

    private static Class<?> made(ErrorCode code) {
        return SqlExceptions.of(Failure.of(code, "x")).getClass();
    }

    @Test
    void aBatchShowsItsFirstFailureAndChainsAll() {
        SQLException first = SqlExceptions.h2(23505, "first", null);
        SQLException second = SqlExceptions.h2(23502, "second", null);
        BatchUpdateException batch = SqlExceptions.batch(List.of(first, second), new long[] {-3, -3});
        assertEquals("first", batch.getMessage());
        assertEquals(23505, batch.getErrorCode());
        assertSame(first, batch.getNextException());
        assertSame(second, batch.getNextException().getNextException());
    }
}
