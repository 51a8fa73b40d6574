package org.deuterium.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.deuterium.jdbc.ClusterUrl.Host;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.OversizedMessageException;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.client.AskTransaction;
import org.deuterium.wire.client.CancelStatement;
import org.deuterium.wire.client.ChangeSession;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.FetchRows;
import org.deuterium.wire.client.Ping;
import org.deuterium.wire.client.Welcome;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;

/**
 * A connection's session with the cluster, on whichever node it is now. Decides what happens when a link breaks: go on
 * at another node when nothing can have been lost, say 40001 when a transaction was surely rolled back, ask another node
 * what became of a commit, say 08007 when nobody can know. One request at a time; {@link #cancel}, {@link #abort},
 * {@link #close}, {@link #isValid}, {@link #sayLater} and {@link #setAnswerTimeout} overtake it.
 */
final class ClusterSession {

    /** What a broken link leaves behind, for the request that was sent on it. */
    enum AtStake {
        /** Reads only: may be asked again elsewhere. */
        NOTHING,
        /** Part of the open transaction, which a node rolls back when its client is gone. */
        OPEN_TRANSACTION,
        /** A transaction that may have been committed or not: other nodes can say. */
        COMMIT,
        /** May have happened or not. */
        OUTCOME
    }

    /** The link broke, nothing is lost, and the same request may be sent again after {@link #ready}. */
    static final class LinkLost extends Exception {

        private static final long serialVersionUID = 1L;

        LinkLost(IOException cause) {
            super(cause);
        }
    }

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A node that is asked what became of a commit waits itself for the partitions' leaders, and for what they find out. */
    private static final int OUTCOME_MILLIS = 30_000;

    private final SessionMemory memory;
    private final ClusterEntry entry;
    private volatile @Nullable NodeLink link;
    private volatile @Nullable Welcome welcome;
    private final OpenSockets sockets = new OpenSockets();
    private volatile boolean closed;
    private volatile int answerTimeoutMillis;

    /** Who waits for a node, or is about to; the others overtake it. */
    private volatile @Nullable Thread working;

    /** Requests and attempts to connect end here, whatever their own limits are. */
    private Deadline limit = Deadline.NONE;

    private @Nullable Host brokenHost;
    private volatile int linkNumber;
    private long lastAnswerNanos;
    private @Nullable SQLException lostUntold;
    private boolean transactionOpen;

    /** The request that began the open transaction. */
    private int firstRequest;

    /** @param by when the attempts to connect end */
    ClusterSession(ClusterUrl url, Deadline by) throws SQLException {
        entry = new ClusterEntry(url, sockets);
        memory = new SessionMemory(url.sessionProperties());
        answerTimeoutMillis = ConnectionProperty.SOCKET_TIMEOUT.millisFrom(url.properties());
        limit = by;
        connect();
        limit = Deadline.NONE;
    }

    SessionMemory memory() {
        return memory;
    }

    boolean isClosed() {
        return closed;
    }

    /** Rises with every new link; cursors and prepared statements of an earlier one are gone. */
    int linkNumber() {
        return linkNumber;
    }

    boolean isTransactionOpen() {
        return transactionOpen;
    }

    Welcome welcome() {
        Welcome known = welcome;
        if (known == null) {
            throw new IllegalStateException("a session is only handed out after a node has welcomed it");
        }
        return known;
    }

    /** The next request belongs to the transaction that is open, or begins one. */
    void beginTransaction() {
        NodeLink current = link;
        if (!transactionOpen && current != null) {
            firstRequest = current.nextRequest();
        }
        transactionOpen = true;
    }

    /** The server has committed what was open: what comes next is another transaction, to be asked for under its own number. */
    void committedByServer() {
        transactionOpen = false;
    }

    /**
     * Makes sure that there is a link, a living one if it was idle for some time: a node that died in the meantime is
     * noticed while nothing is in doubt.
     */
    synchronized NodeLink ready() throws SQLException {
        Thread outer = beginsWork();
        try {
            NodeLink current = link;
            if (current != null && System.nanoTime() - lastAnswerNanos > IDLE_NANOS) {
                try {
                    current.exchange(new Ping(), limit.orEarlier(Deadline.inMillis(entry.lifeSignMillis())));
                    lastAnswerNanos = System.nanoTime();
                } catch (IOException e) {
                    drop(current);
                    current = null;
                    if (transactionOpen) {
                        throw transactionLost(e);
                    }
                }
            }
            return current != null ? current : connect();
        } finally {
            working = outer;
        }
    }

    /** From here on {@link #close} does not wait for this thread; gives who was here before. */
    private @Nullable Thread beginsWork() throws SQLException {
        Thread outer = working;
        working = Thread.currentThread();
        if (closed) {
            working = outer;
            throw SqlExceptions.closed("connection");
        }
        return outer;
    }

    /** True if another thread has a request under way. */
    private boolean isBusy() {
        Thread busy = working;
        return busy != null && busy != Thread.currentThread();
    }

