package org.deuterium.replica.peer;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deuterium.coordinator.ClusterNode;
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
 * One connection to each other node for what replicas say: messages arrive in their order, or not at all when the
 * connection breaks; the cores notice and send again. What is on its way to one node is bounded by the cores' windows.
 */
public final class PeerLinks implements PeerSender, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PeerLinks.class);
    private static final int LOOP = 0;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final Function<NodeId, @Nullable ClusterNode> whereIs;
    private final PeerHello hello;
    private final EventLoops loops;
    private final MessageCodec codec;
    private final TransportSettings settings;
    private final Map<NodeId, Link> links = new ConcurrentHashMap<>();

    /** Node loop only. */
    private final Set<MessageClient> unflushed = new HashSet<>();

    private volatile Consumer<NodeId> whenLost = node -> {};
    private volatile boolean closed;

    /**
     * @param whereIs where a node that is alive listens
     * @param hello how this node introduces itself
     * @param loops the node loop: it reads and writes these connections itself, so that an entry changes threads once
     */
    public PeerLinks(
            Function<NodeId, @Nullable ClusterNode> whereIs,
            PeerHello hello,
            EventLoops loops,
            MessageCodec codec,
            TransportSettings settings) {
        this.whereIs = whereIs;
        this.hello = hello.forReplication();
        this.loops = loops;
        this.codec = codec;
        this.settings = settings;
    }

    /** Tells of each link that stood and broke; on an event loop, must not block. */
    void whenLost(Consumer<NodeId> listener) {
        whenLost = listener;
    }

    @Override
    public void send(NodeId to, Message message) {
        MessageClient client = link(to).ready();
        if (client != null) {
            try {
                client.send(message);
                if (loops.isCurrent(LOOP)) {
                    unflushed.add(client);
                }
            } catch (OversizedMessageException e) {
                LOG.error("a message for {} is too large and was not sent", to, e);
            }
        }
    }

    @Override
    public void flush() {
        for (MessageClient client : unflushed) {
            client.flush();
        }
        unflushed.clear();
    }

    /** Asks a node something; if it cannot be reached now, the listener hears so. */
    public void call(NodeId to, Message request, CallListener listener) {
        MessageClient client = link(to).ready();
        if (client == null) {
            listener.onFailure(new CallFailure(true, "node " + to + " is not connected", null));
        } else {
            client.call(request, listener);
        }
    }

    private Link link(NodeId to) {
        Link link = links.get(to);
        return link != null ? link : links.computeIfAbsent(to, Link::new);
    }

    /** The connection to one node, made again after it broke, each time a little later. */
    private final class Link {

        private final NodeId node;
        private volatile @Nullable MessageClient client;
        private boolean connecting;
        private long pauseMillis = FIRST_PAUSE_MILLIS;
        private long nextTryNanos = System.nanoTime();

        Link(NodeId node) {
            this.node = node;
        }

        /** The connection if it stands; else begins to make one, if it is time. */
        @Nullable
        MessageClient ready() {
            MessageClient known = client;
            if (known != null) {
                return known;
            }
            synchronized (this) {
                if (!connecting && !closed && System.nanoTime() - nextTryNanos >= 0) {
                    connect();
                }
                return client;
            }
        }

        private void connect() {
            ClusterNode target = whereIs.apply(node);
            if (target == null) {
                pause();
                return;
            }
            connecting = true;
            MessageClient.connect(loops, LOOP, target.address(), codec, settings, new Ends())
                    .whenComplete((made, failure) -> {
                        if (failure != null) {
                            failed(failure);
                        } else {
                            introduce(made);
                        }
                    });
        }

        private void introduce(MessageClient made) {
            made.call(hello, new CallListener() {
                @Override
                public void onAnswer(Message answer) {
                    if (answer instanceof Done) {
                        connected(made);
                    } else {
                        made.close();
                        failed(new IOException(
                                answer instanceof Failure failure ? failure.message() : "it answered " + answer));
                    }
                }

                @Override
                public void onFailure(CallFailure failure) {
                    made.close();
                    failed(new IOException(failure.message()));
                }
            });
        }

        private synchronized void connected(MessageClient made) {
            connecting = false;
            pauseMillis = FIRST_PAUSE_MILLIS;
            if (closed || !made.connection().isOpen()) {
                made.close();
                return;
            }
            client = made;
            LOG.info("{}: connected to {}", hello.node(), node);
        }

        private synchronized void failed(Throwable failure) {
            connecting = false;
            LOG.debug("{}: cannot connect to {}", hello.node(), node, failure);
            pause();
        }

        private void pause() {
            nextTryNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        }

        private void lost(MessageConnection connection) {
            synchronized (this) {
                MessageClient known = client;
                if (known == null || known.connection() != connection) {
                    return;
                }
                client = null;
                nextTryNanos = System.nanoTime();
            }
            LOG.info("{}: lost the connection to {}", hello.node(), node);
            if (!closed) {
                whenLost.accept(node);
            }
        }

        synchronized void close() {
            MessageClient known = client;
            client = null;
            if (known != null) {
                known.close();
            }
        }

        /** Hears of the end of the connection. */
        private final class Ends implements ConnectionHandler {

            @Override
            public void onMessage(MessageConnection connection, int correlation, Message message) {
                LOG.warn("{} said {} without being asked", node, message);
            }

            @Override
            public void onClosed(MessageConnection connection, @Nullable Throwable cause) {
                lost(connection);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        links.values().forEach(Link::close);
    }
}
