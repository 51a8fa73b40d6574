package org.deuterium.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deuterium.jdbc.ClusterSession.AtStake;
import org.deuterium.jdbc.ClusterUrl.Host;
import org.deuterium.wire.Message;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.Welcome;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** The way into the cluster: finds, among the hosts of the URL, a node that welcomes the session. */
final class ClusterEntry {

    private static final int LONGEST_LIFE_SIGN_MILLIS = 10_000;
    private static final int USUAL_PATIENCE_MILLIS = 5_000;

    private final ClusterUrl url;
    private final int connectTimeoutMillis;
    private final int heartbeatMillis;
    private final boolean preferLeader;
    private final OpenSockets sockets;

    /** A link whose node has said who it is. */
    record Greeted(NodeLink link, Welcome welcome) {}

    /** The node answers, but does not take sessions at the moment. */
    private static final class NotNow extends Exception {

        private static final long serialVersionUID = 1L;

        NotNow(String message) {
            super(message);
        }
    }

    /** @param sockets where the session's sockets are known, so that it can be given up at any time */
    ClusterEntry(ClusterUrl url, OpenSockets sockets) throws SQLException {
        this.url = url;
        this.sockets = sockets;
        connectTimeoutMillis = ConnectionProperty.CONNECT_TIMEOUT.millisFrom(url.properties());
        heartbeatMillis = ConnectionProperty.HEARTBEAT.millisFrom(url.properties());
        preferLeader = ConnectionProperty.PREFER_LEADER.booleanFrom(url.properties());
    }

    /** How soon a living node answers what needs no work. */
    int lifeSignMillis() {
        return connectTimeoutMillis == 0 ? LONGEST_LIFE_SIGN_MILLIS : connectTimeoutMillis;
    }

    /** How long somebody who wants to be gone waits for a node. */
    int patienceMillis() {
        return heartbeatMillis == 0 ? USUAL_PATIENCE_MILLIS : heartbeatMillis;
    }

    /**
     * When the node should long have said that it stopped the statement, whose time is over; none if it has no timeout.
     * Only for a single plain read: a node counts the time anew for each set of a batch, and not at all while a write waits
     * for a leader or a schema change for the partitions, and to cut those off would lose what is being done.
     */
    Deadline overdue(Message request, AtStake stake) {
        return stake == AtStake.NOTHING
                        && request instanceof ExecuteStatement execute
                        && execute.timeoutMillis() > 0
                        && execute.parameters().sets() <= 1
                ? Deadline.inMillis((long) execute.timeoutMillis() + patienceMillis())
                : Deadline.NONE;
    }

    /** Asks the node of a link that is in use whether it lives. */
    boolean lives(@Nullable NodeLink used, Deadline by) {
        if (used == null) {
            return false;
        }
        try {
            NodeLink.askForLife(used.host(), Deadline.inMillis(lifeSignMillis()).orEarlier(by), sockets);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Logs in at the first host that answers, and moves once to the leader of the home partition if that is another
     * node, so that plain tables cost one hop.
     *
     * @param lastToTry the host that has just failed, or null
     * @param by when the attempts end
     */
    Greeted enter(Map<String, String> properties, @Nullable Host lastToTry, Deadline by) throws SQLException {
        List<String> reasons = new ArrayList<>();
        IOException last = null;
        for (Host host : inOrder(lastToTry)) {
            if (by.isOver()) {
                reasons.add(host + ": no time was left to try it");
                continue;
            }
            try {
                Greeted chosen = atLeader(greet(host, properties, by), properties, by);
                chosen.link().watch(heartbeatMillis, lifeSignMillis());
                return chosen;
            } catch (IOException e) {
                reasons.add(host + ": " + (e.getMessage() == null ? e : e.getMessage()));
                last = e;
            } catch (NotNow e) {
                reasons.add(host + ": " + e.getMessage());
            }
        }
        throw SqlExceptions.broken("no host of the URL can be reached (" + String.join("; ", reasons) + ")", last);
    }

    private List<Host> inOrder(@Nullable Host lastToTry) {
        List<Host> hosts = new ArrayList<>(url.hosts());
        if (lastToTry != null && hosts.remove(lastToTry)) {
            hosts.add(lastToTry);
        }
        return hosts;
    }

    private Greeted greet(Host host, Map<String, String> properties, Deadline by)
            throws IOException, SQLException, NotNow {
        NodeLink opened = NodeLink.open(host, by.orEarlier(Deadline.inMillis(connectTimeoutMillis)), sockets);
        boolean welcomed = false;
        try {
            Message answer = opened.exchange(
                    new Hello(Hello.PROTOCOL_VERSION, url.database(), url.user(), url.password(), properties),
                    by.orEarlier(Deadline.inMillis(connectTimeoutMillis)));
            if (answer instanceof Failure failure) {
                if (failure.error().retryable()) {
                    throw new NotNow(failure.message());
                }
                throw SqlExceptions.of(failure);
            }
            if (!(answer instanceof Welcome welcome)) {
                throw new IOException("the answer to the log-in is a "
                        + answer.getClass().getSimpleName() + ", not a welcome; is it a Deuterium node?");
            }
            welcomed = true;
            return new Greeted(opened, welcome);
        } finally {
            if (!welcomed) {
                opened.close();
            }
        }
    }

    private Greeted atLeader(Greeted first, Map<String, String> properties, Deadline by) {
        String leader = first.welcome().homeLeader();
        Host there = preferLeader && leader != null ? Host.parse(leader) : null;
        if (there == null || first.link().isAt(there)) {
            return first;
        }
        try {
            Greeted second = greet(there, properties, by);
            first.link().close();
            return second;
        } catch (IOException | NotNow | SQLException e) {
            // The first node serves as well, at one hop more.
            return first;
        }
    }
}
