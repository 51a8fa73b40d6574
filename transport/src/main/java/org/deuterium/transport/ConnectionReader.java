package org.deuterium.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.IOException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Netty calls for one connection: bytes become messages for the connection's handler, and silence, garbage and
 * errors become its end.
 *
 * <p>Signs of life: only a {@link MessageClient} asks for them, and a server sends each back. So a driver never sees
 * one, and either side of a connection between nodes notices that the other one froze or its network is gone.
 */
final class ConnectionReader extends ChannelInboundHandlerAdapter implements FrameReader.Sink {

    /** Which of the two sides of a connection this is. */
    enum Side {
        SERVER,
        CLIENT
    }

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionReader.class);

    private final Side side;
    private final MessageCodec codec;
    private final TransportSettings settings;
    private final FrameReader frames;
    private final MessageConnection connection;
    private boolean heardSomething;
    private boolean watched;
    private int silentRounds;
    private long outputProgress;
    private long outputPending;
    private boolean closed;
    private @Nullable Throwable closeCause;

    ConnectionReader(
            Side side,
            MessageCodec codec,
            TransportSettings settings,
            FrameReader frames,
            MessageConnection connection) {
        this.side = side;
        this.codec = codec;
        this.settings = settings;
        this.frames = frames;
        this.connection = connection;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (side == Side.CLIENT) {
            connection.identified();
            watch(context);
        } else {
            context.executor()
                    .schedule(this::endUnidentified, settings.handshakeTimeoutMillis(), TimeUnit.MILLISECONDS);
        }
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object data) {
        ByteBuf in = (ByteBuf) data;
        heardSomething = true;
        connection.beginRead();
        try {
            frames.read(in, this);
        } catch (MalformedMessageException e) {
            violation(0, e);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        connection.endRead();
    }

    @Override
    public boolean wantsMore() {
        return !connection.isRefused();
    }

    @Override
    public void onFrame(int code, int correlation, byte[] payload) {
        if (code == FrameWriter.KEEP_ALIVE_CODE) {
            onKeepAlive();
            return;
        }
        Message message;
        try {
            message = codec.decode(code, new WireReader(payload));
        } catch (MalformedMessageException e) {
            violation(correlation, e);
            return;
        }
        try {
            connection.handler().onMessage(connection, correlation, message);
        } catch (RuntimeException e) {
            LOG.error(
                    "{}: the handler of {} failed",
                    connection,
                    message.getClass().getSimpleName(),
                    e);
            connection.refuseNow(
                    correlation,
                    ErrorCode.INTERNAL_ERROR,
                    "internal error while handling " + message.getClass().getSimpleName() + ": " + e
                            + "; see the node's log");
        }
    }

    private void onKeepAlive() {
        if (side == Side.SERVER && connection.isIdentified()) {
            connection.write(
                    FrameWriter.keepAlive(connection.channel().alloc()),
                    connection.channel().voidPromise());
            if (!watched) {
                watch(connection.channel().pipeline().context(this));
            }
        }
    }

    private void violation(int correlation, MalformedMessageException e) {
        LOG.warn("{}: closed, because it sent what is no message: {}", connection, e.getMessage());
        closeCause = e;
        connection.refuseNow(
                correlation,
                ErrorCode.PROTOCOL_VIOLATION,
                e.getMessage() + "; this port speaks Deuterium's protocol only, use its JDBC driver");
    }

    private void endUnidentified() {
        if (!connection.isIdentified() && !connection.isRefused() && !closed) {
            closeCause =
                    new IOException("nobody introduced himself within " + settings.handshakeTimeoutMillis() + " ms");
            connection.refuseNow(
                    0,
                    ErrorCode.PROTOCOL_VIOLATION,
                    "no greeting within " + settings.handshakeTimeoutMillis() + " ms; connect again");
        }
    }

    private void watch(ChannelHandlerContext context) {
        watched = true;
        int every = settings.keepAliveMillis();
        if (every > 0) {
            // Not at a fixed rate: after this process has stood still, the rounds it missed would come one upon
            // the other, before anything is read, and find everybody silent.
            ScheduledFuture<?> watching =
                    context.executor().scheduleWithFixedDelay(this::checkLife, every, every, TimeUnit.MILLISECONDS);
            context.channel().closeFuture().addListener(end -> watching.cancel(false));
        }
    }

    private void checkLife() {
        if (heardSomething || outputMoved()) {
            heardSomething = false;
            silentRounds = 0;
        } else if (++silentRounds >= settings.missedKeepAlives()
                && connection.channel().config().isAutoRead()) {
            closeCause = new IOException("nothing heard from " + connection.remoteAddress() + " for "
                    + (long) silentRounds * settings.keepAliveMillis() + " ms");
            connection.channel().close();
            return;
        }
        if (side == Side.CLIENT) {
            connection.write(
                    FrameWriter.keepAlive(connection.channel().alloc()),
                    connection.channel().voidPromise());
        }
    }

    /** True when the other side took something of a long message since the last round: it is busy, not gone. */
    private boolean outputMoved() {
        ChannelOutboundBuffer output = connection.channel().unsafe().outboundBuffer();
        if (output == null || output.isEmpty()) {
            return false;
        }
        // what this side adds to the queue, its own signs of life among it, is no progress
        boolean moved = output.currentProgress() != outputProgress || output.totalPendingWriteBytes() < outputPending;
        outputProgress = output.currentProgress();
        outputPending = output.totalPendingWriteBytes();
        return moved;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean writable = context.channel().isWritable();
        if (side == Side.SERVER) {
            connection.fullOutput(!writable);
        }
        connection.handler().onWritable(connection, writable);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (closeCause == null) {
            closeCause = cause;
        }
        if (cause instanceof IOException) {
            LOG.debug("{}: broken", connection, cause);
        } else {
            LOG.error("{}: closed after an unexpected error", connection, cause);
        }
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!closed) {
            closed = true;
            connection.handler().onClosed(connection, closeCause);
        }
    }
}
