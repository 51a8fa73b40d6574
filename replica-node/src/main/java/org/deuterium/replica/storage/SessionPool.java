package org.deuterium.replica.storage;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.replica.locks.TableLocks;
import org.deuterium.wire.partition.SessionContext;

/** The H2 sessions of a leader's branches, last used first. */
final class SessionPool {

    /** Idle sessions kept; a session with its prepared commands takes some hundred kilobytes. */
    private static final int MAX_IDLE = 64;

    private final QuiescedDatabase database;
    private final TableLocks locks;
    private final ConcurrentLinkedDeque<PooledSession> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger idleCount = new AtomicInteger();

    SessionPool(QuiescedDatabase database, TableLocks locks) {
        this.locks = locks;
        this.database = database;
    }

    PooledSession take(SessionContext context) {
        for (int tries = idleCount.get(); tries > 0; tries--) {
            PooledSession session = idle.pollFirst();
            if (session == null) {
                break;
            }
            if (session.fits(context)) {
                idleCount.decrementAndGet();
                return session;
            }
            // Somebody else's schema or time zone: to the end of the line, or away when the line is long.
            if (idleCount.get() > MAX_IDLE / 2) {
                idleCount.decrementAndGet();
                session.close();
            } else {
                idle.addLast(session);
            }
        }
        return new PooledSession(database.newClientSession(), context, locks);
    }

    void giveBack(PooledSession session) {
        if (idleCount.get() >= MAX_IDLE) {
            session.close();
            return;
        }
        SessionMemory.forget(session.session());
        idleCount.incrementAndGet();
        idle.addFirst(session);
    }
}
