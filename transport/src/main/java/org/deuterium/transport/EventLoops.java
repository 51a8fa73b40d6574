package org.deuterium.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/**
 * The threads that read and write frames, shared by all servers and clients of one process. They are numbered, so that
 * who runs on one of them can use a connection of the same one and spare a thread hop.
 */
public final class EventLoops implements AutoCloseable {

    private static final int KEEP_IDLE_SECONDS = 10;
    private static final int KEEP_INTERVAL_SECONDS = 3;
    private static final int KEEP_PROBES = 3;

    private final MultiThreadIoEventLoopGroup group;
    private final List<EventLoop> loops = new ArrayList<>();
    private final boolean nativeTransport;

    public EventLoops(String threadName, int threads) {
        nativeTransport = Epoll.isAvailable();
        IoHandlerFactory io = nativeTransport ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(threadName, true), io);
        for (EventExecutor loop : group) {
            loops.add((EventLoop) loop);
        }
    }

    public int count() {
        return loops.size();
    }

    /** The number of the event loop that the calling thread is, or -1 if it is none of these. */
    public int current() {
        for (int i = 0; i < loops.size(); i++) {
            if (loops.get(i).inEventLoop()) {
                return i;
            }
        }
        return -1;
    }

    /** True if the calling thread is the loop with this number. */
    public boolean isCurrent(int loop) {
        return loops.get(loop).inEventLoop();
    }

    /** Runs a task on one of the loops; it must not block. */
    public void execute(int loop, Runnable task) {
        loops.get(loop).execute(task);
    }

    /** Runs a task on one of the loops after a delay; it must not block. */
    public void schedule(int loop, long delay, TimeUnit unit, Runnable task) {
        loops.get(loop).schedule(task, delay, unit);
    }

    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    EventLoop loop(int number) {
        return loops.get(number);
    }

    Class<? extends ServerSocketChannel> serverChannel() {
        return nativeTransport ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    Class<? extends SocketChannel> clientChannel() {
        return nativeTransport ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** A client that vanishes without a word (power, network) is noticed in about 20 seconds, its locks released. */
    ServerBootstrap watchForSilence(ServerBootstrap bootstrap) {
        if (nativeTransport) {
            return bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, KEEP_IDLE_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, KEEP_INTERVAL_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPCNT, KEEP_PROBES);
        }
        return bootstrap
                .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEP_IDLE_SECONDS)
                .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEP_INTERVAL_SECONDS)
                .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEP_PROBES);
    }

    /** Closes every connection and ends the threads; returns when they have ended, or after five seconds. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
