package org.deuterium.transport;

/** Decides who listens to a new connection of a server; called on the connection's event loop, must not block. */
@FunctionalInterface
public interface ConnectionAcceptor {

    ConnectionHandler accept(MessageConnection connection);
}