    /** The next use asks first whether the link lives, as after a time of silence. */
    synchronized void suspectLink() {
        lastAnswerNanos = System.nanoTime() - 2 * IDLE_NANOS;
    }

    /** Sends a request; a Failure becomes its SQLException. */
    synchronized Message call(Message request, AtStake stake) throws SQLException, LinkLost {
        Thread outer = beginsWork();
        try {
            SQLException untold = lostUntold;
            if (untold != null) {
                lostUntold = null;
                throw untold;
            }
            return answered(send(request, stake));
        } finally {
            working = outer;
        }
    }

    private Message answered(Message answer) throws SQLException {
        if (answer instanceof Failure failure) {
            if (failure.transactionEnded()) {
                transactionOpen = false;
            }
            throw SqlExceptions.of(failure);
        }
        return answer;
    }

    private Message send(Message request, AtStake stake) throws SQLException, LinkLost {
        NodeLink current = ready();
        Welcome node = welcome();
        int first = transactionOpen ? firstRequest : current.nextRequest();
        Deadline overdue = entry.overdue(request, stake);
        try {
            Message answer = current.exchange(request, limit.orEarlier(overdue));
            lastAnswerNanos = System.nanoTime();
            return answer;
        } catch (OversizedMessageException e) {
            throw SqlExceptions.of(ErrorCode.MESSAGE_TOO_LARGE, e.getMessage() == null ? "" : e.getMessage(), e);
        } catch (IOException e) {
            drop(current);
            if (stake == AtStake.COMMIT && !closed) {
                return new LostCommit(TransactionId.of(node.origin(), node.session(), first, 0), request, e)
                        .answer(this::askElsewhere);
            }
            if (!closed && overdue.isOver()) {
                transactionOpen = false;
                throw SqlExceptions.of(
                        ErrorCode.STATEMENT_CANCELED,
                        "the statement was not done within its query timeout, and " + current.host()
                                + " did not say that it stopped it: the connection to it was given up",
                        e);
            }
            throw afterLoss(current, stake, e);
        }
    }

    /** As {@link #call}, for what reads only: asked once more at another node if the link breaks. */
    synchronized Message ask(Message request) throws SQLException {
        try {
            return call(request, transactionOpen ? AtStake.OPEN_TRANSACTION : AtStake.NOTHING);
        } catch (LinkLost first) {
            try {
                return call(request, AtStake.NOTHING);
            } catch (LinkLost second) {
                throw lostTwice(second);
            }
        }
    }

    static SQLException lostTwice(LinkLost lost) {
        return SqlExceptions.of(
                ErrorCode.CONNECTION_BROKEN,
                "the connection broke twice while the same request was running; nothing was changed by it",
                lost);
    }

    synchronized RowsPage fetch(long cursor, int count, int onLink) throws SQLException {
        if (onLink != linkNumber || link == null) {
            throw SqlExceptions.broken(
                    "the rest of this result is lost: its connection broke; run the query again", null);
        }
        try {
            AtStake stake = transactionOpen ? AtStake.OPEN_TRANSACTION : AtStake.NOTHING;
            return (RowsPage) call(new FetchRows(cursor, count), stake);
        } catch (LinkLost e) {
            throw SqlExceptions.of(
                    ErrorCode.CONNECTION_BROKEN,
                    "the rest of this result is lost: the connection broke; run the query again",
                    e);
        }
    }

    synchronized void endTransaction(boolean commit) throws SQLException {
        if (!transactionOpen) {
            SQLException untold = lostUntold;
            lostUntold = null;
            if (commit && untold != null) {
                throw untold;
            }
            return;
        }
        try {
            call(new EndTransaction(commit), commit ? AtStake.COMMIT : AtStake.NOTHING);
        } catch (LinkLost e) {
            assert !commit : "a commit in flight is never simply lost";
            // a node rolls back by itself when its client is gone
        } finally {
            transactionOpen = false;
        }
    }

    synchronized void change(String property, String value) throws SQLException {
        ask(new ChangeSession(property, value));
        memory.changed(property, value);
    }

    /** With the next request, if that goes over the same link. */
    void sayLater(CloseHandle close, int onLink) {
        NodeLink current = link;
        if (current != null && current.number() == onLink) {
            current.sayLater(close);
        }
    }

    /** Never takes longer than it may. Whose session is at work for another thread is valid if its node lives. */
    boolean isValid(int timeoutMillis) {
        if (closed) {
            return false;
        }
        Deadline by = Deadline.inMillis(timeoutMillis == 0 ? answerTimeoutMillis : timeoutMillis);
        if (isBusy()) {
            return entry.lives(link, by);
        }
        synchronized (this) {
            if (lostUntold != null) {
                return false; // to be told to who works, by what comes next
            }
            boolean inTransaction = transactionOpen;
            limit = by;
            try {
                return ask(new Ping()) instanceof Done;
            } catch (SQLException e) {
                if (inTransaction && !transactionOpen) {
                    lostUntold = e; // "not valid" does not say that the transaction is gone: what comes next must
                }
                return false;
            } finally {
                limit = Deadline.NONE;
            }
        }
    }

