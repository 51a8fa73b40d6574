package org.deuterium.replica.service;

import java.util.List;
import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.TransactionStatuses.ClientTransaction;
import org.deuterium.wire.statement.Failure;

/** What the leaders of a node need of its own router: its clients' transactions, and the way to all other nodes. */
public interface OwnRouter {

    List<ClientTransaction> transactions();

    /** Ends the transaction of a client of this router, which is told why; false if it is none of its clients'. */
    boolean kill(TransactionId transaction, Failure reason);

    /** The other nodes that live. */
    List<NodeId> otherNodes();

    /** Asks another node; answered once, on any thread, at worst by a Failure; never blocks. */
    void ask(NodeId node, NodeRequest request, Consumer<Message> answer);
}
