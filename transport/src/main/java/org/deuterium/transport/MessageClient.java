package org.deuterium.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calling side of one connection: many calls at once, told apart by their correlation. It never connects again by
 * itself; who owns it makes another one when {@link ConnectionHandler#onClosed} says so.
 *
 * <p>A call that fails says whether the request can have been seen: the operating system took all of its bytes or not.
 */
public final class MessageClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MessageClient.class);

    private final NodeAddress address;
    private final MessageConnection connection;
    private final ConnectionHandler owner;

    /** Event loop only. */
    private final IntObjectMap<PendingCall> calls = new IntObjectHashMap<>();

    private int lastCorrelation;
    private @Nullable Failure farewell;
    private boolean closed;

    private MessageClient(
            NodeAddress address,
            Channel channel,
            TransportSettings settings,
            FrameReader frames,
            ConnectionHandler owner) {
        this.address = address;
        this.owner = owner;
        this.connection = new MessageConnection(channel, settings, frames, new AnswerHandler());
    }

    /**
     * Connects on any of the event loops.
     *
     * @param owner hears of messages that answer no call, and of the end of the connection once it was made
     * @return completes on an event loop; exceptionally with an IOException that names the address
     */
    public static CompletableFuture<MessageClient> connect(
            EventLoops loops,
            NodeAddress address,
            MessageCodec codec,
            TransportSettings settings,
            ConnectionHandler owner) {
        return connect(loops, loops.group(), address, codec, settings, owner);
    }

    /** Connects on the event loop with this number, so that calls made from it do not change threads. */
    public static CompletableFuture<MessageClient> connect(
            EventLoops loops,
            int loop,
            NodeAddress address,
            MessageCodec codec,
            TransportSettings settings,
            ConnectionHandler owner) {
        return connect(loops, loops.loop(loop), address, codec, settings, owner);
    }

    private static CompletableFuture<MessageClient> connect(
            EventLoops loops,
            EventLoopGroup group,
            NodeAddress address,
            MessageCodec codec,
            TransportSettings settings,
            ConnectionHandler owner) {
        CompletableFuture<MessageClient> result = new CompletableFuture<>();
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(loops.clientChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.connectTimeoutMillis())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, MessageServer.waterMark(settings))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        FrameReader frames = new FrameReader(MessageCodec.MAX_FRAME_BYTES);
                        MessageClient client = new MessageClient(address, channel, settings, frames, owner);
                        channel.pipeline()
                                .addLast(new ConnectionReader(
                                        ConnectionReader.Side.CLIENT, codec, settings, frames, client.connection))
                                .addLast(new ConnectedSignal(client, result));
                    }
                });
        try {
            bootstrap.connect(address.host(), address.port()).addListener((ChannelFutureListener) connecting -> {
                if (!connecting.isSuccess()) {
                    result.completeExceptionally(new IOException(
                            "cannot connect to " + address + ": "
                                    + connecting.cause().getMessage(),
                            connecting.cause()));
                }
            });
        } catch (RejectedExecutionException | IllegalStateException e) {
            result.completeExceptionally(new IOException("cannot connect to " + address + ": stopping", e));
        }
        return result;
    }

    /**
     * Sends a request; the listener is called on the connection's event loop, or right away on the calling thread if
     * the process is stopping.
     *
     * @throws org.deuterium.wire.OversizedMessageException if the request is too large; the listener is not called
     */
    public void call(Message request, CallListener listener) {
        ByteBuf frame = FrameWriter.frame(connection.channel().alloc(), 0, request);
        if (connection.inEventLoop()) {
            start(frame, listener);
            return;
        }
        try {
            connection.channel().eventLoop().execute(() -> start(frame, listener));
        } catch (RejectedExecutionException e) {
            frame.release();
            listener.onFailure(new CallFailure(true, "this process is stopping", e));
        }
    }

    /** Sends a message that has no answer, or drops it if the connection is closed. */
    public void send(Message message) {
        connection.send(0, message);
    }

    /** Event loop only: what was sent leaves now, not at the end of the loop's turn. */
    public void flush() {
        connection.flush();
    }

    public MessageConnection connection() {
        return connection;
    }

    public NodeAddress address() {
        return address;
    }

    /** Closes the connection; open calls fail. */
    @Override
    public void close() {
        connection.close();
    }

    private void start(ByteBuf frame, CallListener listener) {
        if (closed) {
            frame.release();
            listener.onFailure(new CallFailure(true, "the connection to " + address + " is closed", null));
            return;
        }
        PendingCall call = new PendingCall(nextCorrelation(), listener);
        frame.setInt(MessageCodec.HEADER_BYTES - Integer.BYTES, call.correlation);
        calls.put(call.correlation, call);
        ChannelPromise promise = connection.channel().newPromise();
        promise.addListener(call);
        connection.write(frame, promise);
    }

    private int nextCorrelation() {
        do {
            lastCorrelation = lastCorrelation == Integer.MAX_VALUE ? 1 : lastCorrelation + 1;
        } while (calls.containsKey(lastCorrelation));
        return lastCorrelation;
    }

    /** One open call; it hears from Netty whether the operating system took its frame. */
    private final class PendingCall implements ChannelFutureListener {

        private final int correlation;
        private final CallListener listener;

        PendingCall(int correlation, CallListener listener) {
            this.correlation = correlation;
            this.listener = listener;
        }

        @Override
        public void operationComplete(ChannelFuture written) {
            if (!written.isSuccess() && calls.remove(correlation, this)) {
                listener.onFailure(new CallFailure(
                        true, "the connection to " + address + " broke before the request was sent", written.cause()));
            }
        }
    }

    /** Gives each answer to the call it belongs to. */
    private final class AnswerHandler implements ConnectionHandler {

        @Override
        public void onMessage(MessageConnection from, int correlation, Message message) {
            PendingCall call = correlation == 0 ? null : calls.remove(correlation);
            if (call != null) {
                call.listener.onAnswer(message);
            } else if (correlation == 0) {
                if (message instanceof Failure failure) {
                    farewell = failure;
                }
                owner.onMessage(from, 0, message);
            } else {
                LOG.warn("{}: an answer to call {}, which is not open", from, correlation);
            }
        }

        @Override
        public void onWritable(MessageConnection from, boolean writable) {
            owner.onWritable(from, writable);
        }

        @Override
        public void onClosed(MessageConnection from, @Nullable Throwable cause) {
            closed = true;
            String reason = farewell != null
                    ? ": it said " + farewell.message()
                    : cause == null ? "" : ": " + cause.getMessage();
            List<PendingCall> open = new ArrayList<>(calls.values());
            calls.clear();
            for (PendingCall call : open) {
                call.listener.onFailure(
                        new CallFailure(false, "the connection to " + address + " was closed" + reason, cause));
            }
            owner.onClosed(from, cause);
        }
    }
}
