package org.deuterium.router.plan;

import java.util.List;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;

/**
 * A change of the cluster, not of the schema: it is no entry of the schema log and takes no part in a transaction.
 *
 * @param change what is changed
 * @param tables every table that shares the set of partitions, for EXPLAIN
 */
public record ClusterChangePlan(StatementShape shape, Change change, List<String> tables) implements RoutedPlan {

    public ClusterChangePlan {
        tables = List.copyOf(tables);
    }

    /** What is changed. */
    public sealed interface Change permits SetAckRule, SetLogKind, HandOver, RemoveNode {}

    /** When commits of a set of partitions are acknowledged. */
    public record SetAckRule(String partitionSet, AckRule rule) implements Change {

        @Override
        public String toString() {
            return "set of partitions " + partitionSet + ": ACK " + rule;
        }
    }

    /** What the logs of a set of partitions hold. */
    public record SetLogKind(String partitionSet, LogKind kind) implements Change {

        @Override
        public String toString() {
            return "set of partitions " + partitionSet + ": LOG " + kind;
        }
    }

    /** Who leads a partition; the node as it was written, in whatever case. */
    public record HandOver(int partition, String node) implements Change {

        @Override
        public String toString() {
            return "partition " + partition + ": transfer leader to " + node;
        }
    }

    /** A node that is gone and will not come back; as it was written, in whatever case. */
    public record RemoveNode(String node) implements Change {

        @Override
        public String toString() {
            return "node " + node + ": its replicas go to other nodes";
        }
    }

    @Override
    public Kind kind() {
        return Kind.CLUSTER_CHANGE;
    }
}
