package org.deuterium.transport;

import org.deuterium.wire.Message;
import org.jspecify.annotations.Nullable;

/**
 * Who listens to one connection. Every method is called on the connection's event loop, one at a time, and must not
 * block: no lock that others hold for long, no disk, no waiting for another node.
 */
public interface ConnectionHandler {

    /** A message arrived; the bytes it was read from belong to it. */
    void onMessage(MessageConnection connection, int correlation, Message message);

    /** The last call: the connection is gone; without a cause if one of the two sides closed it in good order. */
    void onClosed(MessageConnection connection, @Nullable Throwable cause);

    /** {@link MessageConnection#isWritable()} changed; a sender that held back may go on. */
    default void onWritable(MessageConnection connection, boolean writable) {}
}
