package org.deuterium.server.node;

import java.util.List;
import java.util.function.Consumer;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.replica.service.OwnRouter;
import org.deuterium.router.session.Router;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.TransactionStatuses.ClientTransaction;
import org.deuterium.wire.statement.Failure;

/** The router of this node, as its leaders see it. */
record RouterView(Router router, NodeId self, ClusterView view) implements OwnRouter {

    @Override
    public List<ClientTransaction> transactions() {
        return router.sessions().transactions();
    }

    @Override
    public boolean kill(TransactionId transaction, Failure reason) {
        return router.sessions().kill(transaction, reason);
    }

    @Override
    public List<NodeId> otherNodes() {
        return view.nodes().keySet().stream().filter(node -> !node.equals(self)).toList();
    }

    @Override
    public void ask(NodeId node, NodeRequest request, Consumer<Message> answer) {
        router.leaders().ask(node, request, answer);
    }
}
