package org.deuterium.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.deuterium.server.inspect.ClusterInspector;
import org.deuterium.server.local.ChildProcess;
import org.deuterium.server.local.ClusterFile;
import org.deuterium.server.local.LocalCluster;
import org.deuterium.wire.PartitionId;

/** Three nodes and a ZooKeeper as processes, and what can be done to them. */
final class FaultyCluster implements AutoCloseable {

    static final int NODES = 3;

    private final Path directory;
    private final LocalCluster cluster;
    private final Set<String> paused = new HashSet<>();

    private FaultyCluster(Path directory, LocalCluster cluster) {
        this.directory = directory;
        this.cluster = cluster;
    }

    /** Where each node keeps its log, databases and side files. */
    List<Path> dataDirectories() {
        return dataDirectories(directory);
    }

    /** The same, of a cluster of three nodes in this directory. */
    static List<Path> dataDirectories(Path directory) {
        return nodeNames().stream().map(directory::resolve).toList();
    }

    /** @param nodeOptions more options of every node */
    static FaultyCluster start(Path directory, String... nodeOptions) throws IOException, InterruptedException {
        FaultyCluster made = new FaultyCluster(
                directory, LocalCluster.create(directory, ClusterFile.withPorts(NODES, 0, 0), List.of(nodeOptions)));
        try {
            made.cluster.start(System.out);
            return made;
        } catch (IOException | InterruptedException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    LocalCluster local() {
        return cluster;
    }

    /** A URL that leads to one node alone. */
    String url(int number) {
        return "jdbc:deuterium://127.0.0.1:" + cluster.file().nodePorts().get(number - 1)
                + "/db?user=sa&preferLeader=false";
    }

    List<String> urls() {
        List<String> all = new ArrayList<>();
        for (int number = 1; number <= NODES; number++) {
            all.add(url(number));
        }
        return all;
    }

    static List<String> nodeNames() {
        return List.of("node1", "node2", "node3");
    }

    ClusterInspector inspector() {
        return ClusterInspector.open("127.0.0.1:" + cluster.file().zooKeeperPort());
    }

    String leaderOf(PartitionId partition) throws IOException, InterruptedException {
        try (ClusterInspector inspector = inspector()) {
            return inspector.leaderOf(partition).name();
        }
    }

    /** Waits until other nodes lead all partitions from 1 to this number. */
    void awaitOthersLead(String victim, int partitions) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        try (ClusterInspector inspector = inspector()) {
            for (int number = 1; number <= partitions; number++) {
                String missing = whyNotOthersLead(inspector, victim, new PartitionId(number));
                while (!missing.isEmpty()) {
                    if (System.nanoTime() > deadline) {
                        throw new IOException("120 s after " + victim + " was killed: " + missing);
                    }
                    TimeUnit.MILLISECONDS.sleep(50); // between two looks
                    missing = whyNotOthersLead(inspector, victim, new PartitionId(number));
                }
            }
        }
    }

    private static String whyNotOthersLead(ClusterInspector inspector, String victim, PartitionId partition)
            throws InterruptedException {
        try {
            return inspector.leaderOf(partition).name().equals(victim) ? partition + " is still led by it" : "";
        } catch (IOException e) { // nobody leads yet
            return String.valueOf(e.getMessage());
        }
    }

    /** What the nodes' logs say of replicas that differed or could not be trusted; no death of a process makes one. */
    List<String> distrustedReplicas() throws IOException {
        return DistrustedReplicas.found(dataDirectories());
    }

    /** The term of every partition, as the board shows it. */
    TreeMap<PartitionId, Long> terms() {
        try (ClusterInspector inspector = inspector()) {
            return inspector.terms();
        }
    }

    /** All replicas have the same rows; the load has ended. */
    Collection<String> differences(int patienceSeconds) throws IOException, InterruptedException {
        try (ClusterInspector inspector = inspector()) {
            return inspector.compareReplicas(patienceSeconds).differences();
        }
    }

    ChildProcess process(String name) {
        return name.equals("zookeeper") ? cluster.zooKeeper() : cluster.node(name);
    }

    void kill(String name) throws IOException {
        process(name).kill();
    }

    /** Starts what does not run; returns when every partition has a leader. */
    void startAll() throws IOException, InterruptedException {
        cluster.start(System.out);
    }

    /** SIGSTOP: the process keeps its memory, connections and sessions, and does nothing. */
    void pause(String name) throws IOException, InterruptedException {
        signal("-STOP", name);
        paused.add(name);
    }

    void resume(String name) throws IOException, InterruptedException {
        signal("-CONT", name);
        paused.remove(name);
    }

    private void signal(String signal, String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder(
                        "kill", signal, Long.toString(process(name).pid()))
                .inheritIO()
                .start();
        if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new IOException("kill " + signal + " of " + name + " did not work");
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (String name : List.copyOf(paused)) {
            resume(name);
        }
        cluster.stop(System.out);
    }
}
