package org.deuterium.replica.storage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.deuterium.replica.locks.TableLocks;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.partition.SessionContext;
import org.h2.engine.IsolationLevel;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.util.TimeZoneProvider;

/** An H2 session with the commands it has prepared; serves one branch after another. */
final class PooledSession {

    private static final int MAX_COMMANDS = 256;

    private final SessionLocal session;
    private final TableLocks locks;
    private final String schema;
    private final String timeZone;
    private final boolean snapshot;
    private long schemaVersion;
    private final WireWriter rows = new WireWriter();
    private final Map<String, CachedCommand> commands = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CachedCommand> eldest) {
            return size() > MAX_COMMANDS;
        }
    };

    PooledSession(SessionLocal session, SessionContext context, TableLocks locks) {
        this.locks = locks;
        this.session = session;
        this.schema = context.schema();
        this.timeZone = context.timeZone();
        this.snapshot = context.isSnapshot();
        if (snapshot) {
            session.setIsolationLevel(IsolationLevel.SNAPSHOT);
        }
        session.setTimeZone(TimeZoneProvider.ofId(timeZone));
        session.setCurrentSchemaName(schema);
    }

    SessionLocal session() {
        return session;
    }

    /** A buffer for the rows of one page at a time. */
    WireWriter rows() {
        return rows;
    }

    boolean fits(SessionContext context) {
        return schema.equals(context.schema())
                && timeZone.equals(context.timeZone())
                && snapshot == context.isSnapshot();
    }

    /** The command for a text, planned for the schema as it is now. */
    CachedCommand command(String sql, long currentSchemaVersion) {
        if (schemaVersion != currentSchemaVersion) {
            commands.clear();
            schemaVersion = currentSchemaVersion;
        }
        CachedCommand cached = commands.get(sql);
        if (cached == null) {
            cached = CachedCommand.prepared(sql, session, locks);
            if (cached.command().isCacheable()) {
                commands.put(sql, cached);
            }
        }
        return cached;
    }

    /** Work on a session that is no statement, and may undo some; in the gate. */
    static void with(SessionLocal session, Consumer<SessionLocal> work) {
        session.lock();
        try {
            Session before = session.setThreadLocalSession();
            try {
                work.accept(session);
            } finally {
                TransactionMarks.forgetRollback(session); // else those who wait for this transaction would spin
                session.resetThreadLocalSession(before);
            }
        } finally {
            session.unlock();
        }
    }

    /** Ends its transaction; with the gate entered if that has changed anything. */
    void end(boolean commit) {
        session.lock();
        try {
            Session before = session.setThreadLocalSession();
            try {
                if (commit) {
                    session.commit(false);
                } else {
                    session.rollback();
                }
            } finally {
                session.resetThreadLocalSession(before);
            }
        } finally {
            session.unlock();
        }
    }

    void close() {
        session.close();
    }
}
