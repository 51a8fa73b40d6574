package org.deuterium.replica.host;

/** Makes the {@link LeaderDuties} of each replica a host takes in; on the node loop or while the host opens. */
public interface DutiesFactory {

    LeaderDuties create(PartitionHost host);

    /** The replica is whole: from now on others may meet it by these duties. */
    void present(PartitionHost host, LeaderDuties duties);

    /** The replica is gone from this node, or about to be rebuilt under another storage id. */
    void removed(PartitionHost host);
}
