package org.deuterium.replica.storage;

import java.util.List;
import java.util.function.Consumer;
import org.deuterium.values.StatementTime;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.TransactionOutcome;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.jspecify.annotations.Nullable;

/**
 * A transaction at the leader: one open H2 transaction in a pooled session. One thread at a time, except
 * {@link #cancel}. It ends with {@link #commit} or {@link #rollback}, and is of no use afterwards.
 */
public final class Branch {

    private final TransactionId transaction;
    private final BranchServices services;
    private final CheckpointGate gate;
    private final QuiescedDatabase database;
    private final SessionContext context;
    private final StatementRecorder recorder;
    private final BranchTables tables;
    private final BranchSnapshot snapshot;
    private final BranchPast past;

    /** Null before the first statement and after the end. */
    private volatile @Nullable PooledSession pooled;

    /** H2's number of the transaction, as its lock failures tell it; 0 before the first write or lock. */
    private volatile int h2Number;

    private @Nullable StatementRun run;
    private @Nullable String sequenceAskedFor;
    private long count = TransactionOutcome.NOT_KNOWN;
    private boolean captured;
    private boolean ended;

    /** H2 has committed it, and its DECISION's turn is still to come. */
    private boolean ahead;

    Branch(TransactionId transaction, BranchServices services, SessionContext context, LogKind logKind) {
        this.transaction = transaction;
        this.services = services;
        this.database = services.database();
        this.gate = database.gate();
        this.context = context;
        this.recorder = new StatementRecorder(logKind);
        this.tables = new BranchTables(services.locks(), transaction, context.isSerializable());
        this.snapshot = new BranchSnapshot(database.recentCommits(), context.isSnapshot());
        this.past = new BranchPast(services.retained());
    }

    public TransactionId transaction() {
        return transaction;
    }

    /** H2's number of the open transaction while it may hold locks; 0 before that, and meaningless after its end. */
    public int h2Number() {
        return h2Number;
    }

    /** How long the unfinished statement waits for a lock: what FOR UPDATE WAIT says, else the session's timeout. */
    public int lockTimeoutMillis(int ofSession) {
        StatementRun unfinished = run;
        return unfinished == null || unfinished.cached().waitMillis() < 0
                ? ofSession
                : unfinished.cached().waitMillis();
    }

    /** Takes up a transaction that an earlier leader had prepared: applies its write set and holds the locks. */
    void reopen(PreparedTransaction prepared) {
        PooledSession session = open();
        captured = true;
        long stamp = gate.enter();
        try {
            new RowApplier(session.session()).applyAndHold(prepared);
            h2Number = session.session().getTransaction().getId();
            if (session.session().hasPendingTransaction()) {
                tables.retake(snapshot.changes(session.session()).keySet());
            }
        } finally {
            gate.leave(stamp);
        }
    }

    private PooledSession open() {
        PooledSession open = pooled;
        if (open == null) {
            if (ended) {
                throw new IllegalStateException("transaction " + transaction + " has ended");
            }
            pooled = open = services.sessions().take(context);
        }
        return open;
    }

