package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.deuterium.system.ClusterFaults.Fault;
import org.deuterium.system.Register.Loss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes under write load, and one fault after another: nothing acknowledged is lost, no read misses what was
 * acknowledged before it began, no replica ever differed. Under ASYNC what was acknowledged may be lost, and leaders are
 * killed so that some is; then each of it is in a side file of a node.
 *
 * <p>Without a rule the rounds go through all of them, changed online. Fifty rounds of one ack rule: {@code mvn -B verify
 * -pl system-tests -am -Dtest=FaultRoundsTest -Dsurefire.failIfNoSpecifiedTests=false -Ddeuterium.fault.rounds=50
 * -Ddeuterium.fault.pause=10000 -Ddeuterium.fault.rule=QUORUM}; with {@code -Ddeuterium.ledger.think=5} writers leave room
 * for a second such run beside it.
 */
class FaultRoundsTest {

    private static final int ROUNDS = Integer.getInteger("deuterium.fault.rounds", 5);
    private static final int PAUSE_MILLIS = Integer.getInteger("deuterium.fault.pause", 5_000);
    private static final String RULE = System.getProperty("deuterium.fault.rule", "");
    private static final String ASYNC = "ASYNC";

    /** As many rounds of each, in this order; ASYNC comes last, since what was acknowledged under it may be lost. */
    private static final List<String> RULES =
            RULE.isEmpty() ? List.of("QUORUM", "SEMI_SYNC 2", "SYNC", "CHAIN", ASYNC) : List.of(RULE);

    private static final long SEED = Long.getLong("deuterium.fault.seed", 20261126L);
    private static final int PARTITIONS = 3;
    private static final int RECOVERY_MILLIS = 120_000;

    /** A leader that is alone acknowledges nothing while the machine stands still. */
    private static final int LONELY_LEADERS = ROUNDS < 50 ? 5 : 1;

