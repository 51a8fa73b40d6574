package org.deuterium.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeAddress;
import org.jspecify.annotations.Nullable;

/**
 * A port that speaks messages. Whoever connects may send frames of at most
 * {@link MessageCodec#MAX_FIRST_FRAME_BYTES} until the handler says {@link MessageConnection#identified()}; what is no
 * message is answered with a Failure PROTOCOL_VIOLATION, and only that connection is closed.
 */
public final class MessageServer implements AutoCloseable {

    private static final int BACKLOG = 1024;

    private final Channel channel;
    private final ChannelGroup connections;
    private final NodeAddress address;

    private MessageServer(Channel channel, ChannelGroup connections, NodeAddress address) {
        this.channel = channel;
        this.connections = connections;
        this.address = address;
    }

    /**
     * Listens on a port, 0 for a free one.
     *
     * @throws IOException if the port is taken or the host is not this machine's, with a message that says so
     */
    public static MessageServer listen(
            EventLoops loops,
            String host,
            int port,
            MessageCodec codec,
            TransportSettings settings,
            ConnectionAcceptor acceptor)
            throws IOException {
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ServerBootstrap bootstrap = loops.watchForSilence(new ServerBootstrap())
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark(settings))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        connections.add(accepted);
                        FrameReader frames = new FrameReader(MessageCodec.MAX_FIRST_FRAME_BYTES);
                        MessageConnection connection =
                                new MessageConnection(accepted, settings, frames, new NotYetAccepted());
                        connection.handler(acceptor.accept(connection));
                        accepted.pipeline()
                                .addLast(new ConnectionReader(
                                        ConnectionReader.Side.SERVER, codec, settings, frames, connection));
                    }
                });
        ChannelFuture bound = bootstrap.bind(new InetSocketAddress(host, port)).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + host + ":" + port + ": " + reason(bound.cause())
                            + "; give another port, or stop the program that uses this one",
                    bound.cause());
        }
        int actualPort = ((InetSocketAddress) bound.channel().localAddress()).getPort();
        return new MessageServer(bound.channel(), connections, new NodeAddress(host, actualPort));
    }

    static WriteBufferWaterMark waterMark(TransportSettings settings) {
        return new WriteBufferWaterMark(settings.unwritableAboveBytes() / 2, settings.unwritableAboveBytes());
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /** The host asked for and the port really taken. */
    public NodeAddress address() {
        return address;
    }

    /** How many connections are open. */
    public int connectionCount() {
        return connections.size();
    }

    /** Stops listening and closes every connection that was accepted. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
    }

    /** Stands in while the acceptor decides, so that a connection always has a handler; it is never called. */
    private static final class NotYetAccepted implements ConnectionHandler {

        @Override
        public void onMessage(MessageConnection connection, int correlation, Message message) {
            throw new IllegalStateException("a message before the connection was accepted");
        }

        @Override
        public void onClosed(MessageConnection connection, @Nullable Throwable cause) {}
    }
}
