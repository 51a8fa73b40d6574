package org.deuterium.server.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deuterium.coordinator.zookeeper.EmbeddedZooKeeper;
import org.deuterium.coordinator.zookeeper.FreePorts;
import org.deuterium.coordinator.zookeeper.ZooKeeperSettings;
import org.deuterium.server.inspect.ReadyCheck;
import org.deuterium.server.node.NodeProcess;
import org.deuterium.server.node.NodeSettings;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.jspecify.annotations.Nullable;

/**
 * A ZooKeeper and some nodes in this JVM, with real sockets and real files in a temporary directory. Nodes have numbers
 * from 1 on; a node that is started again has its port and its data.
 */
public final class EmbeddedCluster implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final long READY_SECONDS = 120;
    private static final long PAUSE_MILLIS = 50;

    /** A node that stops says so; for the rest, a machine that stands still for seconds is to change no leader. */
    private static final int SESSION_MILLIS = 8_000;

    private final Path directory;
    private final EmbeddedZooKeeper zooKeeper;
    private final int count;
    private final long retainedMillis;
    private final List<@Nullable NodeProcess> nodes = new ArrayList<>();
    private final List<NodeAddress> addresses = new ArrayList<>();

    private EmbeddedCluster(Path directory, EmbeddedZooKeeper zooKeeper, int count, long retainedMillis) {
        this.count = count;
        this.retainedMillis = retainedMillis;
        this.directory = directory;
        this.zooKeeper = zooKeeper;
    }

    /** Starts so many nodes and returns when every partition has a leader. */
    public static EmbeddedCluster start(int count) throws Exception {
        return start(count, 0);
    }

    /** The same, whose leaders keep states of the past for transactions AS OF. */
    public static EmbeddedCluster start(int count, long retainedMillis) throws Exception {
        Path directory = Files.createTempDirectory("deuterium-embedded-");
        EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), HOST, 0);
        EmbeddedCluster cluster = new EmbeddedCluster(directory, zooKeeper, count, retainedMillis);
        try {
            for (int number = 1; number <= count; number++) {
                cluster.addresses.add(new NodeAddress(HOST, FreePorts.choose(HOST)));
                cluster.nodes.add(null);
                cluster.startNode(number);
            }
            cluster.awaitReady();
            return cluster;
        } catch (Exception e) {
            cluster.close();
            throw e;
        }
    }

    public String jdbcUrl() {
        return "jdbc:deuterium://"
                + String.join(",", addresses.stream().map(NodeAddress::toString).toList()) + "/db";
    }

    /** The URL of one node only. */
    public String jdbcUrl(int number) {
        return "jdbc:deuterium://" + addresses.get(number - 1) + "/db";
    }

    /** host:port of ZooKeeper. */
    public String zooKeeper() {
        return zooKeeper.connectString();
    }

    public void stopNode(int number) {
        NodeProcess node = nodes.set(number - 1, null);
        if (node == null) {
            throw new IllegalStateException("node " + number + " does not run");
        }
        node.close();
    }

    public void startNode(int number) throws Exception {
        if (nodes.get(number - 1) != null) {
            throw new IllegalStateException("node " + number + " runs already");
        }
        NodeProcess node = NodeProcess.start(
                new NodeSettings(
                        new NodeId("node" + number),
                        ZooKeeperSettings.of(zooKeeper.connectString()).withSessionTimeoutMillis(SESSION_MILLIS),
                        addresses.get(number - 1),
                        directory.resolve("node" + number),
                        Math.min(NodeSettings.DEFAULT_REPLICAS, count),
                        NodeSettings.DEFAULT_REPLACE_SECONDS * 1000L,
                        0, // tests and drills say themselves who leads
                        0,
                        retainedMillis),
                cause -> {});
        nodes.set(number - 1, node);
        addresses.set(number - 1, node.address());
    }

    /** Holds back what a node's replica of a partition shows, or lets it go on; a node that does not run is left alone. */
    public void holdApplier(int number, int partition, boolean on) {
        NodeProcess node = nodes.get(number - 1);
        if (node != null) {
            node.replicas().host().holdApplier(new PartitionId(partition), on);
        }
    }

    /** Returns when every partition has a leader and SQL is answered. */
    public void awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        String missing = ReadyCheck.missing(jdbcUrl());
        while (!missing.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not ready within " + READY_SECONDS + " s: " + missing);
            }
            Thread.sleep(PAUSE_MILLIS);
            missing = ReadyCheck.missing(jdbcUrl());
        }
    }

    /** Stops everything and deletes the directory. */
    @Override
    public void close() throws IOException {
        for (NodeProcess node : nodes) {
            if (node != null) {
                node.close();
            }
        }
        zooKeeper.close();
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
