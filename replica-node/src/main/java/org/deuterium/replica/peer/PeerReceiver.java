package org.deuterium.replica.peer;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.deuterium.replica.host.NodeHost;
import org.deuterium.replica.service.PartitionService;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.EventLoops;
import org.deuterium.transport.MessageConnection;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.OversizedMessageException;
import org.deuterium.wire.partition.DescribeDigests;
import org.deuterium.wire.partition.DescribeReplicas;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.replication.PeerHello;
import org.deuterium.wire.replication.ProbeNode;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.SilentLeader;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Listens to one connection another node has made: its router's requests, its replicas' messages, its controller's
 * questions. When it closes, the transactions begun over it are rolled back: their router is gone, or starts anew.
 */
public final class PeerReceiver implements ConnectionHandler {

    private final NodeId peer;
    private final NodeHost host;
    private final PartitionService service;
    private final PeerHealth health;

    /** Origins of transactions that came over this connection; nearly always one. */
    private final Set<Long> origins = new HashSet<>();

    private long lastOrigin;

    /** Set before the service hears of the end: a request that waited so long must not open a branch after it. */
    private volatile boolean closed;

    private PeerReceiver(NodeId peer, NodeHost host, PartitionService service, PeerHealth health) {
        this.peer = peer;
        this.host = host;
        this.service = service;
        this.health = health;
    }

    /** Takes over a connection whose first message was a node's greeting, or refuses it. */
    public static void welcome(
            MessageConnection connection,
            int correlation,
            PeerHello hello,
            String clusterId,
            NodeHost host,
            PartitionService service,
            PeerHealth health,
            EventLoops nodeLoop) {
        if (!hello.clusterId().equals(clusterId)) {
            connection.refuse(
                    correlation,
                    ErrorCode.PROTOCOL_VIOLATION,
                    "node " + hello.node() + " belongs to cluster " + hello.clusterId() + ", this one to " + clusterId);
            return;
        }
        connection.handler(new PeerReceiver(hello.node(), host, service, health));
        connection.identified();
        switch (hello.purpose()) {
            case REQUESTS -> connection.send(correlation, new Done());
            case REPLICATION ->
                connection.moveTo(nodeLoop, NodeHost.LOOP, () -> connection.send(correlation, new Done()));
        }
    }

    @Override
    public void onMessage(MessageConnection connection, int correlation, Message message) {
        if (message instanceof PartitionRequest request) {
            if (request instanceof ExecuteInBranch execute) {
                remember(execute.transaction().origin());
            }
            service.handle(request, answerOn(connection, correlation), this::isClosed);
        } else if (message instanceof PromiseRequest request) {
            host.onPromiseRequest(peer, request, promise -> connection.send(correlation, promise));
        } else if (message instanceof ProbeNode question) {
            health.answer(question, answer -> connection.send(correlation, answer));
        } else if (message instanceof SilentLeader leader) {
            health.onReport(peer, leader);
        } else if (message instanceof DescribeReplicas) {
            host.describe(statuses -> connection.send(correlation, statuses));
        } else if (message instanceof NodeRequest request) {
            service.handle(request, answerOn(connection, correlation));
        } else if (message instanceof DescribeDigests request) {
            service.describe(request, answerOn(connection, correlation));
        } else {
            host.onPeerMessage(peer, message);
        }
    }

    private boolean isClosed() {
        return closed;
    }

    private static Consumer<Message> answerOn(MessageConnection connection, int correlation) {
        return answer -> {
            try {
                connection.send(correlation, answer);
            } catch (OversizedMessageException e) {
                connection.send(
                        correlation,
                        Failure.of(
                                ErrorCode.MESSAGE_TOO_LARGE,
                                e.getMessage() + "; ask for fewer rows at once, or smaller values"));
            }
        };
    }

    private void remember(long origin) {
        if (origin != lastOrigin) {
            lastOrigin = origin;
            origins.add(origin);
        }
    }

    @Override
    public void onClosed(MessageConnection connection, @Nullable Throwable cause) {
        closed = true;
        for (long origin : origins) {
            service.routerGone(origin);
        }
    }
}
