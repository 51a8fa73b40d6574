package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.deuterium.history.History;
import org.deuterium.history.HistoryText;
import org.deuterium.history.check.AnomalyKind;
import org.deuterium.history.check.IsolationModel;
import org.deuterium.history.check.ListAppendChecker;
import org.deuterium.history.check.Verdict;
import org.deuterium.system.ClusterFaults.Fault;
import org.deuterium.system.ListAppendLoad.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes, and clients whose transactions over several partitions are judged afterwards: no history may show what
 * docs/isolation.md excludes for its level, healthy and with leaders, routers and ZooKeeper killed (-9) and paused.
 *
 * <p>Many rounds: {@code mvn -B verify -pl system-tests -am -Dtest=HistoryTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Ddeuterium.history.rounds=30 -Ddeuterium.history.millis=10000}; {@code -Ddeuterium.history.cases=REPEATABLE_READ} for some of
 * the cases only. A history that is not as promised is kept in a file.
 */
class HistoryTest {

    private static final long SEED = Long.getLong("deuterium.history.seed", 20261126L);
    private static final int MILLIS = Integer.getInteger("deuterium.history.millis", 1_500);

    /** Without a fault so many times as long. */
    private static final int HEALTHY = 3;

    /** The first round strikes a leader; then every fault in turn. */
    private static final int ROUNDS = Integer.getInteger("deuterium.history.rounds", 1);

    /** Names of cases, with commas; empty for all. */
    private static final String CASES = System.getProperty("deuterium.history.cases", "");

    private static final int PAUSE_MILLIS = 5_000;
    private static final int PATIENCE_SECONDS = 180;
    private static final int CLIENTS_OF_A_CASE = 4;
    private static final int PARTITIONS = 4;

    /** What is run, and what it must not contradict. */
    private enum Case {
        STATEMENTS_OF_ONE_PARTITION(Shape.SINGLE, TransactionLevel.READ_COMMITTED, IsolationModel.STRICT_SERIALIZABLE),
        STATEMENTS_OF_SEVERAL(Shape.STATEMENTS, TransactionLevel.READ_COMMITTED, IsolationModel.STRICT_SERIALIZABLE),
        /** With all guarantees of sessions, as is the default. */
        READS_FROM_FOLLOWERS(
                Shape.SINGLE, TransactionLevel.READ_COMMITTED, IsolationModel.CAUSAL, "&readPreference=follower"),
        QUERIES_OF_SEVERAL_AT_FOLLOWERS(
                Shape.SWEEPS,
                TransactionLevel.READ_COMMITTED,
                IsolationModel.SESSION_SERIALIZABLE,
                "&readPreference=follower"),
        READ_COMMITTED(Shape.MIXED, TransactionLevel.READ_COMMITTED, IsolationModel.STRONG_READ_COMMITTED),
        REPEATABLE_READ(Shape.MIXED, TransactionLevel.REPEATABLE_READ, IsolationModel.STRONG_SNAPSHOT_ISOLATION),
        SERIALIZABLE(Shape.MIXED, TransactionLevel.SERIALIZABLE, IsolationModel.STRICT_SERIALIZABLE);

        private final Shape shape;
        private final TransactionLevel level;
        private final IsolationModel claim;
        private final String settings;

        Case(Shape shape, TransactionLevel level, IsolationModel claim) {
            this(shape, level, claim, "");
        }

        Case(Shape shape, TransactionLevel level, IsolationModel claim, String settings) {
            this.shape = shape;
            this.level = level;
            this.claim = claim;
            this.settings = settings;
        }
    }

    /** The load of one case in one round. */
    private record Running(Case what, ListAppendLoad load) {}

    @TempDir
    Path directory;

    private int nextKey = 1;

