package org.deuterium.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.jdbc.ClusterSession.AtStake;
import org.deuterium.jdbc.ClusterSession.LinkLost;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/**
 * Runs the statements of one connection: holds the autocommit mode, says what is at stake if the link breaks, repeats
 * what may be repeated, and keeps results readable when their transaction ends.
 */
final class StatementRunner {

    private final ClusterSession session;
    private final StatementCache cache;
    private final List<RowSource> streaming = new ArrayList<>();
    private boolean autoCommit = true;
    private boolean autoCommitAfterEnd;

    StatementRunner(ClusterSession session, StatementCache cache) {
        this.session = session;
        this.cache = cache;
    }

    boolean isAutoCommit() {
        return autoCommit;
    }

    /** Switching on commits what is open, as JDBC says. */
    void setAutoCommit(boolean on) throws SQLException {
        synchronized (session) {
            if (on && !autoCommit) {
                end(true);
            }
            autoCommit = on;
            autoCommitAfterEnd = false;
        }
    }

    /** Commits or rolls back; nothing is sent if no statement has run since the last end. */
    void end(boolean commit) throws SQLException {
        synchronized (session) {
            SQLException lost = keepStreaming();
            if (commit && lost != null) {
                throw lost;
            }
            try {
                session.endTransaction(
                        commit); // rows that are lost say so when they are read; a rollback does not need them
            } finally {
                if (autoCommitAfterEnd) {
                    autoCommit = true;
                    autoCommitAfterEnd = false;
                }
            }
        }
    }

    Message run(StatementOrder order) throws SQLException {
        synchronized (session) {
            switch (order.kind()) {
                case COMMIT, ROLLBACK -> end(order.kind() == StatementKind.COMMIT);
                case AUTOCOMMIT_ON, AUTOCOMMIT_OFF -> setAutoCommit(order.kind() == StatementKind.AUTOCOMMIT_ON);
                case BEGIN -> {
                    autoCommitAfterEnd = autoCommit || autoCommitAfterEnd;
                    autoCommit = false;
                }
                case READ, QUERY, DATA_CHANGE, SAVEPOINT -> {
                    return send(order);
                }
                case SETTING -> {
                    Message answer = send(order);
                    if (order.parameters().perSet() == 0) {
                        session.memory().remember(order.sql());
                    }
                    return answer;
                }
                case DEFINITION, OTHER -> {
                    SQLException lost = keepStreaming();
                    if (lost != null) {
                        throw lost;
                    }
                    Message answer = send(order);
                    cache.forgetAll();
                    if (order.kind() == StatementKind.DEFINITION) {
                        session.committedByServer();
                    }
                    return answer;
                }
            }
            return UpdateCounts.of(0);
        }
    }

    private Message send(StatementOrder order) throws SQLException {
        boolean again = false;
        while (true) {
            session.ready();
            RememberedStatement prepared = order.prepared();
            if (prepared != null) {
                cache.usable(prepared);
            }
            AtStake stake = stake(order.kind());
            if (!autoCommit) {
                session.beginTransaction();
            }
            try {
                return session.call(message(order, prepared == null ? 0 : prepared.number()), stake);
            } catch (LinkLost lost) {
                if (again) {
                    throw ClusterSession.lostTwice(lost);
                }
            } catch (SQLException e) {
                if (again || prepared == null || !isUnknownHandle(e)) {
                    throw e;
                }
                cache.forget(prepared);
            }
            again = true;
        }
    }

    private static boolean isUnknownHandle(SQLException e) {
        return ErrorCode.NO_SUCH_HANDLE.sqlState().equals(e.getSQLState());
    }

    private AtStake stake(StatementKind kind) {
        if (kind == StatementKind.READ && !session.isTransactionOpen()) {
            return AtStake.NOTHING;
        }
        if (!autoCommit && kind.undoneWithTransaction()) {
            return AtStake.OPEN_TRANSACTION;
        }
        boolean ownTransaction =
                kind == StatementKind.READ || kind == StatementKind.QUERY || kind == StatementKind.DATA_CHANGE;
        return ownTransaction ? AtStake.COMMIT : AtStake.OUTCOME;
    }

    private ExecuteStatement message(StatementOrder order, long number) {
        return new ExecuteStatement(
                number,
                number == 0 ? order.sql() : null,
                order.parameters(),
                autoCommit,
                order.fetchSize(),
                order.maxRows(),
                order.timeoutMillis(),
                order.keys(),
                number == 0);
    }

    /** These rows end at the server with the transaction; they are fetched before that. */
    void mayOutliveTransaction(RowSource rows) {
        synchronized (session) {
            if (!autoCommit && rows.isStreaming()) {
                streaming.removeIf(other -> !other.isStreaming());
                streaming.add(rows);
            }
        }
    }

    /** Fetches what would end with the transaction; what was lost before is told once, and stands in the way of no later end. */
    private @Nullable SQLException keepStreaming() {
        SQLException lost = null;
        for (RowSource rows : streaming) {
            try {
                rows.keepAll();
            } catch (SQLException e) {
                if (lost != null) {
                    e.addSuppressed(lost);
                }
                lost = e;
            }
        }
        streaming.clear();
        return lost;
    }
}
