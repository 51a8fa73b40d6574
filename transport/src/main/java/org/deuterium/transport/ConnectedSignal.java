package org.deuterium.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CompletableFuture;

/** Tells who waits for a client that it is connected, after its connection was made ready, and then goes away. */
final class ConnectedSignal extends ChannelInboundHandlerAdapter {

    private final MessageClient client;
    private final CompletableFuture<MessageClient> waiting;

    ConnectedSignal(MessageClient client, CompletableFuture<MessageClient> waiting) {
        this.client = client;
        this.waiting = waiting;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.pipeline().remove(this);
        waiting.complete(client);
    }
}
