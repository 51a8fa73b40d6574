package org.deuterium.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.deuterium.benchmarks.tpcc.TpccScale;
import org.deuterium.server.demo.Demo;
import org.deuterium.server.local.ClusterFile;
import org.deuterium.server.local.LocalCluster;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "demo". */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts a cluster of three nodes in a temporary directory, runs a TPC-C-like load, kills with SIGKILL a"
                    + " node that leads a partition, starts it again later, and checks at the end that no acknowledged"
                    + " transaction is lost and that all replicas are equal.",
            "Exit code: 0 if all of that held, else 1. It takes less than three minutes."
        })
final class DemoCommand implements Callable<Integer> {

    @Option(names = "--duration", defaultValue = "60", description = "seconds of load (default: ${DEFAULT-VALUE})")
    private int duration;

    @Option(names = "--warehouses", defaultValue = "6", description = "warehouses (default: ${DEFAULT-VALUE})")
    private int warehouses;

    @Option(names = "--terminals", defaultValue = "8", description = "connections (default: ${DEFAULT-VALUE})")
    private int terminals;

    @Option(
            names = "--customers",
            defaultValue = "60",
            description = "customers of a district (default: ${DEFAULT-VALUE}; TPC-C has 3000)")
    private int customers;

    @Option(
            names = "--items",
            defaultValue = "1000",
            description = "items (default: ${DEFAULT-VALUE}; TPC-C has 100000)")
    private int items;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "use and keep this new directory (default: a temporary one, kept only if something failed)")
    private @Nullable Path data;

    @Override
    public Integer call() throws Exception {
        if (duration < 20) {
            throw new CommandFailure("--duration " + duration + " leaves no time to kill and restart; give 20 or more");
        }
        if (data != null && LocalCluster.exists(data)) {
            throw new CommandFailure(data + " holds a cluster already; give a new directory");
        }
        Path directory = data != null ? data : Files.createTempDirectory("deuterium-demo-");
        LocalCluster cluster = LocalCluster.create(directory, ClusterFile.withPorts(3, 0, 0));
        // A Ctrl-C in the middle must not leave processes behind.
        Thread onExit = new Thread(() -> killAll(cluster), "kill");
        Runtime.getRuntime().addShutdownHook(onExit);
        boolean held = false;
        try {
            TpccScale scale = new TpccScale(warehouses, customers, items);
            held = new Demo(cluster, scale, terminals, duration, directory, System.out).run();
        } finally {
            killAll(cluster);
            Runtime.getRuntime().removeShutdownHook(onExit);
            if (held && data == null) {
                delete(directory);
            } else {
                System.out.println("Data and logs are kept in " + directory);
            }
        }
        return held ? 0 : 1;
    }

    private static void killAll(LocalCluster cluster) {
        try {
            cluster.killAll();
        } catch (IOException e) {
            System.err.println("deuterium demo: a process may still run: " + e.getMessage());
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
