package org.deuterium.router.session;

import java.util.concurrent.Executor;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.execute.PartitionLeaders;
import org.deuterium.router.execute.PlanExecutor;
import org.deuterium.router.execute.SchemaFollower;
import org.deuterium.router.execute.TransactionNumbers;
import org.deuterium.router.plan.StatementPlanner;
import org.deuterium.wire.NodeId;

/**
 * What all sessions of a router share.
 *
 * @param self the node the router runs on
 * @param followerWaitMillis how long a follower that is behind may take before a read goes to the leader
 * @param idleTransactionMillis after how long without a request a session's open transaction is rolled back; 0 never
 * @param workers where work that may block is done
 */
public record SessionParts(
        NodeId self,
        ClusterView view,
        CatalogDatabase catalog,
        StatementPlanner planner,
        PlanExecutor executor,
        PartitionLeaders leaders,
        SchemaFollower follower,
        TransactionNumbers numbers,
        Executor workers,
        SessionLimits limits,
        int followerWaitMillis,
        int idleTransactionMillis) {}
