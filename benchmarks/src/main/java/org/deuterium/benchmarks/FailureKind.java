package org.deuterium.benchmarks;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransactionRollbackException;

/** What a client has to do after an SQLException, read from its SQLState. */
public enum FailureKind {
    /** The database rolled the transaction back, or a lock was not to be had: run it again. */
    RETRY,
    /** A commit may or may not have happened: look before doing it again. */
    OUTCOME_UNKNOWN,
    /** The connection is gone; unless a commit was under way, nothing happened. */
    CONNECTION_LOST,
    /** An error that the same transaction would meet again. */
    ERROR;

    public static FailureKind of(SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        if (state.equals("08007")) {
            return OUTCOME_UNKNOWN;
        }
        if (state.startsWith("40") || state.equals("HYT00") || state.equals("55P03") || state.equals("90131")) {
            return RETRY;
        }
        if (failure instanceof SQLTransactionRollbackException) {
            return RETRY;
        }
        // 57P0x: the server says that it is stopping, starting, or has no leader at the moment.
        if (state.startsWith("57P0")) {
            return RETRY;
        }
        if (state.startsWith("08") || state.equals("90067") || failure instanceof SQLRecoverableException) {
            return CONNECTION_LOST;
        }
        return ERROR;
    }
}
