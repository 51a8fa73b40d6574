package org.deuterium.server.node;

import org.deuterium.replica.ReplicaNode;
import org.deuterium.router.session.SessionServer;
import org.deuterium.transport.ConnectionAcceptor;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.MessageConnection;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.client.CancelStatement;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.Ping;
import org.deuterium.wire.replication.PeerHello;
import org.deuterium.wire.statement.Done;
import org.jspecify.annotations.Nullable;

/** The one port of a node: the first message of a connection says whether a client or another node is there. */
final class FrontDoor implements ConnectionAcceptor {

    private volatile @Nullable SessionServer clients;
    private volatile @Nullable ReplicaNode replicas;

    /** From now on other nodes are let in. */
    void openFor(ReplicaNode node) {
        replicas = node;
    }

    /** From now on clients are let in. */
    void openFor(SessionServer sessions) {
        clients = sessions;
    }

    @Override
    public ConnectionHandler accept(MessageConnection connection) {
        return new FirstMessage();
    }

    /** Listens until somebody has said who is there. */
    private final class FirstMessage implements ConnectionHandler {

        @Override
        public void onMessage(MessageConnection connection, int correlation, Message message) {
            SessionServer sessions = clients;
            ReplicaNode node = replicas;
            if (message instanceof Hello || message instanceof CancelStatement) {
                if (sessions == null) {
                    connection.refuse(correlation, ErrorCode.NOT_READY, "This node is starting; try another one");
                } else {
                    sessions.firstMessage(connection, correlation, message);
                }
            } else if (message instanceof Ping) {
                // A driver whose statement takes long wants to know whether this process lives.
                connection.send(correlation, new Done());
                connection.close();
            } else if (message instanceof PeerHello hello) {
                if (node == null) {
                    connection.refuse(correlation, ErrorCode.NOT_READY, "This node is starting; try again");
                } else {
                    node.welcome(connection, correlation, hello);
                }
            } else {
                connection.refuse(
                        correlation,
                        ErrorCode.PROTOCOL_VIOLATION,
                        "A connection begins with a client's or a node's greeting, not with "
                                + message.getClass().getSimpleName());
            }
        }

        @Override
        public void onClosed(MessageConnection connection, @Nullable Throwable cause) {}
    }
}
