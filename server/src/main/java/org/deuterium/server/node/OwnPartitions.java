package org.deuterium.server.node;

import java.util.function.Consumer;
import org.deuterium.replica.ReplicaNode;
import org.deuterium.router.execute.LocalPartitions;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.DescribeReplicas;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.PartitionRequest;

/** The replicas of this node, as its own router asks them: by a method call. */
record OwnPartitions(ReplicaNode replicas) implements LocalPartitions {

    @Override
    public void handle(PartitionRequest request, Consumer<Message> answer) {
        replicas.service().handle(request, answer);
    }

    @Override
    public void ask(NodeRequest request, Consumer<Message> answer) {
        replicas.service().handle(request, answer);
    }

    @Override
    public void describe(DescribeReplicas request, Consumer<Message> answer) {
        replicas.host().describe(answer::accept);
    }
}
