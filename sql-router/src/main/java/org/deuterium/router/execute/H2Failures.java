package org.deuterium.router.execute;

import java.sql.SQLException;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.h2.message.DbException;

/** Failures said in H2's own words, with its numbers. */
final class H2Failures {

    private H2Failures() {}

    static Failure of(SQLException e) {
        String state = e.getSQLState();
        String message = e.getMessage();
        return new Failure(
                ErrorCode.SQL_ERROR,
                state == null ? ErrorCode.SQL_ERROR.sqlState() : state,
                e.getErrorCode(),
                message == null ? e.toString() : message,
                false);
    }

    /** @param place of the parameter, from 1 */
    static Failure parameterNotSet(int place) {
        return of(DbException.get(org.h2.api.ErrorCode.PARAMETER_NOT_SET_1, "#" + place)
                .getSQLException());
    }
}
