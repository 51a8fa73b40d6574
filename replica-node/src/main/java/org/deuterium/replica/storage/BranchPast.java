package org.deuterium.replica.storage;

import java.time.Instant;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Failure;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/** What a branch AS OF looks at: a state of the past. It changes and locks nothing. */
final class BranchPast {

    private final RetainedStates states;
    private @Nullable RetainedState state;

    BranchPast(RetainedStates states) {
        this.states = states;
    }

    /** A session for the branch's first statement, or null if the state it is to show is not kept. */
    @Nullable
    PooledSession open(ExecuteInBranch statement, SessionPool sessions, SessionContext context) {
        RetainedState found = states.acquire(statement.bound().cut(), statement.schemaVersion());
        if (found == null) {
            return null;
        }
        state = found;
        return RetainedStates.sessionFor(found, sessions, context);
    }

    static Failure notRetained(Timestamp at) {
        return Failure.of(
                ErrorCode.STATE_NOT_RETAINED,
                "The state of " + Instant.ofEpochMilli(at.millis())
                        + " is not kept any more, or the schema has changed since; ask for a later one");
    }

    /** The branch's first statement has started. */
    void show(SessionLocal session) {
        RetainedState seen = state;
        if (seen != null) {
            seen.showTo(session);
        }
    }

    /** True if the branch shows a state of the past. */
    boolean isOpen() {
        return state != null;
    }

    void over() {
        RetainedState seen = state;
        if (seen != null) {
            state = null;
            states.release(seen);
        }
    }
}
