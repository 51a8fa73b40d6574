package org.deuterium.replica.storage;

import java.util.Set;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.statement.Failure;
import org.h2.api.ErrorCode;
import org.h2.command.Command;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.util.TimeZoneProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs schema changes at their place in the log, as H2's administrator. */
final class SchemaChanges {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaChanges.class);

    /** Longer than any statement keeps a table busy that the fence has let finish. */
    private static final int LOCK_TIMEOUT_MILLIS = 10_000;

    /** Failures that another replica would not have at the same place. */
    private static final Set<Integer> OWN_FAILURES = Set.of(
            ErrorCode.LOCK_TIMEOUT_1,
            ErrorCode.DEADLOCK_1,
            ErrorCode.CONCURRENT_UPDATE_1,
            ErrorCode.OUT_OF_MEMORY,
            ErrorCode.IO_EXCEPTION_1,
            ErrorCode.IO_EXCEPTION_2,
            ErrorCode.DATABASE_IS_CLOSED,
            ErrorCode.GENERAL_ERROR_1,
            ErrorCode.FILE_CORRUPTED_1);

    private final QuiescedDatabase database;
    private final SequenceBlocks sequences;

    SchemaChanges(QuiescedDatabase database, SequenceBlocks sequences) {
        this.database = database;
        this.sequences = sequences;
    }

    @Nullable
    Failure apply(LogIndex index, Term term, long version, String sql) {
        AppliedPosition position = database.position();
        position.check(index);
        // First the maintenance lock: a checkpoint that waits at the gate would hold back everybody until this ends.
        database.maintenance().lock();
        try {
            long stamp = database.gate().enter();
            try {
                if (version <= position.applied().schemaVersion()) {
                    position.advance(index, term); // written into the log twice, by two leaders: done already
                    return null;
                }
                Failure failure = runBetweenGrants(index, term, version, sql);
                if (failure != null) {
                    LOG.error("schema change {} failed at {} and counts as applied: {}", version, index, failure);
                }
                return failure;
            } finally {
                database.gate().leave(stamp);
            }
        } finally {
            database.maintenance().unlock();
        }
    }

    private @Nullable Failure runBetweenGrants(LogIndex index, Term term, long version, String sql) {
        sequences.lock().lock();
        try {
            sequences.beforeSchemaChange();
            Failure failure = run(index, sql);
            sequences.afterSchemaChange();
            database.position().advance(index, term, version);
            return failure;
        } finally {
            sequences.lock().unlock();
        }
    }

    private @Nullable Failure run(LogIndex index, String sql) {
        SessionLocal session = database.admin();
        session.setLockTimeout(LOCK_TIMEOUT_MILLIS);
        // Not that of the machine: all replicas are to read the change alike.
        session.setTimeZone(TimeZoneProvider.UTC);
        try {
            ChangeInSchema change = ChangeInSchema.of(sql);
            change.enter(session);
            Command command = session.prepareLocal(change.sql());
            if (command.isQuery()) {
                command.executeQuery(0, 0, false).close();
            } else {
                command.executeUpdate(null);
            }
            session.lock();
            try {
                session.commit(true);
            } finally {
                session.unlock();
            }
            return null;
        } catch (DbException e) {
            session.rollback();
            if (OWN_FAILURES.contains(e.getErrorCode())) {
                throw new StorageFailedException(
                        "schema change at " + index + " failed here alone: " + e.getMessage()
                                + "; the replica is to be rebuilt from another one",
                        e);
            }
            return Failures.of(e);
        }
    }
}
