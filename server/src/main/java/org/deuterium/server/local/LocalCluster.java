package org.deuterium.server.local;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A ZooKeeper and some nodes on loopback, each a JVM of its own, that share one directory: cluster.properties, and for
 * each process its pid file, its console output and its data.
 */
public final class LocalCluster {

    public static final String DEFAULT_DIRECTORY = "deuterium-data";
    private static final String HOST = "127.0.0.1";
    private static final String ZOOKEEPER_HEAP = "256m";
    private static final String NODE_HEAP = "512m";

    private final Path directory;
    private final ClusterFile file;
    private final ChildProcess zooKeeper;
    private final List<ChildProcess> nodes = new ArrayList<>();
    private final Object startOrStop = new Object();
    private boolean stopping;

    private LocalCluster(Path directory, ClusterFile file, List<String> nodeOptions) {
        this.directory = directory.toAbsolutePath().normalize();
        this.file = file;
        this.zooKeeper = new ChildProcess(
                this.directory,
                "zookeeper",
                ZOOKEEPER_HEAP,
                List.of(
                        "zookeeper",
                        "--host",
                        HOST,
                        "--port",
                        Integer.toString(file.zooKeeperPort()),
                        "--data",
                        this.directory.resolve("zookeeper").toString()));
        for (int i = 0; i < file.nodePorts().size(); i++) {
            nodes.add(node(i, nodeOptions));
        }
    }

    private ChildProcess node(int i, List<String> options) {
        String name = "node" + (i + 1);
        List<String> arguments = new ArrayList<>(List.of(
                "node",
                "--id",
                name,
                "--zookeeper",
                HOST + ":" + file.zooKeeperPort(),
                "--listen",
                HOST + ":" + file.nodePorts().get(i),
                "--data",
                directory.resolve(name).toString(),
                "--replicas",
                Integer.toString(Math.min(3, file.nodePorts().size()))));
        arguments.addAll(options);
        return new ChildProcess(directory, name, NODE_HEAP, arguments);
    }

    public static boolean exists(Path directory) {
        return Files.exists(directory.resolve(ClusterFile.NAME));
    }

    /** The cluster that a directory describes. */
    public static LocalCluster open(Path directory) throws IOException {
        if (!exists(directory)) {
            throw new LocalClusterException("there is no cluster in " + directory.toAbsolutePath()
                    + "; make one with: deuterium start --data " + directory);
        }
        return new LocalCluster(directory, ClusterFile.read(directory), List.of());
    }

    /** Writes the description of a new cluster; nothing is started. */
    public static LocalCluster create(Path directory, ClusterFile file) throws IOException {
        return create(directory, file, List.of());
    }

    /**
     * Writes the description of a new cluster; nothing is started.
     *
     * @param nodeOptions more options of {@code deuterium node}, for nodes that this object starts; the directory does not
     *     remember them
     */
    public static LocalCluster create(Path directory, ClusterFile file, List<String> nodeOptions) throws IOException {
        Files.createDirectories(directory);
        file.write(directory);
        return new LocalCluster(directory, file, List.copyOf(nodeOptions));
    }

    public ClusterFile file() {
        return file;
    }

    public String jdbcUrl() {
        List<String> hosts =
                file.nodePorts().stream().map(port -> HOST + ":" + port).toList();
        return "jdbc:deuterium://" + String.join(",", hosts) + "/db";
    }

    /** Leads to this node alone. */
    String urlOf(ChildProcess node) {
        return "jdbc:deuterium://" + HOST + ":" + addressOf(node).getPort() + "/db?preferLeader=false";
    }

    /** Where a process of this cluster listens. */
    InetSocketAddress addressOf(ChildProcess process) {
        return new InetSocketAddress(
                HOST,
                process == zooKeeper ? file.zooKeeperPort() : file.nodePorts().get(nodes.indexOf(process)));
    }

    /** ZooKeeper first, then node1, node2, ... */
    public List<ChildProcess> processes() {
        List<ChildProcess> all = new ArrayList<>();
        all.add(zooKeeper);
        all.addAll(nodes);
        return all;
    }

    /** The process of node1, node2, ... by its number, which begins with 1. */
    public ChildProcess node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no node " + name + " in " + directory));
    }

    List<ChildProcess> nodes() {
        return List.copyOf(nodes);
    }

    public ChildProcess zooKeeper() {
        return zooKeeper;
    }

    /**
     * Starts what does not run yet, and returns when every partition has a leader.
     *
     * @throws PartlyStartedException if some nodes are ready and others are not
     * @throws LocalClusterException if none is ready: then what this call started is ended
     */
    public void start(PrintStream out) throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(
                        directory.resolve("start.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new LocalClusterException(
                        "another program is starting the cluster in " + directory + "; wait for it, then try again");
            }
            List<ChildProcess> started = new ArrayList<>();
            try {
                startProcesses(out, started);
            } catch (PartlyStartedException e) {
                throw e;
            } catch (IOException e) {
                for (ChildProcess process : started) {
                    process.kill();
                }
                throw isStopping() ? new LocalClusterException("it was stopped while it started") : e;
            }
        }
    }

    private void startProcesses(PrintStream out, List<ChildProcess> started) throws IOException, InterruptedException {
        Readiness readiness = new Readiness(this, started, out);
        if (!zooKeeper.isRunning()) {
            out.println("Starting ZooKeeper on " + HOST + ":" + file.zooKeeperPort());
            start(zooKeeper, started);
        }
        readiness.awaitReady(zooKeeper);
        for (int i = 0; i < nodes.size(); i++) {
            ChildProcess node = nodes.get(i);
            if (!node.isRunning()) {
                out.println("Starting " + node.name() + " on " + HOST + ":"
                        + file.nodePorts().get(i));
                start(node, started);
            }
        }
        readiness.awaitLeaders();
        out.println("Ready: " + nodes.size() + " nodes, data in " + directory);
    }

    private void start(ChildProcess process, List<ChildProcess> started) throws IOException {
        synchronized (startOrStop) {
            if (stopping) {
                throw new LocalClusterException(process.name() + " is not started: the cluster is to be stopped");
            }
            process.start();
            started.add(process);
        }
    }

    /** Starts a single node again and returns when it listens. */
    public void startNode(String name, PrintStream out) throws IOException, InterruptedException {
        ChildProcess node = node(name);
        node.start();
        new Readiness(this, List.of(node), out).awaitReady(node);
    }

    /** Stops nodes first, so that they can say good-bye to ZooKeeper. */
    public void stop(PrintStream out) throws IOException {
        int running = 0;
        for (ChildProcess node : nodes) {
            running += node.isRunning() ? 1 : 0;
            node.askToStop();
        }
        for (ChildProcess node : nodes) {
            node.awaitStopped(out);
        }
        running += zooKeeper.isRunning() ? 1 : 0;
        zooKeeper.askToStop();
        zooKeeper.awaitStopped(out);
        out.println(
                running == 0
                        ? "Nothing was running"
                        : "Stopped " + running + (running == 1 ? " process" : " processes") + "; data stay in "
                                + directory);
    }

    /** Stops it, and has a start that is under way, here, start nothing more. */
    public void stopForGood(PrintStream out) throws IOException {
        synchronized (startOrStop) {
            stopping = true;
        }
        stop(out);
    }

    /** True once it is to be stopped for good. */
    public boolean isStopping() {
        synchronized (startOrStop) {
            return stopping;
        }
    }

    /** kill -9 for every process. */
    public void killAll() throws IOException {
        for (ChildProcess process : processes()) {
            process.kill();
        }
    }
}
