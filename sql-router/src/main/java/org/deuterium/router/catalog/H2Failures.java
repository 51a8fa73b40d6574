package org.deuterium.router.catalog;

import java.sql.SQLException;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.h2.message.DbException;

/** Turns what H2 refuses into what the client is told: H2's own number, SQLState and text. */
public final class H2Failures {

    private H2Failures() {}

    public static StatementRefusedException refused(RuntimeException failure) {
        if (failure instanceof StatementRefusedException refused) {
            return refused;
        }
        return refused(DbException.convert(failure).getSQLException());
    }

    public static StatementRefusedException refused(SQLException e) {
        String state = e.getSQLState() == null ? ErrorCode.SQL_ERROR.sqlState() : e.getSQLState();
        String message = String.valueOf(e.getMessage());
        return new StatementRefusedException(new Failure(ErrorCode.SQL_ERROR, state, e.getErrorCode(), message, false));
    }
}
