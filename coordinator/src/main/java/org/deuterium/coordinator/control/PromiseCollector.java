package org.deuterium.coordinator.control;

import java.util.List;
import java.util.function.Consumer;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;

/** How the controller reaches the voters of a partition. */
public interface PromiseCollector {

    /**
     * Asks each of the nodes, which may include this one, to promise the term. Does not block.
     *
     * @param answers takes each promise given, from any thread, at any time; who refuses or cannot be reached just never
     *     answers, and the controller tries again in a later term
     */
    void ask(PartitionId partition, Term term, List<ClusterNode> voters, Consumer<Promise> answers);
}
