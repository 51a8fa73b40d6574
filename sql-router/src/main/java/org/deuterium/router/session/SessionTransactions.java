package org.deuterium.router.session;

import java.util.function.Consumer;
import org.deuterium.router.catalog.H2Failures;
import org.deuterium.router.execute.PartitionLeaders;
import org.deuterium.router.execute.SessionTransaction;
import org.deuterium.router.execute.StatementFailedException;
import org.deuterium.router.execute.TransactionFailures;
import org.deuterium.router.execute.TransactionNumbers;
import org.deuterium.router.plan.TransactionPlan;
import org.deuterium.router.reads.AsOf;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/**
 * Which transaction a session is in, if any. Each request says whether it is to be a transaction of its own; BEGIN and
 * SET AUTOCOMMIT in SQL text override that, until the transaction ends or the client changes its mind.
 */
final class SessionTransactions {

    private static final Message DONE = new Done();

    private final PartitionLeaders leaders;
    private TransactionNumbers numbers;
    private final SessionProgress progress;

    /** Written by the request whose turn it is; others look at it. */
    private volatile @Nullable SessionTransaction current;

    private boolean begun;

    /** What the next transaction is to be. */
    private Isolation isolation = Isolation.READ_COMMITTED;

    /** Whether the session's transactions only read, and the next one if that was told otherwise. */
    private boolean readOnly;

    private @Nullable Boolean nextReadOnly;

    /** The moment of the past that the session's transactions show, and the next one if that was told another; null: the present. */
    private @Nullable AsOf asOf;

    private @Nullable AsOf nextAsOf;

    /** The transaction was begun for one statement. */
    private boolean endsWithStatement;

    private @Nullable Boolean saidInSql;
    private boolean lastFlag = true;

    SessionTransactions(PartitionLeaders leaders, TransactionNumbers numbers, SessionProgress progress) {
        this.leaders = leaders;
        this.numbers = numbers;
        this.progress = progress;
    }

    /** Takes note of what a request says. */
    void requested(boolean autoCommit, SessionSettings settings, TransactionNumbers ofRequest) {
        isolation = settings.context().isolation();
        asOf = settings.asOf();
        readOnly = settings.isReadOnly();
        numbers = ofRequest;
        if (autoCommit != lastFlag) {
            lastFlag = autoCommit;
            saidInSql = null;
        }
    }

    /** True if the next statement is a transaction of its own. */
    boolean isAutoCommit() {
        Boolean said = saidInSql;
        return !begun && (said == null ? lastFlag : said);
    }

    @Nullable
    SessionTransaction current() {
        return current;
    }

    /** Why the transaction was ended from outside, if it was and its client has not heard of it yet. */
    @Nullable
    Failure endedBy() {
        SessionTransaction open = current;
        return open == null ? null : open.endedBy();
    }

    /** The transaction for a statement that is not one of its own. */
    SessionTransaction join() {
        SessionTransaction open = current;
        if (open == null) {
            AsOf past = past();
            open = past == null
                    ? new SessionTransaction(numbers.next(), leaders, progress, levelOfNext())
                    : SessionTransaction.ofThePast(numbers.next(), leaders, progress, past);
            current = open;
        }
        return open;
    }

    /** At the other levels readers hold nobody up anyway: there read-only is a hint, as in H2. */
    private Isolation levelOfNext() {
        boolean onlyReads = nextReadOnly == null ? readOnly : nextReadOnly;
        return onlyReads && isolation == Isolation.SERIALIZABLE ? Isolation.READ_ONLY : isolation;
    }

    /** The transaction for a statement that is one of its own; null if it needs none in the session. */
    @Nullable
    SessionTransaction ofStatement() {
        if (past() == null && levelOfNext() != Isolation.READ_ONLY) {
            return null;
        }
        endsWithStatement = true;
        return join();
    }

    /** True if the transaction is over with the statement it was begun for. */
    boolean endsWithStatement() {
        return endsWithStatement;
    }

    /** The moment of the past that the transaction shows, or the next one if there is none; null: the present. */
    @Nullable
    AsOf past() {
        SessionTransaction open = current;
        if (open != null) {
            return open.asOf();
        }
        return nextAsOf == null ? asOf : nextAsOf;
    }

