package org.deuterium.transport;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.Message;
import org.jspecify.annotations.Nullable;

/** Keeps what happened to a connection, or to calls, until a test asks for it. */
final class Inbox implements ConnectionHandler, CallListener {

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    final CompletableFuture<String> closed = new CompletableFuture<>();

    @Override
    public void onMessage(MessageConnection connection, int correlation, Message message) {
        events.add(message);
    }

    @Override
    public void onClosed(MessageConnection connection, @Nullable Throwable cause) {
        closed.complete(cause == null ? "" : String.valueOf(cause.getMessage()));
    }

    @Override
    public void onAnswer(Message answer) {
        events.add(answer);
    }

    @Override
    public void onFailure(CallFailure failure) {
        events.add(failure);
    }

    <T> T next(Class<T> kind) throws InterruptedException {
        Object event = events.poll(60, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing arrived within 60 s, a " + kind.getSimpleName() + " was expected");
        }
        if (!kind.isInstance(event)) {
            throw new AssertionError("a " + kind.getSimpleName() + " was expected, not " + event);
        }
        return kind.cast(event);
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    String awaitClosed() throws Exception {
        return closed.get(60, TimeUnit.SECONDS);
    }
}
