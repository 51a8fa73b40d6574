package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.deuterium.server.local.ClusterFile;
import org.deuterium.server.local.LocalCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of every node and of ZooKeeper at once, under load with row-lock waits and with checkpoints every few
 * hundred milliseconds, again and again on the same data: each acknowledged transaction is there, exactly once.
 *
 * <p>Twenty rounds: {@code mvn -B verify -pl system-tests -am -Dtest=KillAllTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Ddeuterium.kill.rounds=20}
 */
class KillAllTest {

    private static final int ROUNDS = Integer.getInteger("deuterium.kill.rounds", 1);
    private static final long SEED = Long.getLong("deuterium.kill.seed", 20261123L);

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 90, unit = TimeUnit.MINUTES)
    void everyAcknowledgedTransactionIsThereExactlyOnce() throws Exception {
        Random random = new Random(SEED);
        LocalCluster cluster = LocalCluster.create(directory, ClusterFile.withPorts(3, 0, 0));
        cluster.start(System.out);
        try {
            LedgerLoad load = new LedgerLoad(cluster.jdbcUrl() + "?user=sa", 4, SEED);
            load.createTables(" PARTITION BY HASH (REGION) PARTITIONS 2");
            for (int round = 1; round <= ROUNDS; round++) {
                int before = load.acknowledgedCount();
                load.start();
                assertTrue(load.awaitAcknowledged(before, 200 + random.nextInt(800), 120_000), load.summary());
                cluster.killAll();
                load.stop();
                cluster.start(System.out);
                assertEquals(
                        List.of(), load.findViolations(), "round " + round + ", seed " + SEED + ": " + load.summary());
                assertEquals(List.of(), DistrustedReplicas.found(FaultyCluster.dataDirectories(directory)));
                System.out.println("kill-all round " + round + " of " + ROUNDS + ": " + load.summary());
            }
        } finally {
            cluster.stop(System.out);
        }
    }
}
