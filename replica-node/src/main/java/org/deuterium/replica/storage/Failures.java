package org.deuterium.replica.storage;

import java.sql.SQLException;
import org.deuterium.replica.storage.StatementRecorder.NotRepeatableException;
import org.deuterium.replica.storage.StatementRun.AnswerTooLargeException;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.statement.Failure;
import org.h2.message.DbException;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** H2's exceptions as they are told to clients: H2's own number, SQLState and text. */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private static final String LOCKED_BY = " is locked by tx ";

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

    /** True for what H2 knows nothing of: it has not failed, and a wait would not help. */
    static boolean isOurs(RuntimeException e) {
        return e instanceof MalformedMessageException
                || e instanceof NotRepeatableException
                || e instanceof AnswerTooLargeException;
    }

    /** What the client is told of whatever went wrong with its statement. */
    static Failure of(RuntimeException e) {
        if (e instanceof MalformedMessageException) {
            return Failure.of(ErrorCode.PROTOCOL_VIOLATION, String.valueOf(e.getMessage()));
        }
        if (e instanceof NotRepeatableException) {
            return Failure.of(ErrorCode.NOT_REPEATABLE, String.valueOf(e.getMessage()));
        }
        if (e instanceof AnswerTooLargeException tooLarge) {
            return tooLarge.failure();
        }
        return of(asDbException(e));
    }

    /** The row that a lock timeout of H2 is about, or null if H2 does not say which it is. */
    static StatementResult.@Nullable HeldRow lockedRow(DbException timeout) {
        for (Throwable cause = timeout; cause != null; cause = cause.getCause()) {
            if (cause instanceof MVStoreException locked) {
                // "Map entry <table.5> with key <7> and value ... is locked by tx 3 and can not be updated by tx 4 ..."
                String message = String.valueOf(locked.getMessage());
                int end = message.indexOf(" and value ");
                int holder = message.lastIndexOf(LOCKED_BY);
                return end < 0 || holder < 0
                        ? null
                        : new StatementResult.HeldRow(
                                message.substring(0, end), number(message, holder + LOCKED_BY.length()));
            }
        }
        return null;
    }

    /** The number that begins there, 0 if none does. */
    private static int number(String text, int from) {
        int number = 0;
        for (int i = from; i < text.length() && Character.isDigit(text.charAt(i)); i++) {
            number = number * 10 + text.charAt(i) - '0';
        }
        return number;
    }
}
