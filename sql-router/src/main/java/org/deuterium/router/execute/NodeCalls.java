package org.deuterium.router.execute;

import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;

/** A way to ask other nodes of the cluster. */
public interface NodeCalls {

    /**
     * Sends a request and gives the answer, once, on any thread; never blocks. Without an answer, it is a Failure:
     * NO_LEADER if the node surely never saw the request, CONNECTION_BROKEN if it may have done it.
     */
    void call(NodeId node, Message request, Consumer<Message> answer);
}
