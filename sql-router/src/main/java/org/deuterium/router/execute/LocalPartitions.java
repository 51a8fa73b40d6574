package org.deuterium.router.execute;

import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.DescribeReplicas;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.PartitionRequest;

/** The replicas that live in the router's own process; asking their leaders is a method call. */
public interface LocalPartitions {

    /**
     * Answers exactly once, on any thread, possibly before this returns; never blocks the caller. A partition that this
     * process does not lead is answered NOT_LEADER.
     */
    void handle(PartitionRequest request, Consumer<Message> answer);

    /** As {@link #handle}, for what concerns the whole node. */
    void ask(NodeRequest request, Consumer<Message> answer);

    /** As {@link #handle}, for the question about all replicas here. */
    void describe(DescribeReplicas request, Consumer<Message> answer);
}
