package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.deuterium.system.ClusterFaults.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes under write load, and one fault after another: nothing acknowledged is lost, no read misses what was
 * acknowledged before it began, replicas are equal at the end. Under ASYNC what was acknowledged may be lost; then it is in a
 * side file of a node.
 *
 * <p>Fifty rounds of one ack rule: {@code mvn -B verify -pl system-tests -am -Dtest=FaultRoundsTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Ddeuterium.fault.rounds=50 -Ddeuterium.fault.pause=10000
 * -Ddeuterium.fault.rule=QUORUM}; with {@code -Ddeuterium.ledger.think=5} writers leave room for a second such run beside it.
 */
class FaultRoundsTest {

    private static final int ROUNDS = Integer.getInteger("deuterium.fault.rounds", 5);
    private static final int PAUSE_MILLIS = Integer.getInteger("deuterium.fault.pause", 5_000);
    private static final String RULE = System.getProperty("deuterium.fault.rule", "QUORUM");
    private static final long SEED = Long.getLong("deuterium.fault.seed", 20261126L);
    private static final int PARTITIONS = 3;
    private static final int RECOVERY_MILLIS = 60_000;

    /** A router that stands still is not among them: what it leaves open is for histories to judge. */
    private static final Set<Fault> FAULTS = EnumSet.complementOf(EnumSet.of(Fault.PAUSE_FOLLOWER));

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 90, unit = TimeUnit.MINUTES)
    void nothingAcknowledgedIsLostAndNoReadIsStale() throws Exception {
        try (FaultyCluster cluster = FaultyCluster.start(directory);
                LedgerLoad load = new LedgerLoad(cluster.urls(), 4, SEED);
                Registers registers = new Registers(cluster.urls(), SEED)) {
            String clause =
                    " PARTITION BY HASH (%s) PARTITIONS " + PARTITIONS + (RULE.equals("QUORUM") ? "" : " ACK " + RULE);
            load.createTables(clause.formatted("REGION"));
            registers.createTable(clause.formatted("K"));
            load.start();
            registers.start();
            ClusterFaults faults = new ClusterFaults(cluster, FAULTS, PARTITIONS, PAUSE_MILLIS, SEED);
            for (int round = 1; round <= ROUNDS; round++) {
                Fault fault = faults.next();
                String where = "round " + round + " of " + ROUNDS + ", " + fault + ", " + RULE + ", seed " + SEED;
                awaitProgress(load, where);
                faults.inject(fault, during -> awaitProgress(load, where + ", " + during));
                awaitProgress(load, where);
                if (!RULE.equals("ASYNC")) {
                    assertEquals(List.of(), registers.violations(), where);
                }
                System.out.println(where + ": " + load.summary() + "; " + registers.summary());
            }
            registers.stop();
            load.stop();
            check(cluster, load, registers);
        }
    }

    private static void check(FaultyCluster cluster, LedgerLoad load, Registers registers) throws Exception {
        String summary = RULE + ", seed " + SEED + ": " + load.summary() + "; " + registers.summary();
        assertEquals(List.of(), load.findViolationsButLosses(), summary);
        List<Long> lost = new ArrayList<>(load.findLost());
        if (RULE.equals("ASYNC")) {
            Set<Long> setAside = SetAside.ledgerIds(cluster.dataDirectories());
            System.out.println("ASYNC lost " + lost.size() + " acknowledged transactions; " + setAside.size()
                    + " transactions are in the side files");
            lost.removeAll(setAside);
            assertEquals(List.of(), lost, "lost, and in no side file; " + summary);
        } else {
            assertEquals(List.of(), lost, "acknowledged and lost; " + summary);
            assertNull(registers.lost(), summary);
            assertEquals(List.of(), registers.violations(), summary);
        }
        assertEquals(List.of(), List.copyOf(cluster.differences(60)), summary);
        System.out.println("fault rounds end: " + summary);
    }

    private static void awaitProgress(LedgerLoad load, String where) throws InterruptedException {
        assertTrue(
                load.awaitAcknowledged(load.acknowledgedCount(), 100, RECOVERY_MILLIS),
                () -> "no progress in " + RECOVERY_MILLIS + " ms, " + where + ": " + load.summary());
    }
}