    /** Why nothing may be changed in the transaction, or in the next one if there is none; or null. */
    @Nullable
    Failure refusalOfChange() {
        SessionTransaction open = current;
        if (open != null) {
            return open.refusalOfChange();
        }
        AsOf past = past();
        if (past != null) {
            return TransactionFailures.onlyReads(past);
        }
        return levelOfNext() == Isolation.READ_ONLY ? TransactionFailures.onlyReads() : null;
    }

    /**
     * SET TRANSACTION AS OF.
     *
     * @throws StatementFailedException if it comes too late, or concerns no transaction
     */
    void next(@Nullable AsOf past) {
        checkNextCanBeSet("AS OF", "SET AS_OF");
        nextAsOf = past;
    }

    /**
     * SET TRANSACTION READ ONLY, or READ WRITE.
     *
     * @throws StatementFailedException if it comes too late, or concerns no transaction
     */
    void nextReadOnly(boolean only) {
        checkNextCanBeSet(
                only ? "READ ONLY" : "READ WRITE",
                "setReadOnly, or SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
        nextReadOnly = only;
    }

    private void checkNextCanBeSet(String what, String forAll) {
        if (isAutoCommit()) {
            throw new StatementFailedException(
                    ErrorCode.NOT_SUPPORTED,
                    "SET TRANSACTION " + what
                            + " is not supported in autocommit: it would concern no statement. BEGIN first,"
                            + " or setAutoCommit(false), or " + forAll + " for all statements of the session");
        }
        if (current != null) {
            throw new StatementFailedException(
                    ErrorCode.TRANSACTION_BEGUN,
                    "SET TRANSACTION " + what + " must come before the first statement of its transaction; COMMIT or"
                            + " ROLLBACK first");
        }
    }

    /** Commits or rolls back what is open; answers Done or a Failure. */
    void end(boolean commit, Consumer<Message> answer) {
        SessionTransaction ending = current;
        current = null;
        begun = false;
        nextAsOf = null;
        nextReadOnly = null;
        endsWithStatement = false;
        if (ending == null) {
            answer.accept(DONE);
        } else if (commit && ending.isLost()) {
            Failure reason = ending.endedBy() != null
                    ? ending.endedBy()
                    : TransactionFailures.rolledBack(ending.id(), "one of its branches is gone");
            ending.rollback(done -> answer.accept(reason));
        } else if (commit) {
            ending.commit(answer);
        } else {
            ending.rollback(answer);
        }
    }

    /** Gives up what the system ended already; answers when the leaders have. */
    void dropLost(Runnable then) {
        end(false, done -> then.run());
    }

    void run(TransactionPlan plan, Consumer<Message> answer) {
        switch (plan.action()) {
            case BEGIN -> {
                begun = true;
                answer.accept(UpdateCounts.of(0));
            }
            case COMMIT -> end(true, counted(answer));
            case ROLLBACK -> end(false, counted(answer));
            case AUTOCOMMIT_ON -> {
                saidInSql = true;
                end(true, counted(answer));
            }
            case AUTOCOMMIT_OFF -> {
                saidInSql = false;
                answer.accept(UpdateCounts.of(0));
            }
            case SAVEPOINT -> setSavepoint(plan.savepoint(), counted(answer));
            case ROLLBACK_TO_SAVEPOINT -> rollbackTo(plan.savepoint(), counted(answer));
            case RELEASE_SAVEPOINT -> answer.accept(UpdateCounts.of(0));
        }
    }

    private void setSavepoint(String name, Consumer<Message> answer) {
        if (isAutoCommit()) {
            // In H2 it would be forgotten as soon as its own statement is committed.
            answer.accept(DONE);
        } else if (endedBy() != null) {
            answer.accept(endedBy());
        } else {
            join().setSavepoint(name, answer);
        }
    }

    private void rollbackTo(String name, Consumer<Message> answer) {
        SessionTransaction open = current;
        if (endedBy() != null) {
            answer.accept(endedBy());
        } else if (open == null || !open.hasSavepoint(name)) {
            RuntimeException invalid = DbException.get(org.h2.api.ErrorCode.SAVEPOINT_IS_INVALID_1, name);
            answer.accept(H2Failures.refused(invalid).failure());
        } else {
            open.rollbackToSavepoint(name, answer);
        }
    }

    /** A statement in SQL answers with a count where a message of its own answers Done. */
    private static Consumer<Message> counted(Consumer<Message> answer) {
        return outcome -> answer.accept(outcome instanceof Done ? UpdateCounts.of(0) : outcome);
    }
}