    /**
     * Runs a statement (or a batch: its rows are statements of their own, a failing one does not stop the others).
     *
     * @param lockWindowMillis how long H2 may wait for a lock with the gate held: 10 to 20 in a worker; 0 inline, where
     *     nothing is waited for, the gate neither
     */
    public StatementResult execute(ExecuteInBranch statement, int lockWindowMillis) {
        if (captured || ended) {
            throw new IllegalStateException("transaction " + transaction + " is on its way to the log, or over");
        }
        sequenceAskedFor = null;
        tables.withdraw();
        try {
            boolean opensPast = statement.bound().isRetained() && pooled == null;
            if (opensPast) {
                pooled = past.open(statement, services.sessions(), context);
                if (pooled == null) {
                    return StatementResult.answered(
                            BranchPast.notRetained(statement.bound().cut()));
                }
            }
            PooledSession session = open();
            CachedCommand cached = session.command(
                    statement.sql(), database.position().applied().schemaVersion());
            Failure refusal = cached.refusal();
            boolean atCut = statement.bound().isAtCut();
            if (refusal == null && (atCut || past.isOpen() || context.isReadOnly())) {
                refusal = OnlyReads.refusal(cached, context, past.isOpen());
            }
            if (refusal != null) {
                return StatementResult.answered(refusal);
            }
            if (!cached.readOnly()
                    && database.unstoredBytes() > database.settings().maxUnstoredBytes()) {
                return StatementResult.answered(Failure.of(
                        ErrorCode.LIMIT_EXCEEDED,
                        "the partition has more unstored changes than its memory allows; wait for its checkpoint, and"
                                + " commit large transactions in parts"));
            }
            StatementRun started = new StatementRun(statement, cached);
            if (recorder.isRecording() && !cached.readOnly()) {
                recorder.beforeStatement(cached, statement.asRows());
            }
            run = started;
            session.session().setQueryTimeout(statement.timeoutMillis());
            StatementTime.setMoment(session.session(), statement.momentMicros());
            if (opensPast) {
                started.startAtCut(session.session());
                past.show(session.session());
            }
            return atCut ? StatementResult.awaitsCut() : proceed(session, started, lockWindowMillis);
        } catch (RuntimeException e) {
            return answer(Failures.of(e));
        }
    }

    /** True if the text surely writes, locks and draws nothing, so that any replica may run it; false if it is wrong. */
    public boolean isPlainRead(String sql) {
        try {
            CachedCommand cached =
                    open().command(sql, database.position().applied().schemaVersion());
            return cached.readOnly() && cached.refusal() == null;
        } catch (RuntimeException e) {
            return false; // whoever runs it says what is wrong
        }
    }

    /** H2 shows the cut that the statement waits for: what it reads is what can be seen now. Takes microseconds. */
    public void startAtCut() {
        unfinished().startAtCut(open().session());
        snapshot.taken();
    }

    /** Goes on with the statement that was not answered, from the row of its batch it was at. */
    public StatementResult resume(int lockWindowMillis) {
        return proceed(open(), unfinished(), lockWindowMillis);
    }

    /** The statement's failure when the wait is given up: ends it (a batch goes on with its next row). */
    public StatementResult giveUp(Failure failure, int lockWindowMillis) {
        StatementRun unfinished = unfinished();
        tables.withdraw();
        if (!unfinished.isBatch()) {
            return answer(failure);
        }
        unfinished.failSet(failure);
        return proceed(open(), unfinished, lockWindowMillis);
    }

    private StatementRun unfinished() {
        StatementRun unfinished = run;
        if (unfinished == null) {
            throw new IllegalStateException("transaction " + transaction + " has no unfinished statement");
        }
        return unfinished;
    }

    private StatementResult answer(Message message) {
        run = null;
        return StatementResult.answered(message);
    }

    private StatementResult proceed(PooledSession session, StatementRun statement, int lockWindowMillis) {
        StatementResult lacking = tables.lock(statement);
        if (lacking != null) {
            run = lacking.isAnswered() ? null : statement;
            return lacking;
        }
        if (session.session().getLockTimeout() != lockWindowMillis) {
            session.session().setLockTimeout(lockWindowMillis);
        }
        if (statement.cached().readOnly()) {
            return query(session, statement);
        }
        long stamp = lockWindowMillis == 0 ? gate.tryEnter() : gate.enter();
        if (stamp == 0) {
            return StatementResult.gateClosed();
        }
        try {
            return write(session, statement);
        } finally {
            gate.leave(stamp);
        }
    }

    /** In the gate. H2 may choose this transaction as a deadlock's victim while it waits, or just afterwards. */
    private StatementResult write(PooledSession session, StatementRun statement) {
        if (TransactionMarks.isVictim(session.session())) {
            if (statement.isWaiting()) {
                return answer(TransactionMarks.end(session.session()));
            }
            TransactionMarks.spare(session.session());
        }
        statement.waits(false);
        h2Number = session.session().getTransaction().getId();
        StatementResult result = statement.cached().query() ? query(session, statement) : update(session, statement);
        TransactionMarks.forgetRollback(session.session());
        if (!result.isAnswered() && TransactionMarks.isVictim(session.session())) {
            return answer(TransactionMarks.end(session.session()));
        }
        statement.waits(!result.isAnswered());
        return result;
    }

