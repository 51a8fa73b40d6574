package org.deuterium.coordinator;

/** One process's connection to the board, with everything that can be read and done there. */
public interface Coordinator extends AutoCloseable {

    ClusterView view();

    SchemaLog schemaLog();

    Membership membership();

    PartitionSets partitionSets();

    LeaderElection controllerElection();

    /** Leaves the cluster and closes the connection. */
    @Override
    void close();
}
