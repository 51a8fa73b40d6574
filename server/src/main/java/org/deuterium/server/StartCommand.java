package org.deuterium.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.deuterium.server.local.ClusterFile;
import org.deuterium.server.local.LocalCluster;
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
                    + " has the same ports and the same data."
        })
final class StartCommand implements Callable<Integer> {

    @Option(names = "--nodes", description = "nodes of a new cluster (default: 3)")
    private int nodes;

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
        cluster.start(System.out);
        if (foreground) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(cluster), "stop"));
        }
        System.out.println(cluster.jdbcUrl());
        if (foreground) {
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private LocalCluster openOrCreate() throws IOException, CommandFailure {
        if (LocalCluster.exists(data)) {
            LocalCluster cluster = LocalCluster.open(data);
            ClusterFile file = cluster.file();
            if (nodes != 0 && nodes != file.nodePorts().size()) {
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
        int count = nodes == 0 ? 3 : nodes;
        if (count < 1 || count > 16) {
            throw new CommandFailure("--nodes " + count + " is not between 1 and 16");
        }
        return LocalCluster.create(data, ClusterFile.withPorts(count, port, zooKeeperPort));
    }

    private static void stop(LocalCluster cluster) {
        try {
            cluster.stop(System.out);
        } catch (IOException e) {
            System.err.println("deuterium start: " + e.getMessage());
        }
    }
}
