package org.deuterium.benchmarks.micro;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.h2.tools.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "h2-server". */
@Command(
        name = "h2-server",
        mixinStandardHelpOptions = true,
        description = {
            "Runs an unreplicated H2 TCP server in the foreground, to compare with (the H2 that Deuterium uses).",
            "Its URLs are jdbc:h2:tcp://127.0.0.1:PORT/NAME; a database is made when first connected to."
        })
public final class H2ServerCommand implements Callable<Integer> {

    @Option(names = "--port", required = true, description = "port to listen on")
    private int port;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "directory of its databases")
    private Path data = Path.of("");

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(data);
        Server server = Server.createTcpServer(
                "-tcpPort",
                Integer.toString(port),
                "-ifNotExists",
                "-baseDir",
                data.toAbsolutePath().toString());
        server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::stop, "stop"));
        System.out.println("ready 127.0.0.1:" + server.getPort());
        new CountDownLatch(1).await();
        return 0;
    }
}