    @Test
    @Timeout(value = 180, unit = TimeUnit.MINUTES)
    void whatClientsSeeIsWhatTheirLevelPromises() throws Exception {
        try (FaultyCluster cluster = FaultyCluster.start(directory, "--retain-states", "5")) {
            ListAppendLoad.createTable(cluster.url(1), " PARTITION BY HASH (K) PARTITIONS " + PARTITIONS);
            List<Case> cases = new ArrayList<>();
            for (Case each : Case.values()) {
                boolean wanted = CASES.isEmpty() || List.of(CASES.split(",")).contains(each.name());
                if (wanted && each.level.isSupported(cluster.url(1))) {
                    cases.add(each);
                }
            }
            runHealthy(cluster, cases);
            ClusterFaults faults = new ClusterFaults(cluster, List.of(Fault.values()), PARTITIONS, PAUSE_MILLIS, SEED);
            for (int round = 1; round <= ROUNDS; round++) {
                runFault(cluster, cases, round, round == 1 ? Fault.KILL_LEADER : faults.next(), faults);
                assertEquals(List.of(), cluster.distrustedReplicas(), "round " + round + ", seed " + SEED);
            }
            assertEquals(List.of(), List.copyOf(cluster.differences(120)), "replicas, seed " + SEED);
            assertEquals(List.of(), cluster.distrustedReplicas(), "replicas, seed " + SEED);
        }
    }

    /** All cases at once. */
    private void runHealthy(FaultyCluster cluster, List<Case> cases) throws Exception {
        String where = "healthy, seed " + SEED;
        List<Running> all = new ArrayList<>();
        try {
            for (Case each : cases) {
                all.add(start(cluster, each, SEED));
            }
            TimeUnit.MILLISECONDS.sleep(HEALTHY * MILLIS); // the length of the experiment
            awaitProgress(all, where);
            for (Running each : all) {
                await(
                        each.load(),
                        "reads of the past, " + where,
                        () -> each.what().shape != Shape.STATEMENTS
                                || each.load().pastReads() > 0);
            }
        } finally {
            for (Running each : all) {
                each.load().stop();
            }
        }
        for (Running each : all) {
            end(each, where);
        }
    }

    /** All cases at once, and a fault in the middle. */
    private void runFault(FaultyCluster cluster, List<Case> cases, int round, Fault fault, ClusterFaults faults)
            throws Exception {
        String where = "round " + round + " of " + ROUNDS + ", " + fault + ", seed " + SEED;
        List<Running> all = new ArrayList<>();
        try {
            for (Case each : cases) {
                all.add(start(cluster, each, SEED + round));
            }
            awaitProgress(all, where);
            faults.inject(fault, during -> awaitProgress(all, where + ", " + during));
            TimeUnit.MILLISECONDS.sleep(MILLIS); // the length of the experiment
            awaitProgress(all, where);
        } finally {
            for (Running each : all) {
                each.load().stop();
            }
        }
        for (Running each : all) {
            end(each, where);
        }
    }

    private Running start(FaultyCluster cluster, Case what, long seed) {
        List<String> urls =
                cluster.urls().stream().map(url -> url + what.settings).toList();
        ListAppendLoad load = new ListAppendLoad(urls, nextKey, what.shape, what.level, seed);
        nextKey += ListAppendLoad.KEYS;
        load.start(CLIENTS_OF_A_CASE);
        return new Running(what, load);
    }

    private static void end(Running running, String where) throws Exception {
        running.load().stop();
        History history = running.load().history();
        Verdict verdict = ListAppendChecker.check(history);
        String what = where + ", " + running.what() + ": " + running.load().summary();
        System.out.println(what + ": " + verdict.names());
        assertEquals(List.of(), running.load().surprises(), what);
        boolean lost = verdict.anomalies().stream().anyMatch(anomaly -> anomaly.kind() == AnomalyKind.LOST_ELEMENT);
        if (lost || !verdict.allows(running.what().claim)) {
            Path kept = Files.createTempFile("history", ".txt");
            Files.writeString(kept, HistoryText.print(history));
            throw new AssertionError(
                    what + " is not " + running.what().claim + "; the history is in " + kept + ": " + verdict);
        }
    }

    /** From now on each load has so many commits more. */
    private static void awaitProgress(List<Running> all, String where) throws InterruptedException {
        Map<ListAppendLoad, Long> enough = new LinkedHashMap<>();
        all.forEach(each -> enough.put(each.load(), each.load().committed() + 30));
        for (ListAppendLoad load : enough.keySet()) {
            await(load, "progress, " + where, () -> load.committed() >= enough.get(load));
        }
    }

    private static void await(ListAppendLoad load, String what, BooleanSupplier seen) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!seen.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> "not in " + PATIENCE_SECONDS + " s: " + what + ": " + load.summary());
            TimeUnit.MILLISECONDS.sleep(5); // between two looks
        }
    }
}
