package org.deuterium.jdbc;

import java.sql.SQLException;
import org.deuterium.wire.ErrorCode;

/**
 * Where one statement's execution is: it waits until its connection has done what other threads run on it, then it runs.
 * To cancel it while it waits must not stop what the connection is running.
 */
final class ExecutionTurn {

    private enum State {
        NONE,
        WAITING,
        RUNNING
    }

    private State state = State.NONE;
    private boolean canceled;

    synchronized void waits() {
        state = State.WAITING;
        canceled = false;
    }

    /** @throws SQLException 57014 if it was canceled while it waited */
    synchronized void begins() throws SQLException {
        if (canceled) {
            throw SqlExceptions.of(
                    ErrorCode.STATEMENT_CANCELED, "The statement was canceled before its connection was free", null);
        }
        state = State.RUNNING;
    }

    synchronized void ends() {
        state = State.NONE;
    }

    /** True if the server is to be told; one that waits will not begin. */
    synchronized boolean cancel() {
        canceled = state == State.WAITING;
        return state == State.RUNNING;
    }
}
