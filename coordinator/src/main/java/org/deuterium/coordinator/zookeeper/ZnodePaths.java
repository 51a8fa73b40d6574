package org.deuterium.coordinator.zookeeper;

import java.util.List;
import java.util.Locale;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;

/**
 * Where everything stands in ZooKeeper, below the cluster's root; the table of them all is in the coordinator's DESIGN.md.
 *
 * @param root such as {@code /deuterium}
 */
record ZnodePaths(String root) {

    static final String CLUSTER = "cluster";
    static final String NODES = "nodes";
    static final String MEMBERS = "members";
    static final String CONTROLLER = "controller";
    static final String PARTITION_MAP = "partition-map";
    static final String PARTITIONS = "partitions";
    static final String STATE = "state";
    static final String STORAGES = "storages";
    static final String SCHEMA = "schema";
    static final String HEAD = "head";
    static final String CHANGES = "changes";
    private static final String ALIVE = "alive";

    ZnodePaths {
        if (!root.startsWith("/") || root.length() < 2 || root.endsWith("/")) {
            throw new IllegalArgumentException("root path '" + root + "' does not look like /deuterium");
        }
    }

    String cluster() {
        return root + "/" + CLUSTER;
    }

    String nodes() {
        return root + "/" + NODES;
    }

    String node(NodeId id) {
        return nodes() + "/" + id.name();
    }

    String members() {
        return root + "/" + MEMBERS;
    }

    String member(NodeId id) {
        return members() + "/" + id.name();
    }

    String controller() {
        return root + "/" + CONTROLLER;
    }

    String controllerAlive() {
        return controller() + "/" + ALIVE;
    }

    String partitionMap() {
        return root + "/" + PARTITION_MAP;
    }

    String partitions() {
        return root + "/" + PARTITIONS;
    }

    String partition(PartitionId partition) {
        return partitions() + "/" + partition.number();
    }

    String state(PartitionId partition) {
        return partition(partition) + "/" + STATE;
    }

    String storages(PartitionId partition) {
        return partition(partition) + "/" + STORAGES;
    }

    String storage(PartitionId partition, NodeId node) {
        return storages(partition) + "/" + node.name();
    }

    String schema() {
        return root + "/" + SCHEMA;
    }

    String schemaHead() {
        return schema() + "/" + HEAD;
    }

    String schemaChanges() {
        return schema() + "/" + CHANGES;
    }

    String schemaChange(long version) {
        return schemaChanges() + String.format(Locale.ROOT, "/%010d", version);
    }

    /** The names below the root that lead to a path; none for the root itself. */
    List<String> namesOf(String path) {
        return path.length() <= root.length()
                ? List.of()
                : List.of(path.substring(root.length() + 1).split("/", -1));
    }
}