    private StatementResult query(PooledSession session, StatementRun statement) {
        try {
            if (statement.isBatch()) {
                throw DbException.get(org.h2.api.ErrorCode.METHOD_NOT_ALLOWED_FOR_QUERY);
            }
            statement.bind();
            return answer(firstPage(session, statement, statement.query(session.session())));
        } catch (RuntimeException e) {
            return notDone(session, statement, e);
        }
    }

    private RowsPage firstPage(PooledSession session, StatementRun run, ResultInterface result) {
        ExecuteInBranch statement = run.statement();
        RowsPage page = services.pages().next(result, statement.fetchSize(), statement.wantColumns(), session.rows());
        run.refuseTooLarge(session.session(), page);
        if (result.hasNext()) {
            return page.withCursor(services.cursors().hold(transaction, result));
        }
        result.close();
        return page;
    }

    private StatementResult update(PooledSession session, StatementRun statement) {
        while (statement.hasMoreSets()) {
            try {
                statement.bind();
                statement.finish(recorder.update(session.session(), statement));
                sequenceAskedFor = null;
            } catch (RuntimeException e) {
                StatementResult result = notDone(session, statement, e);
                boolean goesOn = result.answer() instanceof Failure failure && !failure.transactionEnded();
                if (!statement.isBatch() || !goesOn) {
                    return result;
                }
                TransactionMarks.forgetRollback(session.session());
                run = statement;
                statement.failSet((Failure) result.answer());
            }
        }
        return answer(statement.updateCounts());
    }

    private StatementResult notDone(PooledSession session, StatementRun statement, RuntimeException e) {
        if (Failures.isOurs(e)) {
            return answer(Failures.of(e));
        }
        DbException exception = Failures.asDbException(e);
        if (!statement.cached().readOnly()
                && (TransactionMarks.isVictim(session.session()) || TransactionMarks.isVictimTaken(exception))) {
            return answer(TransactionMarks.end(session.session()));
        }
        int code = exception.getErrorCode();
        if (statement.cached().waitsForLocks()
                && (code == org.h2.api.ErrorCode.LOCK_TIMEOUT_1 || TransactionMarks.isVictimGone(exception))) {
            return StatementResult.locked(Failures.lockedRow(exception));
        }
        if (code == org.h2.api.ErrorCode.SEQUENCE_EXHAUSTED) {
            String sequence = services.sequences()
                    .exhausted(exception, statement.cached().tables().drawn());
            if (sequence != null) {
                int wanted = services.sequences().wanted(sequence, sequence.equals(sequenceAskedFor));
                sequenceAskedFor = sequence;
                return StatementResult.needsSequenceBlock(sequence, wanted);
            }
        }
        return answer(Failures.of(exception));
    }

    /** False if the transaction has written and locked nothing: then it can be rolled back without a log entry. */
    public boolean hasChanges() {
        PooledSession session = pooled;
        return session != null && session.session().hasPendingTransaction();
    }

    /** True if its end may let others go on. */
    public boolean holdsLocks() {
        return hasChanges() || tables.holdsAny();
    }

    public boolean isSerializable() {
        return tables.isSerializable();
    }

    /**
     * The exact net write set, as an entry's payload; empty if nothing changed (roll back then). After it only
     * {@link #commit} and {@link #rollback} follow.
     */
    public byte[] capture() {
        captured = true;
        return snapshot.writeSet(open().session(), TransactionOutcome.NOT_KNOWN);
    }

    /** The net write set as the log has it until the transaction is decided in all its partitions: always rows. */
    public LoggedChanges captureRows() {
        return hasChanges() ? new LoggedChanges(EntryKind.ROWS, capture()) : LoggedChanges.NONE;
    }

    /** As {@link #captureForLog(long)}, for a transaction whose count nobody will ask for. */
    public LoggedChanges captureForLog() {
        return captureForLog(TransactionOutcome.NOT_KNOWN);
    }

