package org.deuterium.router.session;

import java.util.concurrent.TimeUnit;
import org.deuterium.router.execute.BatchProgress;
import org.deuterium.router.execute.OpenRows;
import org.deuterium.router.execute.SessionTransaction;
import org.deuterium.router.execute.StatementAnswer;
import org.deuterium.router.execute.StatementCall;
import org.deuterium.router.execute.StatementFailedException;
import org.deuterium.router.execute.TransactionFailures;
import org.deuterium.router.execute.TransactionNumbers;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.RoutedPlan;
import org.deuterium.router.plan.SessionPlan;
import org.deuterium.router.plan.ShowPlan;
import org.deuterium.router.plan.TransactionPlan;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/**
 * One ExecuteStatement of a session: planned (on this thread if the plan is remembered), run, planned again when the
 * schema moved meanwhile, answered.
 */
final class StatementRun implements StatementAnswer {

    /** How long a statement waits for its plan's schema and its partition's to become the same. */
    private static final long SCHEMA_WAIT_MILLIS = 10_000;

    /** A leader may lag behind the schema this router knows, and nobody tells the router when it has caught up. */
    private static final long FIRST_PAUSE_MILLIS = 5;

    private static final long LONGEST_PAUSE_MILLIS = 200;

    private final ClientSession session;
    private final SessionRequest request;
    private final ExecuteStatement execute;
    private SessionHandles.@Nullable PreparedText prepared;
    private String sql = "";
    private @Nullable StatementCall call;
    private TransactionNumbers numbers;
    private long plannedVersion;
    private long schemaDeadlineNanos;
    private long pauseMillis;

    /** A transaction was open and is committed before this: the client is to know that also if this fails. */
    private boolean endsTransaction;

    StatementRun(ClientSession session, SessionRequest request, ExecuteStatement execute) {
        this.session = session;
        this.request = request;
        this.execute = execute;
        this.numbers = session.parts().numbers();
    }

    void start() {
        numbers = session.parts().numbers().ofRequest(session.number(), request.correlation());
        session.transactions().requested(execute.autoCommit(), session.settings(), numbers);
        String text = execute.sql();
        if (execute.statement() != 0) {
            prepared = session.handles().statement(execute.statement());
            sql = prepared.sql();
        } else if (text != null) {
            sql = text;
        } else {
            throw new StatementFailedException(
                    ErrorCode.PROTOCOL_VIOLATION, "ExecuteStatement has neither a prepared statement nor a text");
        }
        RoutedPlan known = knownPlan();
        if (known != null) {
            run(known);
        } else {
            planOnWorker();
        }
    }

    private @Nullable RoutedPlan knownPlan() {
        SessionParts parts = session.parts();
        String schema = session.settings().schema();
        if (prepared != null) {
            RoutedPlan plan = prepared.plan(parts.catalog().version(), schema);
            if (plan != null) {
                return plan;
            }
        }
        RoutedPlan plan = parts.planner().cached(sql, schema);
        remember(plan, schema);
        return plan;
    }

    private void remember(@Nullable RoutedPlan plan, String schema) {
        if (prepared != null && plan != null) {
            prepared.remember(plan, schema);
        }
    }

    private void planOnWorker() {
        session.parts()
                .workers()
                .execute(() -> answeringFailures(() -> {
                    String schema = session.settings().schema();
                    RoutedPlan plan = session.parts().planner().plan(sql, schema);
                    remember(plan, schema);
                    run(plan);
                }));
    }

    /** Does a step whose answer comes by itself, unless the step fails. */
    private void answeringFailures(Runnable step) {
        Failure failure = ClientSession.failureOf(step);
        if (failure != null) {
            finish(failure);
        }
    }

    private void run(RoutedPlan plan) {
        plannedVersion = plan.shape().schemaVersion();
        SessionTransactions transactions = session.transactions();
        switch (plan.kind()) {
            case TRANSACTION -> transactions.run((TransactionPlan) plan, this::finish);
            case SESSION -> {
                set((SessionPlan) plan);
                request.answer(UpdateCounts.of(0));
            }
            case SCHEMA_CHANGE -> changeSchema(plan);
            case CLUSTER_CHANGE -> commitThenExecute(plan);
            case KILL -> execute(plan, null);
            case ONE_PARTITION, GATHER, CATALOG, SHOW, EXPLAIN -> {
                if (plan instanceof ShowPlan show && show.subject() == ShowPlan.Subject.SESSION_TOKEN) {
                    finish(tokenPage(show));
                    return;
                }
                if (transactions.endedBy() != null) {
                    finish(transactions.endedBy());
                } else if (!transactions.isAutoCommit()) {
                    execute(plan, transactions.join());
                } else if (transactions.current() != null) {
                    commitThenExecute(plan);
                } else {
                    execute(plan, ofStatement(plan));
                }
            }
        }
    }

    private void set(SessionPlan plan) {
        switch (plan.property()) {
            case TRANSACTION_AS_OF ->
                session.transactions().next(session.settings().moment(plan.value()));
            case TRANSACTION_READ_ONLY -> session.transactions().nextReadOnly(Boolean.parseBoolean(plan.value()));
            default -> session.settings().apply(plan);
        }
    }

    private void changeSchema(RoutedPlan plan) {
        Failure refusal = session.transactions().refusalOfChange();
        if (refusal == null) {
            commitThenExecute(plan);
        } else {
            finish(refusal);
        }
    }

    /**
     * A statement outside of a transaction needs none in the session, unless it is to see a state of the past, or one moment of
     * all partitions without locks.
     */
    private @Nullable SessionTransaction ofStatement(RoutedPlan plan) {
        return plan instanceof DataPlan ? session.transactions().ofStatement() : null;
    }

