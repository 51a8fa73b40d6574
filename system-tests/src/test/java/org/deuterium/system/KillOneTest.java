package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.deuterium.server.inspect.ClusterInspector;
import org.deuterium.server.local.ChildProcess;
import org.deuterium.server.local.ClusterFile;
import org.deuterium.server.local.LocalCluster;
import org.deuterium.server.local.PartlyStartedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of one node after another under load: nothing acknowledged is lost, work goes on, replicas end up equal. */
class KillOneTest {

    private static final int ROUNDS = Integer.getInteger("deuterium.kill.rounds", 2);
    private static final long SEED = Long.getLong("deuterium.kill.seed", 20261123L);
    private static final long FAILOVER_LIMIT_MILLIS = 120_000;

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 90, unit = TimeUnit.MINUTES)
    void oneNodeAfterAnotherDies() throws Exception {
        Random random = new Random(SEED);
        LocalCluster cluster = LocalCluster.create(directory, ClusterFile.withPorts(3, 0, 0));
        cluster.start(System.out);
        try (LedgerLoad load = new LedgerLoad(cluster.jdbcUrl() + "?user=sa", 4, SEED)) {
            load.createTables(" PARTITION BY HASH (REGION) PARTITIONS 3");
            load.start();
            for (int round = 1; round <= ROUNDS; round++) {
                assertTrue(load.awaitAcknowledged(load.acknowledgedCount(), 300, 120_000), load.summary());
                String victim = "node" + (1 + random.nextInt(3));
                cluster.node(victim).kill();
                assertTrue(
                        load.awaitAcknowledged(load.acknowledgedCount(), 300, FAILOVER_LIMIT_MILLIS),
                        "round " + round + ", " + victim + " killed, seed " + SEED + ": " + load.summary());
                if (round == 1) {
                    startsAllButOne(cluster, victim);
                }
                cluster.startNode(victim, System.out);
                System.out.println("kill-one round " + round + " (" + victim + "): " + load.summary());
            }
            load.stop();
            assertEquals(List.of(), load.findViolations(), "seed " + SEED + ": " + load.summary());
            try (ClusterInspector inspector =
                    ClusterInspector.open("127.0.0.1:" + cluster.file().zooKeeperPort())) {
                assertEquals(List.of(), inspector.compareReplicas(120).differences());
            }
            assertEquals(List.of(), DistrustedReplicas.found(FaultyCluster.dataDirectories(directory)));
        } finally {
            cluster.stop(System.out);
        }
    }

    /**
     * A node whose directory is not of this cluster ends at once; the others are none the worse for it, also if what
     * they printed was deleted.
     */
    private void startsAllButOne(LocalCluster cluster, String victim) throws Exception {
        for (ChildProcess process : cluster.processes()) {
            Files.write(directory.resolve(process.name() + ".out"), new byte[] {(byte) 0xE4});
        }
        Path identity = directory.resolve(victim).resolve("node.identity");
        String own = Files.readString(identity);
        Files.writeString(identity, own.replaceFirst("cluster .", "cluster z"));
        PartlyStartedException told = assertThrows(PartlyStartedException.class, () -> cluster.start(System.out));
        assertTrue(told.getMessage().startsWith(victim + " ended: "), told.getMessage());
        assertTrue(told.getMessage().contains("belongs to cluster z"), told.getMessage());
        assertTrue(told.getMessage().contains("the other 2 nodes are ready and stay"), told.getMessage());
        assertEquals(3, cluster.processes().stream().filter(KillOneTest::runs).count());
        Files.writeString(identity, own);
    }

    private static boolean runs(ChildProcess process) {
        try {
            return process.isRunning();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
