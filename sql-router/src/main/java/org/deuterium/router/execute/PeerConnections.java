package org.deuterium.router.execute;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.transport.CallFailure;
import org.deuterium.transport.CallListener;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.EventLoops;
import org.deuterium.transport.MessageClient;
import org.deuterium.transport.MessageConnection;
import org.deuterium.transport.TransportSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.OversizedMessageException;
import org.deuterium.wire.replication.PeerHello;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The router's connections to other nodes: for each node one on every event loop, made when first needed, so that a
 * client's statement is sent on from the thread that read it.
 */
public final class PeerConnections implements NodeCalls, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PeerConnections.class);

    private final ClusterView view;
    private final PeerHello hello;
    private final EventLoops loops;
    private final MessageCodec codec;
    private final TransportSettings settings;
    private final Map<Link, CompletableFuture<MessageClient>> links = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** Which connection: a node's process at its address, and the event loop that reads it. */
    private record Link(NodeId node, NodeAddress address, String instance, int loop) {}

    /** @param hello how this node introduces itself */
    public PeerConnections(
            ClusterView view, PeerHello hello, EventLoops loops, MessageCodec codec, TransportSettings settings) {
        this.view = view;
        this.hello = hello;
        this.loops = loops;
        this.codec = codec;
        this.settings = settings;
    }

    @Override
    public void call(NodeId node, Message request, Consumer<Message> answer) {
        ClusterNode target = view.node(node);
        int loop = Math.max(loops.current(), 0);
        Link link = target == null ? standing(node, loop) : new Link(node, target.address(), target.instance(), loop);
        if (link == null || closed) {
            answer.accept(Failure.of(ErrorCode.NO_LEADER, "Node " + node + " is not alive; see SHOW NODES"));
            return;
        }
        CompletableFuture<MessageClient> connecting = links.get(link);
        if (connecting == null) {
            connecting = connect(link);
        }
        MessageClient ready = connecting.isDone() && !connecting.isCompletedExceptionally() ? connecting.join() : null;
        if (ready != null) {
            send(ready, node, request, answer);
            return;
        }
        connecting.whenComplete((client, failure) -> {
            if (failure != null) {
                answer.accept(Failure.of(
                        ErrorCode.NO_LEADER, "Node " + node + " cannot be reached: " + failure.getMessage()));
            } else {
                send(client, node, request, answer);
            }
        });
    }

    /**
     * A connection to a node that ZooKeeper does not name: its session may have ended while its process lives, with the
     * branches of our transactions, which nobody but us ends as long as the connection stands.
     */
    private @Nullable Link standing(NodeId node, int loop) {
        Link found = null;
        for (Map.Entry<Link, CompletableFuture<MessageClient>> entry : links.entrySet()) {
            Link link = entry.getKey();
            boolean stands = link.node().equals(node)
                    && entry.getValue().isDone()
                    && !entry.getValue().isCompletedExceptionally();
            if (stands && (found == null || link.loop() == loop)) {
                found = link;
            }
        }
        return found;
    }

    private static void send(MessageClient client, NodeId node, Message request, Consumer<Message> answer) {
        try {
            client.call(request, new Reply(node, answer));
        } catch (OversizedMessageException e) {
            answer.accept(Failure.of(ErrorCode.MESSAGE_TOO_LARGE, String.valueOf(e.getMessage())));
        }
    }

    /** The listener of one call. */
    private record Reply(NodeId node, Consumer<Message> answer) implements CallListener {

        @Override
        public void onAnswer(Message message) {
            answer.accept(message);
        }

        @Override
        public void onFailure(CallFailure failure) {
            ErrorCode code = failure.surelyNotSent() ? ErrorCode.NO_LEADER : ErrorCode.CONNECTION_BROKEN;
            answer.accept(Failure.of(code, "Node " + node + ": " + failure.message()));
        }
    }

    private CompletableFuture<MessageClient> connect(Link link) {
        CompletableFuture<MessageClient> ready = new CompletableFuture<>();
        CompletableFuture<MessageClient> earlier = links.putIfAbsent(link, ready);
        if (earlier != null) {
            return earlier;
        }
        MessageClient.connect(loops, link.loop(), link.address(), codec, settings, new Owner(link, ready))
                .whenComplete((client, failure) -> {
                    if (failure != null) {
                        links.remove(link, ready);
                        ready.completeExceptionally(failure);
                    } else {
                        introduce(client, link, ready);
                    }
                });
        return ready;
    }

    private void introduce(MessageClient client, Link link, CompletableFuture<MessageClient> ready) {
        client.call(hello, new Reply(link.node(), answer -> {
            if (answer instanceof Done) {
                ready.complete(client);
                return;
            }
            links.remove(link, ready);
            client.close();
            String why = answer instanceof Failure failure ? failure.message() : "it answered " + answer;
            ready.completeExceptionally(new IOException(why));
        }));
    }

    /** Forgets a connection that is gone; the next call makes another one. */
    private final class Owner implements ConnectionHandler {

        private final Link link;
        private final CompletableFuture<MessageClient> ready;

        Owner(Link link, CompletableFuture<MessageClient> ready) {
            this.link = link;
            this.ready = ready;
        }

        @Override
        public void onMessage(MessageConnection connection, int correlation, Message message) {
            LOG.warn("{} said {} without being asked", link.node(), message);
        }

        @Override
        public void onClosed(MessageConnection connection, @Nullable Throwable cause) {
            links.remove(link, ready);
        }
    }

    @Override
    public void close() {
        closed = true;
        for (CompletableFuture<MessageClient> link : links.values()) {
            link.thenAccept(MessageClient::close);
        }
    }
}
