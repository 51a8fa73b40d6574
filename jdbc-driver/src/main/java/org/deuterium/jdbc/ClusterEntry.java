package org.deuterium.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deuterium.jdbc.ClusterUrl.Host;
import org.deuterium.wire.Message;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.Welcome;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** The way into the cluster: finds, among the hosts of the URL, a node that welcomes the session. */
final class ClusterEntry {

    private final ClusterUrl url;
    private final int connectTimeoutMillis;
    private final boolean preferLeader;

    /** A link whose node has said who it is. */
    record Greeted(NodeLink link, Welcome welcome) {}

    /** The node answers, but does not take sessions at the moment. */
    private static final class NotNow extends Exception {

        private static final long serialVersionUID = 1L;

        NotNow(String message) {
            super(message);
        }
    }

    ClusterEntry(ClusterUrl url) throws SQLException {
        this.url = url;
        connectTimeoutMillis = ConnectionProperty.CONNECT_TIMEOUT.millisFrom(url.properties());
        preferLeader = ConnectionProperty.PREFER_LEADER.booleanFrom(url.properties());
    }

    int connectTimeoutMillis() {
        return connectTimeoutMillis;
    }

    /**
     * Logs in at the first host that answers, and moves once to the leader of the home partition if that is another
     * node, so that plain tables cost one hop.
     *
     * @param lastToTry the host that has just failed, or null
     */
    Greeted enter(Map<String, String> properties, @Nullable Host lastToTry, int answerTimeoutMillis)
            throws SQLException {
        List<String> reasons = new ArrayList<>();
        IOException last = null;
        for (Host host : inOrder(lastToTry)) {
            try {
                Greeted chosen = atLeader(greet(host, properties), properties);
                chosen.link().setAnswerTimeout(answerTimeoutMillis);
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

    private Greeted greet(Host host, Map<String, String> properties) throws IOException, SQLException, NotNow {
        NodeLink opened = NodeLink.open(host, connectTimeoutMillis);
        boolean welcomed = false;
        try {
            opened.setAnswerTimeout(connectTimeoutMillis);
            Message answer = opened.exchange(
                    new Hello(Hello.PROTOCOL_VERSION, url.database(), url.user(), url.password(), properties));
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

    private Greeted atLeader(Greeted first, Map<String, String> properties) {
        String leader = first.welcome().homeLeader();
        Host there = preferLeader && leader != null ? Host.parse(leader) : null;
        if (there == null || first.link().isAt(there)) {
            return first;
        }
        try {
            Greeted second = greet(there, properties);
            first.link().close();
            return second;
        } catch (IOException | NotNow | SQLException e) {
            // The first node serves as well, at one hop more.
            return first;
        }
    }
}
