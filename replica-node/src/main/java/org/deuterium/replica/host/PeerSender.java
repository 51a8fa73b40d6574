package org.deuterium.replica.host;

import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;

/** The way to other nodes: messages to one node arrive in their order or, after a broken connection, not at all. */
@FunctionalInterface
public interface PeerSender {

    /** Sends, or drops the message if the node cannot be reached; never blocks. */
    void send(NodeId to, Message message);

    /** Node loop: what was sent leaves now, before whatever the loop does next (an fsync). */
    default void flush() {}
}