    /**
     * A router that stands still is not among them: what it leaves open is for histories to judge. Where rules change,
     * the leader is killed under ASYNC.
     */
    private static final Set<Fault> FAULTS = EnumSet.complementOf(
            RULE.isEmpty() ? EnumSet.of(Fault.PAUSE_FOLLOWER, Fault.KILL_LEADER) : EnumSet.of(Fault.PAUSE_FOLLOWER));

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 90, unit = TimeUnit.MINUTES)
    void nothingAcknowledgedIsLostAndNoReadIsStale() throws Exception {
        try (FaultyCluster cluster = FaultyCluster.start(directory);
                LedgerLoad load = new LedgerLoad(cluster.urls(), 4, SEED);
                Registers registers = new Registers(cluster.urls(), SEED)) {
            String clause = " PARTITION BY HASH (%s) PARTITIONS " + PARTITIONS + " ACK " + RULES.get(0);
            allowLosses(RULES.get(0), load, registers);
            load.createTables(clause.formatted("REGION"));
            registers.createTable(clause.formatted("K"));
            load.start();
            registers.start();
            ClusterFaults faults = new ClusterFaults(cluster, FAULTS, PARTITIONS, PAUSE_MILLIS, SEED);
            String inForce = RULES.get(0);
            for (int round = 1; round <= ROUNDS; round++) {
                String rule = RULES.get((round - 1) * RULES.size() / ROUNDS);
                if (!rule.equals(inForce)) {
                    inForce = rule;
                    allowLosses(rule, load, registers);
                    changeRule(cluster, rule);
                }
                round(round, rule, faults, cluster, load, registers);
            }
            registers.stop();
            load.stop();
            check(cluster, load, registers);
        }
    }

    private static void allowLosses(String rule, LedgerLoad load, Registers registers) {
        load.mayLose(rule.equals(ASYNC));
        registers.mayLose(rule.equals(ASYNC));
    }

    /** While everybody writes. */
    private static void changeRule(FaultyCluster cluster, String rule) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RECOVERY_MILLIS);
        while (true) {
            try (Connection connection = DriverManager.getConnection(cluster.url(1));
                    Statement statement = connection.createStatement()) {
                statement.execute("ALTER TABLE LEDGER SET ACK " + rule);
                return;
            } catch (SQLException e) { // some replica may not have caught up yet
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(100); // until it is tried again
            }
        }
    }

    private static void round(
            int round, String rule, ClusterFaults faults, FaultyCluster cluster, LedgerLoad load, Registers registers)
            throws Exception {
        boolean async = rule.equals(ASYNC);
        Fault fault = async && RULE.isEmpty() ? Fault.KILL_LEADER : faults.next();
        String where = "round " + round + " of " + ROUNDS + ", " + fault + ", " + rule + ", seed " + SEED;
        awaitProgress(load, where);
        if (async && fault == Fault.KILL_LEADER) {
            int lonely = 0;
            do {
                faults.killLonelyLeader((partition, leader) -> registers.writeAlone(
                        partition, cluster.url(FaultyCluster.nodeNames().indexOf(leader) + 1)));
                registers.lookAtSpares();
            } while (++lonely < LONELY_LEADERS && registers.losses().isEmpty());
        } else {
            // As SEMI_SYNC 2 of three replicas: no write goes on while one is away.
            faults.goesOnWithoutOne(!rule.equals("SEMI_SYNC " + (FaultyCluster.NODES - 1)));
            faults.inject(fault, during -> awaitProgress(load, where + ", " + during));
        }
        awaitProgress(load, where);
        assertEquals(List.of(), registers.violations(), where);
        assertEquals(List.of(), cluster.distrustedReplicas(), where);
        System.out.println(where + ": " + load.summary() + "; " + registers.summary());
    }

    private static void check(FaultyCluster cluster, LedgerLoad load, Registers registers) throws Exception {
        String summary = "seed " + SEED + ", " + RULES + ": " + load.summary() + "; " + registers.summary();
        assertEquals(List.of(), List.copyOf(cluster.differences(120)), summary);
        registers.lookAtTheEnd();
        assertEquals(List.of(), registers.violations(), summary);
        assertEquals(List.of(), load.findViolationsButLosses(), summary);
        List<Long> lost = load.findLost();
        List<Loss> lostWrites = registers.losses();
        assertEquals(
                List.of(),
                lost.stream().filter(id -> !load.mayBeLost(id)).toList(),
                "acknowledged and lost; " + summary);
        assertEquals(
                List.of(),
                lostWrites.stream().filter(loss -> !loss.allowed()).toList(),
                "acknowledged and lost; " + summary);
        if (RULES.contains(ASYNC)) {
            SetAside setAside = SetAside.read(cluster.dataDirectories());
            System.out.println("ASYNC lost " + lost.size() + " acknowledged transactions and " + lostWrites.size()
                    + " acknowledged writes of registers; " + setAside);
            assertEquals(
                    List.of(),
                    lost.stream().filter(id -> !setAside.hasLedger(id)).toList(),
                    "lost, and in no side file; " + summary);
            assertEquals(
                    List.of(),
                    lostWrites.stream()
                            .filter(loss -> !setAside.hasRegister(loss.key(), loss.value()))
                            .toList(),
                    "lost, and in no side file; " + summary);
            assertTrue(
                    !lostWrites.isEmpty() || ROUNDS < 5,
                    "no leader was alone long enough to lose anything; " + summary);
        }
        assertEquals(List.of(), cluster.distrustedReplicas(), summary);
        System.out.println("fault rounds end: " + summary);
    }

    private static void awaitProgress(LedgerLoad load, String where) throws InterruptedException {
        assertTrue(
                load.awaitEachRegion(15, RECOVERY_MILLIS),
                () -> "some region made no progress in " + RECOVERY_MILLIS + " ms, " + where + ": " + load.summary());
    }
}
