package org.deuterium.replica.storage;

import java.sql.SQLException;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.h2.message.DbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** H2's exceptions as they are told to clients: H2's own number, SQLState and text. */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    static DbException asDbException(Throwable failure) {
        return DbException.convert(failure);
    }

    static Failure of(DbException exception) {
        SQLException sql = exception.getSQLException();
        int code = sql.getErrorCode();
        if (code == org.h2.api.ErrorCode.GENERAL_ERROR_1) {
            LOG.warn("H2 failed inside; the statement is answered with its error", exception);
        }
        String state = sql.getSQLState() == null ? "HY000" : sql.getSQLState();
        String message = sql.getMessage() == null ? sql.toString() : sql.getMessage();
        // H2 ends a transaction by itself in one case only: it was a deadlock's victim.
        boolean ended = code == org.h2.api.ErrorCode.DEADLOCK_1;
        return new Failure(ErrorCode.SQL_ERROR, state, code, message, ended);
    }
}
