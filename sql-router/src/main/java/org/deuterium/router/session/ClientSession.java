package org.deuterium.router.session;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.execute.OpenRows;
import org.deuterium.router.execute.SessionOutcome;
import org.deuterium.router.execute.SessionTransaction;
import org.deuterium.router.execute.StatementFailedException;
import org.deuterium.router.plan.RoutedPlan;
import org.deuterium.router.plan.SessionPlan;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.MessageConnection;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.client.AskTransaction;
import org.deuterium.wire.client.ChangeSession;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.DescribeCatalog;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.FetchRows;
import org.deuterium.wire.client.Ping;
import org.deuterium.wire.client.PrepareStatement;
import org.deuterium.wire.client.StatementPrepared;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a client. Its messages are done strictly one at a time in their order; whoever ends one (the event
 * loop, a worker, an applier of this node) hands the session's state on to the next. When the client is gone, what it
 * was doing is stopped and rolled back.
 */
final class ClientSession implements ConnectionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);
    private static final Message DONE = new Done();

    private final SessionParts parts;
    private final MessageConnection connection;
    private final long number;
    private final long cancelKey;
    private final Runnable whenClosed;

    /** The turn: event loop only. */
    private final Deque<SessionRequest> waiting = new ArrayDeque<>();

    private boolean busy;
    private boolean closed;

    /** The rest belongs to the request whose turn it is. */
    private final SessionSettings settings;

    private final SessionHandles handles;
    private final SessionTransactions transactions;
    private final SessionWatch watch;

    /** @param whenClosed called once when the client is gone */
    ClientSession(
            SessionParts parts,
            MessageConnection connection,
            long number,
            long cancelKey,
            String user,
            Runnable whenClosed) {
        this.parts = parts;
        this.connection = connection;
        this.number = number;
        this.cancelKey = cancelKey;
        this.whenClosed = whenClosed;
        this.handles = new SessionHandles(parts.limits());
        SessionReads reads = new SessionReads(parts.followerWaitMillis());
        this.settings = new SessionSettings(reads, parts.view().clusterId(), parts.idleTransactionMillis());
        this.transactions = new SessionTransactions(parts.leaders(), parts.numbers(), reads.progress());
        this.watch = new SessionWatch(this, user);
    }

    /** The session's number at this router. */
    long number() {
        return number;
    }

    SessionParts parts() {
        return parts;
    }

    MessageConnection connection() {
        return connection;
    }

    SessionSettings settings() {
        return settings;
    }

    SessionHandles handles() {
        return handles;
    }

    SessionTransactions transactions() {
        return transactions;
    }

    boolean hasCancelKey(long key) {
        return cancelKey == key;
    }

    /** What others see of the session, and how they stop what it does. Any thread. */
    SessionWatch watch() {
        return watch;
    }

    /** Event loop. Ends a transaction that its client has left alone, unless it comes back just now. */
    void endIfIdle(SessionTransaction idle, Failure reason) {
        if (!busy && idle == transactions.current()) {
            idle.endBy(reason);
            idle.rollback(done -> {});
        }
    }

    /** Event loop. Rolls back what the system has ended, if the client does nothing now: it hears of it with its next request. */
    void rollBackIfIdle(SessionTransaction ended) {
        if (!busy && ended == transactions.current()) {
            ended.rollback(done -> {});
        }
    }

    @Override
    public void onMessage(MessageConnection from, int correlation, Message message) {
        SessionRequest request = new SessionRequest(this, correlation, message);
        if (!busy) {
            busy = true;
            work(request);
        } else if (waiting.size() < parts.limits().waitingMessages()) {
            waiting.add(request);
        } else {
            from.refuse(
                    correlation,
                    ErrorCode.LIMIT_EXCEEDED,
                    waiting.size() + " messages wait to be done; read the answers before sending more");
        }
    }

    /** Does one request after another until one stays open. */
    private void work(SessionRequest first) {
        SessionRequest request = first;
        while (request != null) {
            SessionRequest current = request;
            Failure failure = failureOf(() -> dispatch(current));
            if (failure != null) {
                current.answer(failure);
            }
            request = request.staysOpen() ? null : takeNext();
        }
    }

    /** Called on the event loop when a request ended that its dispatcher had left. */
    void requestEnded() {
        SessionRequest next = takeNext();
        if (next != null) {
            work(next);
        }
    }

    private @Nullable SessionRequest takeNext() {
        if (closed) {
            release();
            return null;
        }
        watch.rests();
        SessionRequest next = waiting.poll();
        busy = next != null;
        return next;
    }

    private void dispatch(SessionRequest request) {
        Message message = request.message();
        if (message instanceof ExecuteStatement execute) {
            new StatementRun(this, request, execute).start();
        } else if (message instanceof FetchRows fetch) {
            fetch(fetch, request);
        } else if (message instanceof CloseHandle close) {
            close(close);
            request.end();
        } else if (message instanceof EndTransaction end) {
            transactions.end(end.commit(), request::answer);
        } else if (message instanceof PrepareStatement prepare) {
            prepare(prepare, request);
        } else if (message instanceof AskTransaction question) {
            SessionOutcome.ask(
                    parts.leaders(), question.from(), settings.reads().progress(), request::answer);
        } else if (message instanceof Ping) {
            request.answer(DONE);
        } else if (message instanceof ChangeSession change) {
            onWorker(request, () -> {
                change(change.property(), change.value());
                return DONE;
            });
        } else if (message instanceof DescribeCatalog describe) {
            onWorker(request, () -> parts.catalog().describe(describe));
        } else {
            throw new StatementFailedException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "A session understands no " + message.getClass().getSimpleName());
        }
    }

    private void close(CloseHandle close) {
        if (close.cursor()) {
            handles.closeCursor(close.handle());
        } else {
            handles.closeStatement(close.handle());
        }
    }

    private void fetch(FetchRows fetch, SessionRequest request) {
        OpenRows rows = handles.cursor(fetch.cursor());
        rows.fetch(fetch.count(), reply -> {
            boolean more = reply instanceof RowsPage page && page.cursor() != RowsPage.NO_MORE;
            if (more) {
                request.answer(((RowsPage) reply).withCursor(fetch.cursor()));
            } else {
                handles.forgetCursor(fetch.cursor());
                request.answer(reply);
            }
        });
    }

    private void prepare(PrepareStatement prepare, SessionRequest request) {
        RoutedPlan known = parts.planner().cached(prepare.sql(), settings.schema());
        if (known != null) {
            request.answer(prepared(prepare.sql(), known));
        } else {
            onWorker(request, () -> prepared(prepare.sql(), parts.planner().plan(prepare.sql(), settings.schema())));
        }
    }

    private Message prepared(String sql, RoutedPlan plan) {
        StatementShape shape = plan.shape();
        SessionHandles.PreparedText text = new SessionHandles.PreparedText(sql, shape.columns());
        text.remember(plan, settings.schema());
        return new StatementPrepared(handles.add(text), shape.query(), shape.parameters(), shape.columns());
    }

    /** Sets a property of the session; blocks for a schema. */
    void change(String property, String value) {
        if (property.equals("schema")) {
            String quoted = "\"" + value.replace("\"", "\"\"") + "\"";
            settings.apply((SessionPlan) parts.planner().plan("SET SCHEMA " + quoted, settings.schema()));
        } else {
            settings.apply(property, value);
        }
    }

    /** Work that blocks and gives the answer, or throws why there is none. */
    interface Work {
        Message run();
    }

    private void onWorker(SessionRequest request, Work work) {
        parts.workers().execute(() -> {
            Failure failure = failureOf(() -> request.answer(work.run()));
            if (failure != null) {
                request.answer(failure);
            }
        });
    }

    /** Does something; if it goes wrong, what the client is told of it. */
    static @Nullable Failure failureOf(Runnable step) {
        try {
            step.run();
            return null;
        } catch (StatementFailedException e) {
            return e.failure();
        } catch (StatementRefusedException e) {
            return e.failure();
        } catch (RejectedExecutionException e) {
            return Failure.of(ErrorCode.NOT_READY, "This node is stopping or has too much to do; try another one");
        } catch (RuntimeException | Error e) {
            LOG.error("a request failed", e);
            return Failure.of(ErrorCode.INTERNAL_ERROR, "The request failed here: " + e);
        }
    }

    @Override
    public void onClosed(MessageConnection from, @Nullable Throwable cause) {
        closed = true;
        waiting.clear();
        whenClosed.run();
        if (busy) {
            watch.clientGone();
        } else {
            release();
        }
    }

    /** The client is gone and nothing runs: its branches are rolled back, so that their locks are free. */
    private void release() {
        handles.closeAll();
        transactions.end(false, done -> {});
    }
}
