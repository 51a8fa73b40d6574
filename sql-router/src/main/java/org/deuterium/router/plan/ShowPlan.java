package org.deuterium.router.plan;

/**
 * SHOW PARTITIONS, REPLICAS, NODES, TRANSACTIONS or SESSION TOKEN; its columns are in the shape, its rows come from the cluster's view.
 *
 * @param table "SCHEMA.TABLE" to show only that table's partitions, "" for all
 * @param partitionSet the table's set of partitions, "" for all
 */
public record ShowPlan(StatementShape shape, Subject subject, String table, String partitionSet) implements RoutedPlan {

    /** What is shown. */
    public enum Subject {
        PARTITIONS,
        REPLICAS,
        NODES,
        TRANSACTIONS,
        /** The session's own: how far it has come. */
        SESSION_TOKEN
    }

    @Override
    public Kind kind() {
        return Kind.SHOW;
    }
}
