package org.deuterium.jdbc;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.PrepareStatement;
import org.deuterium.wire.client.StatementPrepared;

/** What a connection has prepared, by text, so that preparing the same text again costs no message. */
final class StatementCache {

    private static final int MOST_STATEMENTS = 256;

    /** What this driver does itself, so no server has to know it. */
    private static final StatementPrepared UNSENT = new StatementPrepared(0, false, List.of(), List.of());

    private final ClusterSession session;
    private final Map<String, RememberedStatement> byText = new LinkedHashMap<>(64, 0.75f, true);

    StatementCache(ClusterSession session) {
        this.session = session;
    }

    RememberedStatement prepare(String sql) throws SQLException {
        synchronized (session) {
            RememberedStatement known = byText.get(sql);
            if (known != null) {
                return usable(known);
            }
            if (StatementKind.of(sql).endsOrBeginsTransaction()) {
                return new RememberedStatement(sql, UNSENT, session.linkNumber());
            }
            RememberedStatement fresh = new RememberedStatement(sql, ask(sql), session.linkNumber());
            remember(fresh);
            return fresh;
        }
    }

    /** The same statement, prepared again if its number is of an earlier link or time. */
    RememberedStatement usable(RememberedStatement statement) throws SQLException {
        session.ready();
        if (statement.link() != session.linkNumber()) {
            synchronized (session) {
                StatementPrepared again = ask(statement.sql());
                statement.preparedAgain(again, session.linkNumber());
                remember(statement);
            }
        }
        return statement;
    }

    private StatementPrepared ask(String sql) throws SQLException {
        return (StatementPrepared) session.ask(new PrepareStatement(sql));
    }

    private void remember(RememberedStatement statement) {
        byText.put(statement.sql(), statement);
        if (byText.size() > MOST_STATEMENTS) {
            var oldest = byText.values().iterator();
            RememberedStatement leaving = oldest.next();
            oldest.remove();
            leave(leaving);
        }
    }

    private void leave(RememberedStatement leaving) {
        if (leaving.link() == session.linkNumber()) {
            session.sayLater(new CloseHandle(false, leaving.number()), session.linkNumber());
        }
        leaving.outdated();
    }

    /** The server does not know this number (any more). */
    void forget(RememberedStatement statement) {
        synchronized (session) {
            byText.remove(statement.sql(), statement);
            statement.outdated();
        }
    }

    /** The schema changed: what is known of columns and parameters may be wrong. */
    void forgetAll() {
        synchronized (session) {
            byText.values().forEach(this::leave);
            byText.clear();
        }
    }
}
