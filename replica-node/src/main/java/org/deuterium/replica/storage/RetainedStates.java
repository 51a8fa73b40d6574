package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.SessionContext;
import org.h2.command.Command;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/** The states of the past that one database keeps for queries AS OF, each by the moment of its cut. */
final class RetainedStates {

    /** A state needs some microseconds in which no transaction begins or ends; and the applier has other things to do. */
    private static final int ATTEMPTS = 50;

    private final QuiescedDatabase database;
    private final NavigableMap<Timestamp, RetainedState> states = new TreeMap<>();

    /** Applier only. */
    private @Nullable SessionLocal witness;

    private @Nullable Command any;

    RetainedStates(QuiescedDatabase database) {
        this.database = database;
    }

    /** Applier, at a cut: keeps what H2 shows now. False if transactions came and went too fast to be sure of it. */
    boolean retain(Timestamp at) {
        SessionLocal session = witness;
        Command query = any;
        if (session == null || query == null) {
            session = database.newClientSession();
            session.setIsolationLevel(IsolationLevel.SNAPSHOT);
            query = session.prepareLocal("SELECT 1");
            witness = session;
            any = query;
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            RetainedState state = RetainedState.take(database, session, query);
            if (state != null) {
                add(at, state);
                return true;
            }
        }
        return false;
    }

    private synchronized void add(Timestamp at, RetainedState state) {
        RetainedState before = states.put(at, state);
        if (before != null) {
            before.drop();
        }
    }

    /** The moments of those that can be asked for, in order. */
    synchronized List<Timestamp> moments() {
        return List.copyOf(states.keySet());
    }

    /** A state that is kept until {@link #release}, or null if it is not there, or of another version of the schema. */
    synchronized @Nullable RetainedState acquire(Timestamp at, long schemaVersion) {
        RetainedState state = states.get(at);
        if (state == null || !state.isOfSchema(schemaVersion)) {
            return null;
        }
        state.acquire();
        return state;
    }

    synchronized void release(RetainedState state) {
        state.release();
    }

    /** A session in a transaction that may look at the state. */
    static PooledSession sessionFor(RetainedState state, SessionPool sessions, SessionContext context) {
        List<PooledSession> others = new ArrayList<>(0);
        try {
            while (true) {
                PooledSession session = sessions.take(context);
                if (state.mayBeSeenBy(session.session())) {
                    return session;
                }
                others.add(session); // and its number, until another one is found
            }
        } finally {
            for (PooledSession other : others) {
                other.end(true);
                sessions.giveBack(other);
            }
        }
    }

    /** Those before this moment are given up, and their memory with the last who looks at them. */
    void forgetBefore(Timestamp moment) {
        forget(states.headMap(moment, false));
    }

    void forgetAll() {
        forget(states);
    }

    private synchronized void forget(NavigableMap<Timestamp, RetainedState> those) {
        those.values().forEach(RetainedState::drop);
        those.clear();
    }
}
