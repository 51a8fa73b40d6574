package org.deuterium.server.node;

import java.nio.file.Path;
import org.deuterium.coordinator.zookeeper.ZooKeeperSettings;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;

/**
 * What one node is given.
 *
 * @param zooKeeper where the ensemble is, and after which silence it counts this node as gone
 * @param listen where to listen, port 0 for a free one; also the address other nodes and clients are told
 * @param data the node's own directory
 * @param replicas of each partition
 * @param replaceAfterMillis how long a node is gone before its replicas are given to others; 0: never
 * @param spreadMillis how long the cluster is quiet before a leader is moved from a node that leads too many; 0: never
 * @param idleTransactionMillis after how long without a request a client's open transaction is rolled back; 0: never
 * @param retainedMillis how long replicas keep states of the past for transactions AS OF; 0: they keep none
 */
public record NodeSettings(
        NodeId id,
        ZooKeeperSettings zooKeeper,
        NodeAddress listen,
        Path data,
        int replicas,
        long replaceAfterMillis,
        long spreadMillis,
        int idleTransactionMillis,
        long retainedMillis) {

    public static final int DEFAULT_REPLICAS = 3;

    public static final int DEFAULT_REPLACE_SECONDS = 300;

    public static final int DEFAULT_SPREAD_SECONDS = 10;
}