    /**
     * What the log is to say of the transaction: its statements if its kind lets it and they are complete, else its net
     * write set; empty if nothing changed (roll back then). After it only {@link #commit} and {@link #rollback} follow.
     *
     * @param count how many rows the transaction's only statement said it changed, as {@link TransactionOutcome#countOf}
     */
    public LoggedChanges captureForLog(long count) {
        if (!hasChanges()) {
            return LoggedChanges.NONE;
        }
        captured = true;
        this.count = count;
        List<LoggedStatement> texts = recorder.texts();
        if (texts == null) {
            byte[] writeSet = snapshot.writeSet(open().session(), count);
            return writeSet.length == 0 ? LoggedChanges.NONE : new LoggedChanges(EntryKind.ROWS, writeSet);
        }
        return recorder.smaller(snapshot.changes(open().session()), texts, count);
    }

    /** Commits in H2 as the entry at {@code index}; in log order, by the partition's applier. */
    public void commit(LogIndex index, Term term) {
        end(index, term, true, ledger -> ledger.committed(transaction, index, count));
    }

    /** Ends a prepared branch as the DECISION entry at {@code index} says; in log order, by the partition's applier. */
    public void decide(LogIndex index, Term term, boolean commit, Timestamp timestamp) {
        end(index, term, commit, ledger -> ledger.decided(transaction, commit, timestamp, index));
    }

    /**
     * Commits a prepared branch in H2 before its DECISION's turn has come: that is in the log, behind entries that a cut
     * holds back, and the cut is to show it. {@link #decide} follows; until then nothing is stored.
     */
    public void commitAhead() {
        PooledSession ending = open();
        long stamp = gate.enter();
        try {
            TransactionMarks.spare(ending.session());
            database.aheadOfLog().incrementAndGet();
            snapshot.ending(ending.session(), true);
            ending.end(true);
            ahead = true;
        } finally {
            gate.leave(stamp);
        }
        giveBack(ending);
    }

    private void end(LogIndex index, Term term, boolean commit, Consumer<TransactionLedger> note) {
        PooledSession ending = ahead ? null : open();
        AppliedPosition position = database.position();
        position.check(index);
        long stamp = gate.enter();
        try {
            if (ending != null) {
                TransactionMarks.spare(ending.session());
                snapshot.ending(ending.session(), commit);
                ending.end(commit);
            }
            position.advance(index, term);
            note.accept(database.ledger());
            if (ending == null) {
                database.aheadOfLog().decrementAndGet();
            }
        } catch (RuntimeException e) {
            throw new StorageFailedException(
                    "entry " + index + " is committed in the log but not in H2: " + e.getMessage(), e);
        } finally {
            gate.leave(stamp);
        }
        if (ending != null) {
            giveBack(ending);
        }
    }

    /** Sets a savepoint; one with the same number is replaced. */
    public void savepoint(int number) {
        recorder.savepoint(number);
        onSession(session -> session.addSavepoint("D" + number));
    }

    /** Undoes what was done after a savepoint, which stays. */
    public void rollbackTo(int number) {
        boolean all = number == BranchSavepoint.BEGINNING;
        h2Number = all ? 0 : h2Number;
        onSession(all ? session -> session.rollbackTo(null) : session -> session.rollbackToSavepoint("D" + number));
        recorder.rollbackTo(number);
    }

    private void onSession(Consumer<SessionLocal> work) {
        SessionLocal session = open().session();
        long stamp = gate.enter();
        try {
            PooledSession.with(session, work);
        } finally {
            gate.leave(stamp);
        }
    }

    /** Undoes everything; a second call, or one after the commit, does nothing. */
    public void rollback() {
        PooledSession ending = pooled;
        if (ending == null) {
            ended = true;
            tables.end();
            past.over();
            return;
        }
        if (ending.session().hasPendingTransaction()) {
            long stamp = gate.enter();
            try {
                ending.end(false);
            } finally {
                gate.leave(stamp);
            }
        } else {
            // Nothing to undo: ending it as committed is H2's shortest way.
            ending.end(true);
        }
        giveBack(ending);
    }

    private void giveBack(PooledSession ending) {
        ended = true;
        pooled = null;
        run = null;
        tables.end();
        snapshot.over();
        past.over();
        services.sessions().giveBack(ending);
    }

    /** Stops the statement that runs now, from another thread; it answers 57014. */
    public void cancel() {
        PooledSession running = pooled;
        if (running != null) {
            running.session().cancel();
        }
    }
}
