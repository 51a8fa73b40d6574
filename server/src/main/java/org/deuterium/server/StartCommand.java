package org.deuterium.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.deuterium.server.local.ClusterFile;
import org.deuterium.server.local.LocalCluster;
import org.deuterium.server.local.PartlyStartedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "start". */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts a cluster on this machine: one ZooKeeper and several nodes, each a process of its own on loopback.",
            "Returns when the cluster is ready; the last line is its JDBC URL. Started again on the same directory it"
                    + " has the same ports and the same data.",
            "Exit code: 0 if every node is ready, else 1: nodes that are ready stay all the same, and those that are"
                    + " not are named; if none is ready, what was started is ended."
        })
final class StartCommand implements Callable<Integer> {

    @Option(names = "--nodes", description = "nodes of a new cluster (default: 3)")
    private @Nullable Integer nodes;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = LocalCluster.DEFAULT_DIRECTORY,
            description = "directory of the cluster (default: ./${DEFAULT-VALUE})")
    private Path data = Path.of(LocalCluster.DEFAULT_DIRECTORY);

    @Option(
            names = "--port",
            description = "port of the first node of a new cluster, the others follow (default: free ports)")
    private int port;

    @Option(names = "--zookeeper-port", description = "port of ZooKeeper in a new cluster (default: a free port)")
    private int zooKeeperPort;

    @Option(names = "--foreground", description = "stay, and stop the cluster on Ctrl-C")
    private boolean foreground;

    @Override
    public Integer call() throws Exception {
        LocalCluster cluster = openOrCreate();
        if (foreground) {
            return stay(cluster);
        }
        boolean whole = start(cluster);
        System.out.println(cluster.jdbcUrl());
        return whole ? 0 : 1;
    }

    private static int stay(LocalCluster cluster) throws IOException, InterruptedException {
        // Before it starts: a Ctrl-C meanwhile must not leave processes behind.
        Thread onExit = new Thread(() -> stop(cluster), "stop");
        Runtime.getRuntime().addShutdownHook(onExit);
        try {
            start(cluster);
        } catch (IOException e) {
            if (!cluster.isStopping()) {
                // What was started is ended already, and what others have started is theirs.
                Runtime.getRuntime().removeShutdownHook(onExit);
            }
            throw e;
        }
        System.out.println(cluster.jdbcUrl());
        new CountDownLatch(1).await();
        return 0;
    }

    private static boolean start(LocalCluster cluster) throws IOException, InterruptedException {
        try {
            cluster.start(System.out);
            return true;
        } catch (PartlyStartedException e) {
            System.err.println("deuterium start: " + e.getMessage());
            return false;
        }
    }

    private LocalCluster openOrCreate() throws IOException, CommandFailure {
        if (LocalCluster.exists(data)) {
            LocalCluster cluster = LocalCluster.open(data);
            ClusterFile file = cluster.file();
            if (nodes != null && nodes != file.nodePorts().size()) {
                throw new CommandFailure(data + " holds a cluster of "
                        + file.nodePorts().size() + " nodes; leave out --nodes, or give another --data");
            }
            if ((port != 0 && port != file.nodePorts().get(0))
                    || (zooKeeperPort != 0 && zooKeeperPort != file.zooKeeperPort())) {
                throw new CommandFailure(
                        data + " holds a cluster whose nodes listen on " + file.nodePorts() + " and ZooKeeper on "
                                + file.zooKeeperPort() + "; leave out the ports, or give another --data");
            }
            return cluster;
        }
        int count = nodes == null ? 3 : nodes;
        if (count < 1 || count > 16) {
            throw new CommandFailure("--nodes " + count + " is not between 1 and 16");
        }
        return LocalCluster.create(data, ClusterFile.withPorts(count, port, zooKeeperPort));
    }

    private static void stop(LocalCluster cluster) {
        try {
            cluster.stopForGood(System.out);
        } catch (IOException e) {
            System.err.println("deuterium start: " + e.getMessage());
        }
    }
}
