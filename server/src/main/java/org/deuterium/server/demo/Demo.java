package org.deuterium.server.demo;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.deuterium.benchmarks.TargetDatabase;
import org.deuterium.benchmarks.tpcc.CommitJournal;
import org.deuterium.benchmarks.tpcc.ConsistencyCheck;
import org.deuterium.benchmarks.tpcc.JournalAudit;
import org.deuterium.benchmarks.tpcc.TpccLoader;
import org.deuterium.benchmarks.tpcc.TpccRun;
import org.deuterium.benchmarks.tpcc.TpccScale;
import org.deuterium.server.inspect.ClusterInspector;
import org.deuterium.server.local.LocalCluster;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.jspecify.annotations.Nullable;

/** The scenario of the demonstration, step by step; every claim it prints was checked. */
public final class Demo {

    private static final long FAILOVER_LIMIT_MILLIS = 5_000;
    private static final long CATCH_UP_SECONDS = 60;

    private final LocalCluster cluster;
    private final TpccScale scale;
    private final int terminals;
    private final int seconds;
    private final Path journalFile;
    private final PrintStream out;
    private final TargetDatabase database;
    private final FailoverWatch watch = new FailoverWatch();
    private final List<String> broken = new ArrayList<>();

    public Demo(LocalCluster cluster, TpccScale scale, int terminals, int seconds, Path directory, PrintStream out) {
        this.cluster = cluster;
        this.scale = scale;
        this.terminals = terminals;
        this.seconds = seconds;
        this.journalFile = directory.resolve("acknowledged.journal");
        this.out = out;
        this.database = new TargetDatabase(cluster.jdbcUrl(), null, null);
    }

    /** True if everything held. */
    public boolean run() throws Exception {
        long start = System.nanoTime();
        out.println("== A cluster of three nodes");
        cluster.start(out);
        out.println(cluster.jdbcUrl());
        out.printf(
                "%n== Load: %d warehouses, %d customers a district, %d items (reduced sizes)%n",
                scale.warehouses(), scale.customers(), scale.items());
        new TpccLoader(database, scale, 4, out).load();
        out.printf("%n== %d s of the TPC-C-like mix with %d terminals%n", seconds, terminals);
        TpccRun run;
        try (ClusterInspector inspector =
                ClusterInspector.open("127.0.0.1:" + cluster.file().zooKeeperPort())) {
            run = loadAndKill(inspector);
            run.printReport();
            out.printf("%n== What held%n");
            checkFailover();
            checkTransactions(run);
            checkReplicas(inspector);
        }
        cluster.stop(out);
        broken.forEach(line -> out.println("BROKEN: " + line));
        out.printf(
                "%s after %d s%n",
                broken.isEmpty() ? "All held" : "NOT all held",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
        return broken.isEmpty();
    }

    private TpccRun loadAndKill(ClusterInspector inspector) throws Exception {
        try (CommitJournal journal = CommitJournal.open(journalFile)) {
            TpccRun run = new TpccRun(database, scale, terminals, journal, watch, out);
            Failure failure = new Failure();
            Thread killer = new Thread(() -> failure.catching(() -> killAndRestart(inspector)), "killer");
            killer.start();
            run.run(seconds);
            killer.join();
            failure.rethrow();
            return run;
        }
    }

    /** A third into the run the leader of warehouse 1's partition is killed, two thirds into it the node comes back. */
    private void killAndRestart(ClusterInspector inspector) throws Exception {
        TimeUnit.SECONDS.sleep(seconds / 3);
        Map<Integer, PartitionId> partitions = WarehousePlacement.partitionsOf(scale.warehouses(), database);
        PartitionId first = partitions.get(1);
        if (first == null) {
            throw new IllegalStateException("warehouse 1 is in no partition");
        }
        NodeId victim = inspector.leaderOf(first);
        Set<Integer> concerned = new TreeSet<>();
        for (Map.Entry<Integer, PartitionId> warehouse : partitions.entrySet()) {
            if (inspector.leaderOf(warehouse.getValue()).equals(victim)) {
                concerned.add(warehouse.getKey());
            }
        }
        long pid = cluster.node(victim.name()).pid();
        out.printf(
                "  -- kill -9 %d: %s leads partition %d; of all warehouses it leads %s%n",
                pid, victim, first.number(), concerned);
        watch.killing(concerned);
        cluster.node(victim.name()).kill();
        TimeUnit.SECONDS.sleep(seconds / 3);
        out.printf("  -- starting %s again%n", victim);
        cluster.startNode(victim.name(), out);
    }

    private void checkFailover() {
        Map<Integer, Long> millis = watch.failoverMillis();
        long worst = millis.values().stream().mapToLong(Long::longValue).max().orElse(-1);
        out.printf("failover (kill to first new commit), ms by warehouse: %s%n", millis);
        if (!watch.stillWaiting().isEmpty() || millis.isEmpty()) {
            broken.add("no commit after the kill in warehouses " + watch.stillWaiting());
        } else if (worst > FAILOVER_LIMIT_MILLIS) {
            broken.add("failover took " + worst + " ms; the limit is " + FAILOVER_LIMIT_MILLIS);
        } else {
            out.printf("failover took %,d ms at the most%n", worst);
        }
    }

    private void checkTransactions(TpccRun run) throws Exception {
        if (run.errors() > 0) {
            broken.add(run.errors() + " transactions met an error that is not to be retried");
        }
        broken.addAll(ConsistencyCheck.check(database, scale.warehouses()));
        out.println("consistency conditions 1-4 of TPC-C clause 3.3.2: checked");
        JournalAudit.Finding finding = JournalAudit.audit(database, journalFile);
        out.printf(
                "%,d acknowledged transactions, looked up one by one: %d acknowledged transactions lost%n",
                finding.acknowledged(), finding.lost().size());
        if (!finding.clean()) {
            broken.add(finding.lost().size() + " transactions lost, "
                    + finding.repeated().size() + " repeated");
        }
        if (finding.acknowledged() == 0) {
            broken.add("no transaction was acknowledged");
        }
    }

    private void checkReplicas(ClusterInspector inspector) throws Exception {
        ClusterInspector.Comparison comparison = inspector.compareReplicas(CATCH_UP_SECONDS);
        broken.addAll(comparison.differences());
        out.printf(
                "%d replicas of %d partitions compared row by row (%,d rows each way): %s%n",
                comparison.replicas(),
                comparison.partitions(),
                comparison.rows(),
                comparison.differences().isEmpty() ? "identical" : "DIFFERENT");
    }

    /** Carries what a thread threw to the one that waits for it. */
    private static final class Failure {

        private interface Step {
            void run() throws Exception;
        }

        private volatile @Nullable Throwable thrown;

        void catching(Step step) {
            try {
                step.run();
            } catch (Exception e) {
                thrown = e;
            }
        }

        void rethrow() throws Exception {
            Throwable failure = thrown;
            if (failure != null) {
                throw new IllegalStateException("kill and restart did not work: " + failure.getMessage(), failure);
            }
        }
    }
}
