package org.deuterium.coordinator.control;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;

/** How the controller reaches the voters of a partition. */
public interface PromiseCollector {

    /**
     * Asks each of the nodes, which may include this one, to promise the term. Does not block.
     *
     * @param answers takes each answer and who gave it, from any thread, at any time; who cannot be reached just never
     *     answers, and the controller tries again in a later term
     */
    void ask(PromiseRequest request, List<ClusterNode> voters, BiConsumer<NodeId, Promise> answers);

    /** Asks a leader to give the replica of a lost node to another one. Does not block; the board tells what came of it. */
    void askToReplace(ClusterNode leader, PartitionId partition, NodeId lost, NodeId fresh);

    /** Asks a partition's leader to hand it over to another replica. Does not block; the board tells what came of it. */
    void askToHandOver(PartitionId partition, NodeId to);

    /**
     * Finds out whether a process that the board does not show any more still answers: then only its session has ended,
     * and it is about to join again. Does not block.
     *
     * @param answer takes it from any thread; false at once if there is no connection, never if nothing is heard
     */
    void ifAnswers(NodeId node, String instance, Consumer<Boolean> answer);
}
