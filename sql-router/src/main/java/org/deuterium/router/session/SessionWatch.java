package org.deuterium.router.session;

import java.util.concurrent.TimeUnit;
import org.deuterium.router.execute.SessionTransaction;
import org.deuterium.router.execute.StatementCall;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.TransactionStatuses.ClientTransaction;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** What others see of a session's transaction, and how they end it. Any thread. */
final class SessionWatch {

    private static final int SHOWN_TEXT = 200;

    private final ClientSession session;
    private final String user;
    private volatile @Nullable Running running;
    private volatile long changedNanos = System.nanoTime();

    /** A statement under way. */
    private record Running(StatementCall call, String sql) {}

    SessionWatch(ClientSession session, String user) {
        this.session = session;
        this.user = user;
    }

    /** The session's statement is done by this call from now on. */
    void begins(StatementCall call, String sql) {
        if (running == null) {
            changedNanos = System.nanoTime();
        }
        running = new Running(call, sql);
    }

    void ends() {
        if (running != null) {
            running = null;
            changedNanos = System.nanoTime();
        }
    }

    /** Stops the statement under way, if there is one. */
    void cancel() {
        Running now = running;
        if (now != null) {
            now.call().cancel(session.parts().leaders());
        }
    }

    /** The transaction the session is in, or its statement if that is one of its own; null if it is in none. */
    @Nullable
    ClientTransaction transaction() {
        Running now = running;
        SessionTransaction open = session.transactions().current();
        long statementMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - changedNanos);
        TransactionId id;
        if (open != null) {
            id = open.id();
        } else if (now != null) {
            id = now.call().identity();
        } else {
            return null;
        }
        return new ClientTransaction(
                id,
                open == null,
                user,
                String.valueOf(session.connection().remoteAddress()),
                now == null ? "IDLE" : "RUNNING",
                session.settings().isolationName(),
                open == null ? statementMillis : open.ageMillis(),
                statementMillis,
                now == null ? "" : shortened(now.sql()));
    }

    private static String shortened(String sql) {
        return sql.length() <= SHOWN_TEXT ? sql : sql.substring(0, SHOWN_TEXT) + "...";
    }

    /** Ends this transaction if the session is in it; its client hears why at once, or with its next request. */
    boolean kill(TransactionId id, Failure reason) {
        SessionTransaction open = session.transactions().current();
        Running now = running;
        if (open != null && open.id().equals(id)) {
            open.endBy(reason);
            if (now != null) {
                now.call().kill(session.parts().leaders(), reason);
            }
            session.connection().execute(() -> session.rollBackIfIdle(open));
            return true;
        }
        if (now != null && now.call().identity().equals(id)) {
            now.call().kill(session.parts().leaders(), reason);
            return true;
        }
        return false;
    }
}
