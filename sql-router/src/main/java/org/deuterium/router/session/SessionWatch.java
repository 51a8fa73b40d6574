package org.deuterium.router.session;

import java.util.concurrent.TimeUnit;
import org.deuterium.router.execute.SessionTransaction;
import org.deuterium.router.execute.StatementCall;
import org.deuterium.wire.ErrorCode;
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
    private volatile boolean clientGone;
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
        if (clientGone) {
            call.cancel(session.parts().leaders());
        }
    }

    /** Stops the statement under way, and one that is still being planned as soon as it begins: nobody waits for it. */
    void clientGone() {
        clientGone = true;
        cancel();
    }

    void ends() {
        running = null;
    }

    /** A request of the client is answered. */
    void rests() {
        changedNanos = System.nanoTime();
    }

    /** Rolls the open transaction back if its client has sent nothing for longer than the session's idle transaction timeout. */
    void endIfIdle() {
        int timeoutMillis = session.settings().idleTransactionMillis();
        SessionTransaction open = session.transactions().current();
        if (timeoutMillis == 0 || open == null || open.isLost() || running != null) {
            return;
        }
        long idleMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - changedNanos);
        if (idleMillis < timeoutMillis) {
            return;
        }
        Failure reason = Failure.ofTransaction(
                ErrorCode.IDLE_TRANSACTION,
                "Transaction " + open.id() + " was rolled back because its client did nothing for " + idleMillis
                        + " ms; run it again, and commit sooner, or set a longer idle transaction timeout (SET"
                        + " IDLE_TRANSACTION_TIMEOUT, or idleTransactionTimeout in the URL; 0: none)");
        session.connection().execute(() -> session.endIfIdle(open, reason));
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
                open == null ? session.settings().isolationName() : open.levelName(),
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
