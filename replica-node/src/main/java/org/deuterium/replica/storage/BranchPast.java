package org.deuterium.replica.storage;

import java.time.Instant;
import java.util.regex.Pattern;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Failure;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/** What a branch AS OF looks at: a state of the past. It changes and locks nothing. */
final class BranchPast {

    private static final Pattern FOR_UPDATE = Pattern.compile("\\bFOR\\s+UPDATE\\b", Pattern.CASE_INSENSITIVE);

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

    /** Why the branch does not run this, or null. */
    @Nullable
    Failure refusal(CachedCommand command, String sql) {
        if (state == null
                || command.readOnly()
                || (command.query()
                        && command.command().isReadOnly()
                        && command.tables().ofWriter().isEmpty()
                        && !FOR_UPDATE.matcher(sql).find())) {
            return null;
        }
        return Failure.of(
                ErrorCode.READ_ONLY_TRANSACTION,
                "A transaction AS OF a moment of the past only reads: it changes and locks no rows, and draws no values of"
                        + " sequences; do that in a transaction without AS OF");
    }

    void over() {
        RetainedState seen = state;
        if (seen != null) {
            state = null;
            states.release(seen);
        }
    }
}
