package org.deuterium.replica.peer;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.replica.host.PeerSender;
import org.deuterium.transport.CallFailure;
import org.deuterium.transport.CallListener;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.EventLoops;
import org.deuterium.transport.MessageClient;
import org.deuterium.transport.MessageConnection;
import org.deuterium.transport.TransportSettings;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.OversizedMessageException;
import org.deuterium.wire.replication.PeerHello;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What replicas of this node say to replicas of others: one connection to each node, made when first needed and again
 * after it broke. Messages wait while it is being made; if it cannot be, they are dropped, and the cores say it again.
 */
public final class PeerLinks implements PeerSender, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PeerLinks.class);

    /** More is not kept for a node that is being connected to; the cores send again. */
    private static final int WAITING_MESSAGES = 1_000;

    private final ClusterView view;
    private final PeerHello hello;
    private final EventLoops loops;
    private final MessageCodec codec;
    private final TransportSettings settings;
    private final Map<NodeId, Link> links = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param hello how this node introduces itself */
    public PeerLinks(
            ClusterView view, PeerHello hello, EventLoops loops, MessageCodec codec, TransportSettings settings) {
        this.view = view;
        this.hello = hello;
        this.loops = loops;
        this.codec = codec;
        this.settings = settings;
    }

    @Override
    public void send(NodeId to, Message message) {
        ClusterNode node = view.node(to);
        if (node == null || closed) {
            return;
        }
        Link link = links.get(to);
        if (link == null || !link.node.equals(node)) {
            link = links.compute(to, (id, present) -> {
                if (present != null && present.node.equals(node)) {
                    return present;
                }
                if (present != null) {
                    present.close();
                }
                return new Link(node);
            });
        }
        link.send(message);
    }

    @Override
    public void close() {
        closed = true;
        links.values().forEach(Link::close);
    }

    /** The connection to one process of one node. */
    private final class Link implements ConnectionHandler, CallListener {

        private final ClusterNode node;
        private final ArrayDeque<Message> waiting = new ArrayDeque<>();
        private volatile @Nullable MessageClient ready;
        private @Nullable MessageClient connecting;
        private boolean gone;

        Link(ClusterNode node) {
            this.node = node;
            MessageClient.connect(loops, node.address(), codec, settings, this).whenComplete((client, failure) -> {
                if (failure != null) {
                    LOG.debug("no connection to {}", node.id(), failure);
                    forget();
                } else {
                    introduce(client);
                }
            });
        }

        void send(Message message) {
            MessageClient client = ready;
            if (client == null) {
                synchronized (this) {
                    client = ready;
                    if (client == null) {
                        if (!gone && waiting.size() < WAITING_MESSAGES) {
                            waiting.add(message);
                        }
                        return;
                    }
                }
            }
            sendNow(client, message);
        }

        private void sendNow(MessageClient client, Message message) {
            try {
                client.send(message);
            } catch (OversizedMessageException e) {
                LOG.error(
                        "a {} for {} is too large to be sent",
                        message.getClass().getSimpleName(),
                        node.id(),
                        e);
            }
        }

        private synchronized void introduce(MessageClient client) {
            connecting = client;
            if (gone) {
                client.close();
            } else {
                client.call(hello, this);
            }
        }

        @Override
        public synchronized void onAnswer(Message answer) {
            MessageClient client = connecting;
            if (answer instanceof Done && client != null && !gone) {
                for (Message message : waiting) {
                    sendNow(client, message);
                }
                waiting.clear();
                ready = client;
                return;
            }
            if (answer instanceof Failure refused) {
                LOG.warn("{} refused this node: {}", node.id(), refused.message());
            }
            forget();
        }

        @Override
        public void onFailure(CallFailure failure) {
            forget();
        }

        @Override
        public void onMessage(MessageConnection connection, int correlation, Message message) {
            LOG.warn(
                    "{} said {} without being asked",
                    node.id(),
                    message.getClass().getSimpleName());
        }

        @Override
        public void onClosed(MessageConnection connection, @Nullable Throwable cause) {
            forget();
        }

        /** The next message makes a new connection. */
        private void forget() {
            links.remove(node.id(), this);
            close();
        }

        private synchronized void close() {
            gone = true;
            waiting.clear();
            ready = null;
            if (connecting != null) {
                connecting.close();
            }
        }
    }
}