    private RowsPage tokenPage(ShowPlan plan) {
        WireWriter row = new WireWriter();
        ValueCodec.write(ValueVarchar.get(session.settings().token()), row);
        return new RowsPage(
                execute.wantColumns() ? plan.shape().columns() : null, 1, row.toByteArray(), RowsPage.NO_MORE);
    }

    /** As H2 does it: a schema change commits what is open, and so does turning autocommit on. */
    private void commitThenExecute(RoutedPlan plan) {
        endsTransaction |= session.transactions().current() != null;
        session.transactions().end(true, outcome -> {
            if (outcome instanceof Failure failure) {
                request.answer(endsTransaction ? failure.endingTransaction() : failure);
            } else {
                answeringFailures(() -> execute(plan, ofStatement(plan)));
            }
        });
    }

    private void execute(RoutedPlan plan, @Nullable SessionTransaction transaction) {
        int timeout = execute.timeoutMillis() > 0
                ? execute.timeoutMillis()
                : session.settings().queryTimeoutMillis();
        boolean wantColumns = execute.wantColumns() || (prepared != null && prepared.columnsChanged());
        StatementCall next = new StatementCall(
                execute.parameters(),
                new StatementCall.Wishes(execute.fetchSize(), execute.maxRows(), timeout, execute.keys(), wantColumns),
                contextFor(transaction),
                transaction,
                numbers,
                session.settings().reads());
        StatementCall before = call;
        if (before != null && before.isCanceled()) {
            finish(Failure.of(ErrorCode.STATEMENT_CANCELED, "The statement was canceled by the user"));
            return;
        }
        if (before != null) {
            next.goesOnFrom(before);
        }
        call = next;
        session.watch().begins(next, sql);
        session.parts().executor().execute(plan, next, this);
    }

    /** A statement outside of a transaction sees one state anyway; at SERIALIZABLE it takes its locks too. */
    private SessionContext contextFor(@Nullable SessionTransaction transaction) {
        SessionContext context = session.settings().context();
        if (transaction != null) {
            return context.with(transaction.isolation());
        }
        return context.isSerializable() ? context : context.with(Isolation.READ_COMMITTED);
    }

    @Override
    public void accept(Message answer, @Nullable OpenRows more) {
        SessionTransaction transaction = session.transactions().current();
        boolean lost = transaction != null && transaction.isLost();
        if (!lost
                && answer instanceof Failure failure
                && failure.error() == ErrorCode.STALE_SCHEMA
                && planAgainLater()) {
            return;
        }
        if (lost && more != null) {
            more.close();
        }
        if (lost || more == null) {
            finish(answer);
            return;
        }
        try {
            finish(((RowsPage) answer).withCursor(session.handles().add(more)));
        } catch (StatementFailedException e) {
            finish(e.failure());
        }
    }

    private void finish(Message reply) {
        session.watch().ends();
        SessionTransaction transaction = session.transactions().current();
        SessionTransaction lost =
                transaction != null && transaction.isLost() ? transaction : null; // asked once: others may end it
        Message answer = lost == null ? withWhatWasDone(orWhyItWasKilled(reply)) : whyItIsLost(reply, lost);
        if (endsTransaction && answer instanceof Failure failure) {
            answer = failure.endingTransaction();
        }
        Message told = answer;
        if (lost != null || (transaction != null && session.transactions().endsWithStatement())) {
            session.transactions().dropLost(() -> request.answer(told));
        } else {
            request.answer(told);
        }
    }

    /**
     * Nothing that the transaction did is left, so whatever the statement came to, its client must hear that: it would go on in
     * a transaction that begins here, and be told of a commit of both.
     */
    private Failure whyItIsLost(Message reply, SessionTransaction transaction) {
        Failure ended = transaction.endedBy();
        if (ended != null) {
            return ended;
        }
        if (!(orWhyItWasKilled(reply) instanceof Failure failure)) {
            return TransactionFailures.rolledBack(
                    transaction.id(), "one of its branches was gone when the statement was done in others");
        }
        return failure.transactionEnded() || failure.error() == ErrorCode.OUTCOME_UNKNOWN
                ? failure.endingTransaction()
                : TransactionFailures.rolledBack(transaction.id(), failure.message());
    }

    /** Who was killed hears that, not in which of its steps; unless it was done all the same. */
    private Message orWhyItWasKilled(Message reply) {
        StatementCall last = call;
        return reply instanceof Failure && last != null && last.killedBy() != null ? last.killedBy() : reply;
    }

    /** A batch of which some sets were done is never answered as one that failed as a whole. */
    private Message withWhatWasDone(Message answer) {
        StatementCall last = call;
        BatchProgress batch = last == null ? null : last.batch();
        return answer instanceof Failure failure && batch != null && batch.isBegun() ? batch.answer(failure) : answer;
    }

    /** False when the time for waiting is over. */
    private boolean planAgainLater() {
        long now = System.nanoTime();
        if (pauseMillis == 0) {
            schemaDeadlineNanos = now + TimeUnit.MILLISECONDS.toNanos(SCHEMA_WAIT_MILLIS);
            pauseMillis = FIRST_PAUSE_MILLIS;
        } else {
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        }
        if (now - schemaDeadlineNanos >= 0) {
            return false;
        }
        SessionParts parts = session.parts();
        long seen = parts.follower().changes().count();
        boolean newer = parts.catalog().version() != plannedVersion;
        parts.follower().changes().whenChanged(seen, newer ? 0 : pauseMillis, parts.workers(), this::planOnWorker);
        return true;
    }
}
