package org.deuterium.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.deuterium.coordinator.zookeeper.EmbeddedZooKeeper;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "zookeeper". */
@Command(
        name = "zookeeper",
        mixinStandardHelpOptions = true,
        description = {
            "Runs one ZooKeeper server in the foreground, for clusters on one machine; \"start\" uses it.",
            "A real deployment has an ensemble of its own."
        })
final class ZooKeeperCommand implements Callable<Integer> {

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "address to listen on (${DEFAULT-VALUE})")
    private String host = "127.0.0.1";

    @Option(names = "--port", required = true, description = "port to listen on")
    private int port;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "data directory")
    private Path data = Path.of("");

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(data);
        ProcessLog.toFile(data.resolve("zookeeper.log"));
        EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data, host, port);
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        System.out.println("ready " + server.connectString());
        new CountDownLatch(1).await();
        return 0;
    }
}