    void setAnswerTimeout(int millis) {
        answerTimeoutMillis = millis;
        NodeLink current = link;
        if (current != null) {
            current.setAnswerTimeout(millis);
        }
    }

    int answerTimeoutMillis() {
        return answerTimeoutMillis;
    }

    /** Stops what the session is running, over a connection of its own. */
    void cancel() throws SQLException {
        NodeLink current = link;
        Welcome known = welcome;
        if (current == null || known == null) {
            return;
        }
        Deadline by = Deadline.inMillis(entry.lifeSignMillis());
        try (NodeLink other = NodeLink.open(current.host(), by, new OpenSockets())) {
            other.exchange(new CancelStatement(known.session(), known.cancelKey()), by);
        } catch (IOException e) {
            throw SqlExceptions.broken(
                    "the statement could not be cancelled: " + current.host() + ": " + e.getMessage(), e);
        }
    }

    void abort() {
        closed = true;
        sockets.closeAll();
    }

    /**
     * Rolls back what is open, and ends. What another thread runs is not waited for: its link is cut, as {@link #abort} does
     * it. Nor is a node that says nothing: it rolls back when it sees that its client is gone.
     */
    void close() {
        closed = true; // who begins to work from now on sees it, and who began before is seen here
        if (isBusy()) {
            sockets.closeAll();
            return;
        }
        synchronized (this) {
            NodeLink current = link;
            try {
                if (current != null && transactionOpen) {
                    current.exchange(new EndTransaction(false), Deadline.inMillis(entry.patienceMillis()));
                }
            } catch (IOException e) {
                // A node rolls back by itself when its client is gone, and from here on it is.
                assert closed : e;
            } finally {
                transactionOpen = false;
                sockets.closeAll();
                link = null;
            }
        }
    }

    private void drop(NodeLink broken) {
        broken.close();
        if (link == broken) {
            link = null;
            brokenHost = broken.host();
        }
    }

    private SQLException afterLoss(NodeLink broken, AtStake stake, IOException e) throws LinkLost {
        if (closed && (stake == AtStake.NOTHING || stake == AtStake.OPEN_TRANSACTION)) {
            return SqlExceptions.closed("connection");
        }
        switch (stake) {
            case OPEN_TRANSACTION:
                return transactionLost(e);
            case COMMIT, OUTCOME:
                transactionOpen = false;
                return SqlExceptions.of(
                        ErrorCode.OUTCOME_UNKNOWN,
                        "the connection to " + broken.host() + " broke (" + e.getMessage()
                                + ") after the request was sent: it may or may not have been done; look for its effect"
                                + " before you do it again",
                        e);
            case NOTHING:
                transactionOpen =
                        false; // it begins with whatever is sent next, and is to be asked for under that number
                throw new LinkLost(e);
        }
        throw new IllegalStateException("no rule for " + stake);
    }

    /** Asks another node about the transaction that was under way; null if none can be reached. */
    private @Nullable Message askElsewhere(AskTransaction question) {
        transactionOpen = false;
        NodeLink other = null;
        try {
            other = ready();
            return other.exchange(question, limit.orEarlier(Deadline.inMillis(OUTCOME_MILLIS)));
        } catch (IOException e) {
            drop(other);
            return null;
        } catch (SQLException e) {
            return null;
        }
    }

    private SQLException transactionLost(IOException e) {
        transactionOpen = false;
        return SqlExceptions.of(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                "the connection broke (" + e.getMessage()
                        + ") in the middle of the transaction, which was rolled back; run the transaction again",
                e);
    }

    private NodeLink connect() throws SQLException {
        Map<String, String> hello = memory.properties();
        if (linkNumber > 0) {
            hello.put("resumed", "true"); // what the session has seen and done was known to its router only
        }
        ClusterEntry.Greeted greeted = entry.enter(hello, brokenHost, limit);
        NodeLink fresh = greeted.link();
        fresh.setNumber(linkNumber + 1);
        link = fresh;
        fresh.setAnswerTimeout(answerTimeoutMillis);
        welcome = greeted.welcome();
        brokenHost = null;
        linkNumber++;
        lastAnswerNanos = System.nanoTime();
        for (String sql : memory.settings()) {
            say(fresh, sql);
        }
        return fresh;
    }

    private void say(NodeLink fresh, String sql) throws SQLException {
        try {
            Message answer = fresh.exchange(
                    new ExecuteStatement(0, sql, ParameterRows.NONE, true, 0, 0, 0, KeysWanted.NONE, false), limit);
            if (answer instanceof Failure failure) {
                drop(fresh);
                throw SqlExceptions.of(failure);
            }
        } catch (IOException e) {
            drop(fresh);
            throw SqlExceptions.broken("the connection broke while it was set up: " + e.getMessage(), e);
        }
    }
}
