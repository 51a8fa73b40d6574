package org.deuterium.coordinator;

import java.util.function.UnaryOperator;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;

/** How partition sets are made and changed. Both methods block until the board has answered. */
public interface PartitionSets {

    /**
     * Finds or makes the set with this name. The set is in the map when this returns; its partitions have leaders a
     * little later, see {@link ClusterView#awaitLeader}.
     *
     * @param ackRule of a new set; one that is there keeps its own
     * @param logKind of a new set; one that is there keeps its own
     * @throws CoordinatorException if the board cannot be reached, or the set exists with other numbers
     */
    PartitionSet ensure(String name, int partitions, int replicas, AckRule ackRule, LogKind logKind);

    /** {@link #ensure(String, int, int, AckRule, LogKind)} with the defaults. */
    default PartitionSet ensure(String name, int partitions, int replicas) {
        return ensure(name, partitions, replicas, AckRule.QUORUM, LogKind.DEFAULT);
    }

    /**
     * Changes the rules of a set; its name, partitions and replicas stay. The changed set is in the map when this returns.
     *
     * @throws CoordinatorException if the board cannot be reached (it may be changed or not: do it again), or there is no
     *     such set
     */
    PartitionSet change(String name, UnaryOperator<PartitionSet> change);
}
