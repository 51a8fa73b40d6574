package org.deuterium.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.statement.Failure;

/**
 * One open connection, seen from either side. Sending works from any thread and never blocks; what is sent from the
 * connection's own event loop does not change threads, and everything sent during one round of reading leaves in one
 * system call.
 */
public final class MessageConnection {

    private final Channel channel;
    private final TransportSettings settings;
    private final FrameReader frames;
    private final Runnable flush = this::flushNow;
    private volatile ConnectionHandler handler;
    private volatile EventLoop loop;

    /** The rest is touched by the event loop only. */
    private boolean identified;

    private boolean insideRead;
    private boolean flushScheduled;
    private boolean unflushed;
    private boolean refused;
    private boolean pausedByHandler;
    private boolean pausedByFullOutput;

    MessageConnection(Channel channel, TransportSettings settings, FrameReader frames, ConnectionHandler handler) {
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.settings = settings;
        this.frames = frames;
        this.handler = handler;
    }

    /**
     * Sends a message, or drops it if the connection is closed already: {@link ConnectionHandler#onClosed} tells.
     *
     * @param correlation that of the request this answers, or 0 for a message of its own
     * @throws org.deuterium.wire.OversizedMessageException if the message is too large; nothing was sent and the
     *     connection stays usable
     */
    public void send(int correlation, Message message) {
        ByteBuf frame = FrameWriter.frame(channel.alloc(), correlation, message);
        if (loop.inEventLoop()) {
            write(frame, channel.voidPromise());
            return;
        }
        try {
            loop.execute(() -> write(frame, channel.voidPromise()));
        } catch (RejectedExecutionException e) {
            frame.release();
        }
    }

    /** False while so much waits to be sent that a sender of many messages should hold back. Any thread. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    public boolean isOpen() {
        return channel.isActive();
    }

    public SocketAddress remoteAddress() {
        SocketAddress address = channel.remoteAddress();
        return address == null ? channel.localAddress() : address;
    }

    /** Sends what is waiting and closes. */
    public void close() {
        execute(() -> {
            refused = true;
            flushNow();
            channel.close();
        });
    }

    /** Tells the other side why it is not welcome, and closes once it could read that. */
    public void refuse(int correlation, ErrorCode error, String message) {
        execute(() -> refuseNow(correlation, error, message));
    }

    /** The other side said who it is: from now on it may send frames of full size and stay as long as it likes. */
    public void identified() {
        execute(() -> {
            identified = true;
            frames.limit(org.deuterium.wire.MessageCodec.MAX_FRAME_BYTES);
        });
    }

    /**
     * Goes over to another event loop, and runs {@code then} there. For a connection whose other side says nothing
     * until it is answered, and on which nobody else sends yet.
     *
     * @param number which of the loops
     */
    public void moveTo(EventLoops loops, int number, Runnable then) {
        EventLoop next = loops.loop(number);
        loop.execute(() -> channel.deregister().addListener(left -> {
            loop = next;
            next.register(channel).addListener(joined -> {
                if (joined.isSuccess()) {
                    next.execute(then);
                } else {
                    channel.close();
                }
            });
        }));
    }

    /** Event loop only: what was sent and not flushed yet leaves now, before whatever this thread does next. */
    public void flush() {
        unflushed = false;
        channel.flush();
    }

    /** Hands the connection over to another listener, from the next message on. */
    public void handler(ConnectionHandler next) {
        handler = next;
    }

    /** Stops reading, so that the other side cannot pile up work here; messages read already are still delivered. */
    public void pauseReading() {
        execute(() -> {
            pausedByHandler = true;
            updateReading();
        });
    }

    public void resumeReading() {
        execute(() -> {
            pausedByHandler = false;
            updateReading();
        });
    }

    public boolean inEventLoop() {
        return loop.inEventLoop();
    }

    /** Runs a task on the event loop: at once if this is it, later otherwise, never if the process is stopping. */
    public void execute(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            channel.close();
        }
    }

    ConnectionHandler handler() {
        return handler;
    }

    Channel channel() {
        return channel;
    }

    boolean isIdentified() {
        return identified;
    }

    boolean isRefused() {
        return refused;
    }

    /** Event loop only. The promise tells whether every byte of the frame reached the operating system. */
    void write(ByteBuf frame, ChannelPromise promise) {
        channel.write(frame, promise);
        if (insideRead) {
            unflushed = true;
        } else if (!flushScheduled) {
            flushScheduled = true;
            loop.execute(flush);
        }
    }

    void beginRead() {
        insideRead = true;
    }

    void endRead() {
        insideRead = false;
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    /** A reader that does not take its answers is not read from either; else its requests would fill the memory. */
    void fullOutput(boolean full) {
        pausedByFullOutput = full;
        updateReading();
    }

    /** Event loop only. Closing right away would make the operating system throw the refusal away (TCP reset). */
    void refuseNow(int correlation, ErrorCode error, String message) {
        if (refused || !channel.isActive()) {
            return;
        }
        refused = true;
        ByteBuf frame = FrameWriter.frame(channel.alloc(), correlation, Failure.of(error, message));
        channel.writeAndFlush(frame).addListener((ChannelFutureListener) written -> {
            if (written.isSuccess()) {
                ((DuplexChannel) channel).shutdownOutput();
                loop.schedule(() -> channel.close(), settings.lingerMillis(), TimeUnit.MILLISECONDS);
            } else {
                channel.close();
            }
        });
    }

    private void flushNow() {
        flushScheduled = false;
        channel.flush();
    }

    private void updateReading() {
        channel.config().setAutoRead(!pausedByHandler && !pausedByFullOutput);
    }

    @Override
    public String toString() {
        return "connection " + remoteAddress();
    }
}
