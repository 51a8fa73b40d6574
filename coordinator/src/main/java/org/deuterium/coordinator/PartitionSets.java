package org.deuterium.coordinator;

/** How partition sets are made. */
public interface PartitionSets {

    /**
     * Finds or makes the set with this name. The set is in the map when this returns; its partitions have leaders a
     * little later, see {@link ClusterView#awaitLeader}. Blocks until the board has answered.
     *
     * @throws CoordinatorException if the board cannot be reached, or the set exists with other numbers
     */
    PartitionSet ensure(String name, int partitions, int replicas);
}
