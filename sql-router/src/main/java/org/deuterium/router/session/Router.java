package org.deuterium.router.session;

import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionSets;
import org.deuterium.coordinator.SchemaLog;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.execute.LocalPartitions;
import org.deuterium.router.execute.NodeCalls;
import org.deuterium.router.execute.OwnProposals;
import org.deuterium.router.execute.PartitionLeaders;
import org.deuterium.router.execute.PlanExecutor;
import org.deuterium.router.execute.SchemaChanges;
import org.deuterium.router.execute.SchemaFollower;
import org.deuterium.router.execute.ScratchDatabase;
import org.deuterium.router.execute.SequenceCache;
import org.deuterium.router.execute.TransactionNumbers;
import org.deuterium.router.plan.StatementPlanner;
import org.deuterium.wire.NodeId;
import org.jspecify.annotations.Nullable;

/** The router of one node, put together: the catalog it follows, the way to the leaders, and the door for clients. */
public final class Router implements AutoCloseable {

    private static final int QUEUED_WORK = 10_000;

    private final ClusterView view;
    private final CatalogDatabase catalog;
    private final ScratchDatabase scratch;
    private final SchemaFollower follower;
    private final OwnProposals proposals;
    private final PartitionLeaders leaders;
    private final SessionServer sessions;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor waiters;

    /**
     * Makes a router whose catalog is at the version of the schema log.
     *
     * @param local the replicas of this process, or null if it hosts none
     * @throws SQLException if H2 cannot open a database in memory
     */
    public Router(
            NodeId self,
            ClusterView view,
            SchemaLog schemaLog,
            PartitionSets partitionSets,
            @Nullable LocalPartitions local,
            NodeCalls remote,
            RouterSettings settings)
            throws SQLException {
        this.view = view;
        this.workers = pool("router-worker", settings.workerThreads());
        // Those who waited never block, so two threads are enough; workers may all be waiting for what these do.
        this.waiters = pool("router-waiter", 2);
        this.catalog = new CatalogDatabase();
        this.scratch = new ScratchDatabase();
        this.follower = new SchemaFollower(schemaLog, catalog, waiters);
        this.leaders = new PartitionLeaders(self, view, local, remote, waiters);
        StatementPlanner planner = new StatementPlanner(catalog);
        this.proposals = new OwnProposals(self, view, schemaLog);
        SchemaChanges changes = new SchemaChanges(
                schemaLog, proposals, partitionSets, leaders, follower, planner, settings.defaultReplicas());
        PlanExecutor executor = new PlanExecutor(
                leaders, catalog, new SequenceCache(leaders), changes, scratch, settings.mergeMemoryBytes(), workers);
        this.sessions = new SessionServer(new SessionParts(
                self,
                view,
                catalog,
                planner,
                executor,
                leaders,
                follower,
                new TransactionNumbers(),
                workers,
                settings.limits(),
                settings.followerWaitMillis(),
                settings.idleTransactionMillis()));
        view.addListener(follower);
        follower.catchUp();
    }

    private static ThreadPoolExecutor pool(String name, int threads) {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory factory = work -> {
            Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUED_WORK), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Where clients' connections go. */
    public SessionServer sessions() {
        return sessions;
    }

    /** The way to the leaders, for others of this node who ask them something. */
    public PartitionLeaders leaders() {
        return leaders;
    }

    /** The schema as this router knows it. */
    public CatalogDatabase catalog() {
        return catalog;
    }

    /** Says good-bye to the clients, whose transactions are rolled back, and stops. */
    @Override
    public void close() {
        sessions.close();
        view.removeListener(follower);
        stop(workers);
        proposals.close();
        stop(waiters);
        scratch.close();
        catalog.close();
    }

    private static void stop(ExecutorService pool) {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(2, TimeUnit.SECONDS)) {
                pool.shutdownNow();
            }
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
