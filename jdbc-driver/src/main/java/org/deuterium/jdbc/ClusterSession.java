package org.deuterium.jdbc;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
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
 * what became of a commit, say 08007 when nobody can know. One request at a time; only {@link #cancel} and {@link #abort} may overtake it.
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

    private static final String SCHEMA = "SCHEMA";
    private static final String ISOLATION = "isolation";
    private static final String READ_ONLY = "readOnly";
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<String, String> properties;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final ClusterEntry entry;
    private volatile @Nullable NodeLink link;
    private volatile @Nullable Welcome welcome;
    private volatile boolean closed;
    private int answerTimeoutMillis;
    private @Nullable Host brokenHost;
    private int linkNumber;
    private long lastAnswerNanos;
    private @Nullable SQLException lostUntold;
    private boolean transactionOpen;

    /** The request that began the open transaction. */
    private int firstRequest;

    ClusterSession(ClusterUrl url) throws SQLException {
        entry = new ClusterEntry(url);
        properties = url.sessionProperties();
        answerTimeoutMillis = ConnectionProperty.SOCKET_TIMEOUT.millisFrom(url.properties());
        connect();
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
        NodeLink current = link;
        if (current != null && System.nanoTime() - lastAnswerNanos > IDLE_NANOS) {
            try {
                current.exchange(new Ping());
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
    }

    /** The next use asks first whether the link lives, as after a time of silence. */
    synchronized void suspectLink() {
        lastAnswerNanos = System.nanoTime() - 2 * IDLE_NANOS;
    }

    /** Sends a request; a Failure becomes its SQLException. */
    synchronized Message call(Message request, AtStake stake) throws SQLException, LinkLost {
        if (closed) {
            throw SqlExceptions.closed("connection");
        }
        SQLException untold = lostUntold;
        if (untold != null) {
            lostUntold = null;
            throw untold;
        }
        NodeLink current = ready();
        Welcome node = welcome();
        int first = transactionOpen ? firstRequest : current.nextRequest();
        Message answer;
        try {
            answer = current.exchange(request);
        } catch (OversizedMessageException e) {
            throw SqlExceptions.of(ErrorCode.MESSAGE_TOO_LARGE, e.getMessage() == null ? "" : e.getMessage(), e);
        } catch (IOException e) {
            drop(current);
            if (stake == AtStake.COMMIT && !closed) {
                return new LostCommit(TransactionId.of(node.origin(), node.session(), first, 0), request, e)
                        .answer(this::askElsewhere);
            }
            throw afterLoss(current, stake, e);
        }
        lastAnswerNanos = System.nanoTime();
        if (answer instanceof Failure failure) {
            if (failure.transactionEnded()) {
                transactionOpen = false;
            }
            throw SqlExceptions.of(failure);
        }
        return answer;
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
        properties.put(property, value);
        settings.remove(settingKey(property));
    }

    /** The same for all ways to write a setting's name (READ_PREFERENCE, readPreference), but for H2's variables. */
    static String settingKey(String name) {
        return name.startsWith("@") ? name : name.replaceAll("[_ ]", "").toUpperCase(Locale.ROOT);
    }

    /** A SET that worked: what is to be said again to the next node, so that the session is the same there. */
    synchronized void rememberSetting(String sql) {
        String name = StatementKind.settingName(sql);
        int level = name.equals("SESSION CHARACTERISTICS") ? StatementKind.isolationLevel(sql) : 0;
        Boolean onlyReads = name.equals("SESSION CHARACTERISTICS") ? StatementKind.readOnly(sql) : null;
        if (level != 0) {
            properties.put(ISOLATION, Integer.toString(level));
        } else if (onlyReads != null) {
            properties.put(READ_ONLY, onlyReads.toString());
        } else if (name.equals(SCHEMA)) {
            properties.put("schema", StatementKind.settingValue(sql));
        } else {
            settings.remove(settingKey(name)); // what was said last is said again last
            settings.put(settingKey(name), sql);
        }
    }

    /** As it was set last, in whatever way; a number of {@link java.sql.Connection}. */
    synchronized int isolation() {
        String level = properties.get(ISOLATION);
        return level == null ? Connection.TRANSACTION_READ_COMMITTED : Integer.parseInt(level);
    }

    synchronized void isolation(int level) throws SQLException {
        if (level != isolation()) {
            change(ISOLATION, Integer.toString(level));
        }
    }

    /** As it was set last, in whatever way. */
    synchronized boolean isReadOnly() {
        return Boolean.parseBoolean(properties.get(READ_ONLY));
    }

    synchronized void readOnly(boolean value) throws SQLException {
        if (value != isReadOnly()) {
            change(READ_ONLY, Boolean.toString(value));
        }
    }

    synchronized String schema() {
        return properties.getOrDefault("schema", "PUBLIC");
    }

    synchronized void sayLater(CloseHandle close, int onLink) {
        NodeLink current = link;
        if (current != null && onLink == linkNumber) {
            current.sayLater(close);
        }
    }

    synchronized boolean isValid(int timeoutMillis) {
        if (closed) {
            return false;
        }
        int usual = answerTimeoutMillis;
        boolean inTransaction = transactionOpen;
        try {
            setAnswerTimeout(timeoutMillis == 0 ? usual : timeoutMillis);
            return ask(new Ping()) instanceof Done;
        } catch (SQLException e) {
            if (inTransaction && !transactionOpen) {
                lostUntold = e; // "not valid" does not say that the transaction is gone: what comes next must
            }
            return false;
        } finally {
            answerTimeoutMillis = usual;
            restoreAnswerTimeout();
        }
    }

    private void restoreAnswerTimeout() {
        NodeLink current = link;
        try {
            if (current != null) {
                current.setAnswerTimeout(answerTimeoutMillis);
            }
        } catch (IOException e) {
            drop(current);
        }
    }

    synchronized void setAnswerTimeout(int millis) throws SQLException {
        answerTimeoutMillis = millis;
        NodeLink current = link;
        try {
            if (current != null) {
                current.setAnswerTimeout(millis);
            }
        } catch (IOException e) {
            throw SqlExceptions.broken("the connection is broken: " + e.getMessage(), e);
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
        try (NodeLink other = NodeLink.open(current.host(), entry.connectTimeoutMillis())) {
            other.setAnswerTimeout(entry.connectTimeoutMillis());
            other.exchange(new CancelStatement(known.session(), known.cancelKey()));
        } catch (IOException e) {
            throw SqlExceptions.broken(
                    "the statement could not be cancelled: " + current.host() + ": " + e.getMessage(), e);
        }
    }

    void abort() {
        closed = true;
        NodeLink current = link;
        if (current != null) {
            current.close();
        }
    }

    synchronized void close() throws SQLException {
        if (closed) {
            return;
        }
        try {
            if (link != null) {
                endTransaction(false);
            }
        } finally {
            closed = true;
            NodeLink current = link;
            if (current != null) {
                drop(current);
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
        if (closed) {
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
            return other.exchange(question);
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
        Map<String, String> hello = new LinkedHashMap<>(properties);
        if (linkNumber > 0) {
            hello.put("resumed", "true"); // what the session has seen and done was known to its router only
        }
        ClusterEntry.Greeted greeted = entry.enter(hello, brokenHost, answerTimeoutMillis);
        NodeLink fresh = greeted.link();
        link = fresh;
        welcome = greeted.welcome();
        brokenHost = null;
        linkNumber++;
        lastAnswerNanos = System.nanoTime();
        for (String sql : settings.values()) {
            say(fresh, sql);
        }
        return fresh;
    }

    private void say(NodeLink fresh, String sql) throws SQLException {
        try {
            Message answer = fresh.exchange(
                    new ExecuteStatement(0, sql, ParameterRows.NONE, true, 0, 0, 0, KeysWanted.NONE, false));
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
