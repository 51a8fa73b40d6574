package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.deuterium.system.ClusterFaults.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes, money that moves between partitions, and one fault after another: every total that anybody reads is
 * right, the copies of a REPLICATED table stay equal, and nothing acknowledged is lost. More rounds with
 * -Ddeuterium.bank.rounds=30.
 */
class BankFaultsTest {

    private static final int ROUNDS = Integer.getInteger("deuterium.bank.rounds", 3);
    private static final int PAUSE_MILLIS = Integer.getInteger("deuterium.bank.pause", 2_000);
    private static final long SEED = Long.getLong("deuterium.bank.seed", 20261126L);
    private static final int PARTITIONS = 3;

    /** A leader is a router too: clients of all kinds lose theirs. */
    private static final Set<Fault> FAULTS = ROUNDS <= 3
            ? EnumSet.of(Fault.KILL_LEADER, Fault.PAUSE_LEADER, Fault.STOP_ZOOKEEPER)
            : EnumSet.allOf(Fault.class);

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 90, unit = TimeUnit.MINUTES)
    void everyTotalIsRight() throws Exception {
        try (FaultyCluster cluster = FaultyCluster.start(directory);
                BankLoad bank = new BankLoad(cluster.urls(), 4, SEED)) {
            bank.createTables(PARTITIONS);
            bank.start();
            ClusterFaults faults = new ClusterFaults(cluster, FAULTS, PARTITIONS, PAUSE_MILLIS, SEED);
            for (int round = 1; round <= ROUNDS; round++) {
                Fault fault = faults.next();
                String where = "round " + round + " of " + ROUNDS + ", " + fault + ", seed " + SEED;
                assertTrue(bank.awaitMore(20, 120_000), where + ": " + bank.summary());
                faults.inject(
                        fault,
                        during ->
                                assertTrue(bank.awaitMore(5, 120_000), where + ", " + during + ": " + bank.summary()));
                assertTrue(bank.awaitMore(20, 120_000), where + ": " + bank.summary());
                assertEquals(List.of(), cluster.distrustedReplicas(), where);
                System.out.println(where + ": " + bank.summary());
            }
            bank.stop();
            assertEquals(List.of(), bank.findViolations(), "seed " + SEED + ": " + bank.summary());
            assertEquals(List.of(), List.copyOf(cluster.differences(120)), "seed " + SEED);
            assertEquals(List.of(), cluster.distrustedReplicas(), "seed " + SEED);
        }
    }
}
