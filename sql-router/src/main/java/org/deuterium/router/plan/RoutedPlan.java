package org.deuterium.router.plan;

/** What to do for one SQL text: immutable, and good for any parameters while the schema version stays. */
public sealed interface RoutedPlan
        permits DataPlan,
                CatalogPlan,
                SchemaChangePlan,
                TransactionPlan,
                SessionPlan,
                ShowPlan,
                ExplainPlan,
                ClusterChangePlan,
                KillPlan {

    /** Which record a plan is, for exhaustive switches. */
    enum Kind {
        /** A {@link DataPlan} without a merge: all its slots must be in one partition, else it is refused. */
        ONE_PARTITION,
        /** A {@link DataPlan} with a {@link Merge}: text to some or all partitions of a set, answers merged. */
        GATHER,
        /** A {@link CatalogPlan}. */
        CATALOG,
        /** A {@link SchemaChangePlan}. */
        SCHEMA_CHANGE,
        /** A {@link TransactionPlan}. */
        TRANSACTION,
        /** A {@link SessionPlan}. */
        SESSION,
        /** A {@link ShowPlan}. */
        SHOW,
        /** An {@link ExplainPlan}. */
        EXPLAIN,
        /** A {@link ClusterChangePlan}. */
        CLUSTER_CHANGE,
        /** A {@link KillPlan}. */
        KILL
    }

    Kind kind();

    StatementShape shape();
}
