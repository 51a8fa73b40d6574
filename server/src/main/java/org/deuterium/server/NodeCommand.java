package org.deuterium.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.deuterium.coordinator.zookeeper.ZooKeeperSettings;
import org.deuterium.server.node.NodeProcess;
import org.deuterium.server.node.NodeSettings;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "node". */
@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs one node of a cluster in the foreground, on an existing ZooKeeper ensemble.",
            "Ctrl-C and SIGTERM stop it cleanly. It logs to node.log in its data directory (level:"
                    + " DEUTERIUM_LOG_LEVEL)."
        })
final class NodeCommand implements Callable<Integer> {

    private static final int LONGEST_IDLE_SECONDS = Integer.MAX_VALUE / 1000;

    @Option(names = "--id", required = true, description = "name of the node, unique in the cluster, kept for ever")
    private String id = "";

    @Option(
            names = "--zookeeper",
            required = true,
            paramLabel = "HOST:PORT,...",
            description = "servers of the ensemble")
    private String zooKeeper = "";

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "HOST:PORT",
            description = "where to listen, as other nodes and clients reach it")
    private String listen = "";

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "the node's own directory")
    private Path data = Path.of("");

    @Option(
            names = "--replicas",
            defaultValue = "" + NodeSettings.DEFAULT_REPLICAS,
            description = "replicas of a partition (default: ${DEFAULT-VALUE})")
    private int replicas;

    @Option(
            names = "--replace-after",
            paramLabel = "SECONDS",
            defaultValue = "" + NodeSettings.DEFAULT_REPLACE_SECONDS,
            description = "how long a node is gone before its replicas are given to other nodes, 0: never (default:"
                    + " ${DEFAULT-VALUE}; what counts is the elected controller's node, so give all the same)")
    private int replaceSeconds;

    @Option(
            names = "--spread-leaders",
            paramLabel = "SECONDS",
            defaultValue = "" + NodeSettings.DEFAULT_SPREAD_SECONDS,
            description = "how long the cluster is quiet before a leader is moved from a node that leads more than its"
                    + " share and one partition, and between two such moves, 0: never (default: ${DEFAULT-VALUE}; what"
                    + " counts is the elected controller's node, so give all the same)")
    private int spreadSeconds;

    @Option(
            names = "--idle-transaction-timeout",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "after how long a transaction that its client leaves alone is rolled back, 0: never (default:"
                    + " ${DEFAULT-VALUE}; clients may set their own)")
    private int idleTransactionSeconds;

    @Option(
            names = "--retain-states",
            paramLabel = "SECONDS",
            defaultValue = "${env:DEUTERIUM_RETAIN_STATES:-0}",
            description = "how long replicas keep states of the past for transactions AS OF, 0: none (default:"
                    + " ${DEFAULT-VALUE}; each costs memory for what changes after it; give all"
                    + " nodes the same, or set DEUTERIUM_RETAIN_STATES)")
    private int retainSeconds;

    @Override
    public Integer call() throws Exception {
        requireAtLeast(1, "--replicas", replicas);
        requireAtLeast(0, "--replace-after", replaceSeconds);
        requireAtLeast(0, "--spread-leaders", spreadSeconds);
        requireAtLeast(0, "--retain-states", retainSeconds);
        requireAtLeast(0, "--idle-transaction-timeout", idleTransactionSeconds);
        if (idleTransactionSeconds > LONGEST_IDLE_SECONDS) {
            throw new CommandFailure("--idle-transaction-timeout " + idleTransactionSeconds + " is more than "
                    + LONGEST_IDLE_SECONDS + "; 0 is never");
        }
        NodeSettings settings = new NodeSettings(
                new NodeId(id),
                ZooKeeperSettings.of(zooKeeper),
                NodeAddress.parse(listen),
                data,
                replicas,
                replaceSeconds * 1000L,
                spreadSeconds * 1000L,
                idleTransactionSeconds * 1000,
                retainSeconds * 1000L);
        Files.createDirectories(data);
        ProcessLog.toFile(data.resolve("node.log"));
        NodeProcess node = NodeProcess.start(settings, this::logFailed);
        Runtime.getRuntime().addShutdownHook(new Thread(node::close, "stop"));
        System.out.println("ready " + node.address());
        new CountDownLatch(1).await();
        return 0;
    }

    private static void requireAtLeast(int least, String option, int value) throws CommandFailure {
        if (value < least) {
            throw new CommandFailure(option + " " + value + " is less than " + least);
        }
    }

    /** Nothing may be written or answered after this, not even in good order. */
    private void logFailed(Exception cause) {
        // node.log may be on the very disk that is full
        System.err.println("deuterium node: the log cannot be written, or the node loop failed, so the node ends: "
                + cause.getMessage() + (cause.getCause() == null ? "" : ": " + cause.getCause()) + "; more is in "
                + data.resolve("node.log") + "; repair what it names, then start the node again");
        Runtime.getRuntime().halt(1);
    }
}
